/** action.yml and templates/ringfence.yml, with the packed package, in repositories of users: their shell steps run as the platform would run them. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gitlabPreview } from '../ci/gitlab-preview.ts';
import type { Finished } from '../helpers/cli.ts';
import { scratch } from '../setup/scratch.ts';
import { PACKAGE_JSON, packed, ROOT, run, UserRepository } from './user.ts';

/** Two policies, and a header line that a shell would like to read. */
const ODD = 'X-Odd: "$(touch pwned)" `touch pwned`; $HOME';
const ASKED = {
  policy: 'ms-sipre\nplain\n',
  variant: 'x-no-voicemail',
  header: ODD,
  filters: 'voicemail-busy',
  report: 'out',
};
const FILES = {
  'package.json': PACKAGE_JSON,
  'ringfence.config.mjs': 'export default { allure: false };\n',
};
const FROM_CACHE = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_loglevel: 'error' };

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly 'working-directory'?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Ended extends Finished {
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** What GitHub's runner does with a composite action, but for the steps that are actions of others. */
async function act(repository: UserRepository, given: Readonly<Record<string, string>>): Promise<Ended> {
  const { inputs, outputs, runs }: Action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8'));
  const filled = (text: string): string =>
    text.replaceAll(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_all, name: string) => given[name] ?? inputs[name]?.default ?? '',
    );
  await using place = await scratch();
  const [output, summary] = [join(place.dir, 'output'), join(place.dir, 'summary')];
  const runner = { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
  for (const file of [output, summary]) await writeFile(file, '');
  let ended: Finished = { exitStatus: 0, stdout: '', stderr: '' };
  for (const step of runs.steps) {
    if (step.run === undefined || ended.exitStatus !== 0) continue;
    const own = Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]);
    const env = { ...FROM_CACHE, ...runner, ...Object.fromEntries(own) };
    const cwd = join(repository.folder, filled(step['working-directory'] ?? '.'));
    ended = await run('sh', ['-e', '-c', step.run], { cwd, env });
  }
  const said = (await readFile(output, 'utf8')).matchAll(/^(\w+)=(.*)$/gm);
  const ofStep = new Map([...said].map(([, name, value]) => [name, value]));
  const outputOf = (value: string): string => ofStep.get(/steps\.run\.outputs\.(\w+)/.exec(value)?.[1]) ?? 'none';
  const told = Object.entries(outputs).map(([name, { value }]) => [name, outputOf(value)]);
  return { ...ended, outputs: Object.fromEntries(told), summary: await readFile(summary, 'utf8') };
}

interface Results {
  readonly cells: readonly { readonly policy: string; readonly situation: string; readonly variant: string }[];
}
async function askedCells(file: string, asked: string): Promise<void> {
  const { cells } = JSON.parse(await readFile(file, 'utf8')) as Results;
  expect(new Set(cells.map(({ policy }) => policy))).toEqual(new Set(['ms-sipre', 'plain']));
  expect(new Set(cells.map(({ situation }) => situation))).toEqual(new Set([asked]));
  expect(cells).toHaveLength(6); // the control, one row of ours, one of a header line, twice
}

describe('the action', () => {
  it('and the component install the package, place the calls that their inputs name, and end as the run does', async () => {
    await using place = await scratch();
    const repository = new UserRepository(join(place.dir, 'repository'));
    await repository.write(FILES);
    const { exitStatus, stderr, outputs, summary } = await act(repository, { ...ASKED, package: await packed() });
    expect(exitStatus, stderr).toBe(0);
    const out = join(repository.folder, 'out');
    expect(outputs).toEqual({
      status: '0',
      report: out,
      page: join(out, 'index.html'),
      results: join(out, 'results.json'),
      junit: join(out, 'junit.xml'),
    });
    for (const file of [outputs.page, outputs.junit]) expect(existsSync(file ?? ''), file).toBe(true);
    await askedCells(outputs.results ?? '', 'voicemail-busy');
    expect(await readFile(outputs.results ?? '', 'utf8')).toContain(JSON.stringify(ODD));
    expect(existsSync(join(repository.folder, 'pwned'))).toBe(false);
    expect(summary).toContain('X-No-Voicemail: true');

    // What is installed is not installed again, and who asks for what there is not is told so.
    const wrong = await act(repository, { ...ASKED, policy: 'plane', package: 'no-such-package' });
    expect(wrong.stderr).toContain('did you mean "plain"?');
    expect([wrong.exitStatus, wrong.outputs.status]).toEqual([2, '2']);

    // GitLab's component, in the same repository, with a scenario that fails.
    const scenario = await readFile(join(ROOT, 'docs/examples/repository/busy-then-forward.ts'), 'utf8');
    const failing = scenario
      .replaceAll('busy-then-forward', 'never-right')
      .replace('toBeLessThanOrEqual(1)', 'toBe(7)');
    await repository.write({ 'sip/never-right.ts': failing });
    const asked = { ...ASKED, filters: 'never-right', scenarios: 'sip', report: 'of-gitlab' };
    const preview = await gitlabPreview({
      'templates/ringfence.yml': await readFile(join(ROOT, 'templates/ringfence.yml'), 'utf8'),
      '.gitlab-ci.yml': JSON.stringify({
        include: [{ local: 'templates/ringfence.yml', inputs: asked }],
      }),
    });
    const { ringfence } = preview as { ringfence: { script: string[]; variables: Record<string, string> } };
    const script = ['-e', '-o', 'pipefail', '-c', ringfence.script.join('\n')];
    const ended = await repository.run('bash', script, { ...FROM_CACHE, CI: 'true', ...ringfence.variables });
    expect(ended.exitStatus, ended.stderr).toBe(1);
    await askedCells(join(repository.folder, 'of-gitlab/results.json'), 'never-right');
    expect(existsSync(join(repository.folder, 'of-gitlab/junit.xml'))).toBe(true);
  }, 300_000);
});
