/** The real linphone as the callee's phone: what its own call log has of calls that it did not get, in a real lab. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { type Launcher, programLauncher } from '../../harness/processes/launcher.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { cancelSituations } from '../../scenarios/cancel-reason.ts';
import { cancelRows } from '../../scenarios/variants/cancel-reason.ts';
import { smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/linphone-phone.ts', import.meta.url));

async function phone(context: TestContext, file = EXAMPLE): Promise<Launcher> {
  const { state } = await findTool('linphone');
  if (state !== 'found') context.skip('linphone is not installed: apt-get install linphone-cli');
  return programLauncher(`command:${file}`, { command: process.execPath, args: [file], env: {} });
}

function logged({ observed }: CellResult): string | undefined {
  return observed.legs.find(({ role }) => role === 'phone')?.loggedAs;
}

describe.concurrent('the call log of linphone', () => {
  it('has a missed call, but where the CANCEL says that somebody else took it', async (context) => {
    const ua = await phone(context);
    const rows = cancelRows.map(({ id }) => id);
    const run = await smallRun({ situations: cancelSituations.map(({ id }) => id), variants: rows, ua, inTime: true });
    const wrong = run.results.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unspecified');
    expect(wrong.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
    const without = cancelSituations.map(({ id }) => [id, logged(run.cell(id, 'none'))]);
    expect(without).toEqual([
      ['cancelled-by-caller', 'missed'],
      ['cancelled-by-caller-heeded', 'missed'],
      ['cancelled-by-answer', 'elsewhere'],
      ['cancelled-by-timer', 'missed'],
    ]);
    expect(rows.map((row) => logged(run.cell('cancelled-by-caller', row)))).toEqual([
      'elsewhere',
      'elsewhere',
      'missed',
    ]);
  });

  it('fails a phone that minds no Reason, and is no witness where nothing is ever missed or said', async (context) => {
    await using place = await scratch();
    const source = await readFile(await phone(context).then(() => EXAMPLE), 'utf8');
    const broken = async (name: string, change: (text: string) => string): Promise<Launcher> => {
      const file = join(place.dir, `${name}.ts`);
      await writeFile(file, change(source));
      return phone(context, file);
    };
    const question = {
      situations: ['cancelled-by-caller'],
      variants: ['cancel-completed-elsewhere'],
      inTime: true,
    };
    const row = async (ua: Launcher, variant: string) =>
      (await smallRun({ ...question, ua })).cell('cancelled-by-caller', variant);
    const deaf = await broken('deaf', (text) => text.replaceAll("'elsewhere'", "'missed'"));
    expect(await row(deaf, 'cancel-completed-elsewhere')).toMatchObject({
      verdict: 'fail',
      why: expect.stringMatching(/and its call log has a missed call all the same, but rfc3326-elsewhere-not-missed/),
    });
    const carefree = await broken('carefree', (text) => text.replaceAll("'missed'", "'other'"));
    expect(await row(carefree, 'none')).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/its call log has it as "other", not as missed$/),
    });
    const mute = await broken('mute', (text) => text.replace('tellLog();\n', ';\n'));
    expect(await row(mute, 'none')).toMatchObject({
      verdict: 'inconclusive',
      why: 'the phone did not say what it has of the call in its call log',
    });
  });
});
