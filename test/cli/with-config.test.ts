import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRunOptions } from '../../harness/cli/run-options.ts';
import { withConfig } from '../../harness/cli/with-config.ts';
import { ringfence } from '../helpers/cli.ts';

const KEYS = ['scenarios', 'server', 'accounts', 'rate', 'concurrency', 'singleFile', 'allure', 'transport'] as const;

/** The options of a run in a folder that has this file. */
async function options(text: string, args: readonly string[] = [], name = 'ringfence.config.ts') {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-config-'));
  try {
    await writeFile(join(folder, name), text);
    return await withConfig(args, KEYS, (each) => parseRunOptions(each), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const config = (value: string): string => `const own = 'mine';\n\nexport default ${value};\n`;

describe('the configuration of a repository', () => {
  it('stands for what is not typed', async () => {
    const said = config("{ scenarios: ['a', own], server: 'asterisk', rate: 7, allure: false, singleFile: true }");
    expect(await options(said)).toMatchObject({
      scenarioDirs: ['a', 'mine'],
      servers: [{ id: 'asterisk' }],
      rate: 7,
      concurrency: 2000,
      allure: false,
      singleFile: true,
    });
  });

  it.for([['--rate', '9'], ['--rate=9']])('gives way to what is typed: %s', async (typed) => {
    expect(await options(config('{ rate: 7, concurrency: 3 }'), typed)).toMatchObject({ rate: 9, concurrency: 3 });
  });

  it.for([
    ['--single-file', 'false', true],
    ['--no-single-file', 'true', false],
  ] as const)('gives way to the opposite that is typed: %s', async ([typed, said, singleFile]) => {
    expect(await options(config(`{ singleFile: ${said} }`))).toMatchObject({ singleFile: said === 'true' });
    expect(await options(config(`{ singleFile: ${said} }`), [typed])).toMatchObject({ singleFile });
    expect(await options(config('{ rate: 7 }'))).toMatchObject({ singleFile: null });
  });

  it('gives way as a whole list, and with what belongs to its server', async () => {
    const said = config("{ scenarios: ['a', 'b'], server: 'sip:127.0.0.1', accounts: 'accounts.yaml' }");
    const typed = ['--scenarios', 'c', '--server', 'kamailio'];
    expect(await options(said, typed)).toMatchObject({ scenarioDirs: ['c'], servers: [{ id: 'kamailio' }] });
  });

  it.for(['ringfence.config.mts', 'ringfence.config.js', 'ringfence.config.mjs'])('may be %s', async (name) => {
    expect(await options(config('{ rate: 7 }'), [], name)).toMatchObject({ rate: 7 });
  });

  it.for([
    [
      '{\n  rate: 7,\n  sever: own,\n}',
      /ringfence\.config\.ts:5: sever: found 'mine'; allowed: no such key, but an object with.* server \(optional\)/,
    ],
    ["{\n  transport: 'sctp',\n}", /config\.ts:4: transport: found 'sctp'; allowed: udp, tcp/],
    ["{\n  rate: '7',\n}", /config\.ts:4: rate: found '7'; allowed: a whole number/],
    ['{\n  allure: true,\n  rate: 99999,\n}', /config\.ts:5: --rate takes a whole number from 1 to 2000, not "99999"/],
    ["{\n  server: 'kamalio',\n}", /config\.ts:4: unknown server "kamalio"; did you mean "kamailio"\?/],
    ["{\n  accounts: 'a.yaml',\n}", /config\.ts:4: --accounts is for a live server alone/],
    ['[]', /config\.ts:3: found \[\]; allowed: an object/],
    ['{ rate: }', /config\.ts:\d+: does not load/],
  ] as const)('is refused with its line: %s', async ([value, said]) => {
    await expect(options(config(value))).rejects.toThrow(said);
  });

  it('is looked for where the command is started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-config-'));
    await writeFile(join(folder, 'ringfence.config.mjs'), "export default { scenarios: 'nowhere' };\n");
    const { exitStatus, stderr } = await ringfence(['list', 'situations'], { cwd: folder });
    await writeFile(join(folder, 'ringfence.config.ts'), 'export default {};\n');
    const two = await ringfence(['run'], { cwd: folder });
    await rm(folder, { recursive: true });
    expect(stderr).toContain('--scenarios nowhere: cannot be read');
    expect(exitStatus).toBe(2);
    expect(two.stderr).toContain('ringfence.config.mjs and ringfence.config.ts: which is meant?');
  });
});
