/** A server of one's own that has nearly everything, says so, and claims a policy. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { describeServer, ownServer } from '../../harness/servers/own/own-server.ts';
import { scenarios } from '../../scenarios/index.ts';
import { besidesLateness, smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/whole-kamailio.ts', import.meta.url));
const KEPT_OUT = 'sensitivity-private-no-diversion';

async function wholeRun(args: readonly string[], situations: readonly string[]) {
  await using place = await scratch();
  const launcher = programLauncher('command:whole', { command: process.execPath, args: [PROGRAM, ...args] });
  const description = await describeServer(launcher, { logFile: join(place.dir, 'describe.log') });
  const server = ownServer({ kind: 'command', description, expect: null });
  return smallRun({ own: { server, launcher }, situations, variants: ['none', KEPT_OUT], inTime: true });
}

describe.concurrent('a server with rules', () => {
  it('obeys them in all situations, as accounts of the file have them', async () => {
    const all = scenarios.map(({ id }) => id);
    const { results, outcome } = await wholeRun([], all);
    expect(outcome.ended).toBe('complete');
    expect(besidesLateness(outcome.warnings)).toEqual([]);
    const said = results.map(({ situation, variant, verdict, why }) => `${situation} ${variant} ${verdict} ${why}`);
    expect(said.filter((each) => !/ (pass null|unspecified .*)$/.test(each))).toEqual(
      ['none', KEPT_OUT].map((variant) =>
        expect.stringMatching(`^simultaneous-ring ${variant} unsupported .*does not say that it has simultaneous-ring`),
      ),
    );
    const outcomes = new Map(
      results.map(({ situation, variant, observed }) => [`${situation} ${variant}`, observed.outcome]),
    );
    for (const situation of [
      'team-ring',
      'delegate-ring',
      'forward-no-answer',
      'forward-immediate',
      'voicemail-busy',
    ]) {
      expect([situation, outcomes.get(`${situation} none`)]).toEqual([situation, 'engaged']);
      const kept = situation === 'delegate-ring' ? 'engaged' : 'suppressed'; // as ms-sipre has it
      expect([situation, outcomes.get(`${situation} ${KEPT_OUT}`)]).toEqual([situation, kept]);
    }
  });

  it('asks callers for the password that the file has', async () => {
    const { results } = await wholeRun(['asks'], ['voicemail-busy', 'answered-by-callee']);
    expect(results.map(({ verdict, why }) => `${verdict} ${why}`)).toEqual(results.map(() => 'pass null'));
  });
});
