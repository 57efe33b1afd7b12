/** A live server whose voice mail is inside of it, from the command line: Asterisk, started by hand. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { ringfence } from '../helpers/cli.ts';
import { type HandStartedAsterisk, handStartedAsterisk } from './hand-started-asterisk.ts';

const KEPT_OUT = 'sensitivity-private-no-diversion';
const CELLS = ['--situation', 'voicemail-no-answer', '--variant', KEPT_OUT, '--variant', 'x-no-voicemail'];

async function skipWithoutAsterisk(context: TestContext): Promise<void> {
  const found = await findTool('asterisk');
  if (found.state !== 'found') context.skip('Asterisk is not here: ./ringfence test unpacks it where it may');
}

async function runOn({ uri, accountsFile, dir, passwords }: HandStartedAsterisk, ...more: readonly string[]) {
  const report = join(dir, 'report');
  const args = ['run', '--server', uri, '--accounts', accountsFile, '--report', report, '--no-allure', '--rate', '20'];
  const { exitStatus, stdout, stderr } = await ringfence([...args, ...CELLS, ...more], {
    env: passwords,
    timeoutMs: 280_000,
  });
  const written = await readFile(join(report, 'results.json'), 'utf8').catch(() => null);
  if (written === null) throw new Error(`no results (exit status ${exitStatus}): ${stderr}`);
  const results: RunResults = JSON.parse(written);
  return { exitStatus, stdout, stderr, ...results };
}

describe.concurrent('a live server with its voice mail inside', () => {
  it.for([
    [5000, '{ talkMs: 2500, countedWithinMs: 3000 }', ['message-waiting', 'fingerprint']],
    [1000, '{ shownBy: [fingerprint], talkMs: 2500 }', ['fingerprint']],
  ] as const)('is asked about it, where it waits %s ms and %s', async ([totalMs, inside, by], context) => {
    await skipWithoutAsterisk(context);
    await using live = await handStartedAsterisk({ inside, totalMs });
    const { exitStatus, stderr, stdout, cells, run } = await runOn(live);
    expect({ exitStatus, stderr }).toMatchObject({ exitStatus: 0 });
    expect(stderr).toMatch(/^plan: 3 calls and about \d+ of canaries, at most 1 at once, about \d+ s$/m);
    expect(cells.map(({ variant, verdict, observed }) => [variant, verdict, observed.outcome])).toEqual([
      ['none', 'unspecified', 'engaged'],
      [KEPT_OUT, 'unspecified', 'suppressed'],
      ['x-no-voicemail', 'unspecified', 'engaged'],
    ]);
    for (const { observed } of cells) {
      const arrived = observed.arrivals?.map((each) => each.by);
      expect(arrived).toEqual(observed.outcome === 'engaged' ? by : []);
    }
    // The account is lent to one call after the other: what was counted is each one's own.
    const rises = cells.flatMap(
      ({ observed }) => observed.arrivals?.filter((each) => each.by === 'message-waiting') ?? [],
    );
    expect(rises.map(({ seen }) => seen.replace(/\d+ ms/, '… ms'))).toEqual(
      by.length === 1
        ? []
        : [
            'message-waiting rose from 0 to 1, … ms after the INVITE',
            'message-waiting rose from 1 to 2, … ms after the INVITE',
          ],
    );
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('behaves like ms-sipre');
    expect(run.behavesLike?.[live.uri]?.find(({ policy }) => policy === 'plain')?.against).toHaveLength(1);
  });

  it('passes and fails where it is held to a policy', async (context) => {
    await skipWithoutAsterisk(context);
    await using live = await handStartedAsterisk({ inside: '{ talkMs: 2500, countedWithinMs: 3000 }' });
    const { exitStatus, cells } = await runOn(live, '--expect', 'plain');
    expect(exitStatus).toBe(1);
    expect(cells.map(({ variant, verdict }) => [variant, verdict])).toEqual([
      ['none', 'pass'],
      [KEPT_OUT, 'fail'],
      ['x-no-voicemail', 'pass'],
    ]);
  });

  it('proves nothing where it tells nobody of messages, and nothing else may show them', async (context) => {
    await skipWithoutAsterisk(context);
    const mute = (text: string, name: string): string =>
      name === 'voicemail-modules.conf' ? text.replace('load = res_pjsip_mwi.so\n', '') : text;
    const inside = '{ shownBy: [message-waiting], talkMs: 2500, countedWithinMs: 1000 }';
    await using live = await handStartedAsterisk({ inside, editConfig: mute });
    const { cells } = await runOn(live);
    for (const { verdict, why } of cells) {
      expect([verdict, why]).toEqual([
        'inconclusive',
        expect.stringMatching(/no leg on record answered|no canary reached/),
      ]);
    }
  });

  it('says what became of the canaries where it takes no message, and leaves nothing open', async (context) => {
    await skipWithoutAsterisk(context);
    const refuses = (text: string, name: string): string =>
      name === 'dialplan.conf' ? text.replaceAll(/VoiceMail\([^)]*\)/g, 'Hangup(19)') : text;
    await using live = await handStartedAsterisk({ inside: '{ talkMs: 2500 }', editConfig: refuses });
    const { cells, stderr } = await runOn(live);
    for (const { verdict, why } of cells) {
      expect([verdict, why]).toEqual([
        'inconclusive',
        expect.stringMatching(/^no canary reached voice mail before the call \(to car[lo]+: final 480\): the trap/),
      ]);
    }
    expect(stderr).not.toContain('still held by');
  });
});
