/** A few cells on a server of the tests that is odd in some way, as `--server command:` has it. */
import { fileURLToPath } from 'node:url';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { describeServer, ownServer } from '../../harness/servers/own/own-server.ts';
import { type SmallRun, type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

export const PROGRAM = fileURLToPath(new URL('fixtures/odd-server.ts', import.meta.url));

/** The header that it obeys, and one that it does not know. */
export const SPARED = 'target-class-secondary';
export const NOT_SPARED = 'x-no-voicemail';
export const SITUATIONS = ['voicemail-no-answer', 'voicemail-busy', 'voicemail-offline', 'answered-by-callee'];

export async function oddRun(oddities: readonly string[], over: Partial<SmallRun> = {}): Promise<SmallRunResult> {
  const launcher = programLauncher(`command:odd ${oddities.join(' ')}`, {
    command: process.execPath,
    args: [PROGRAM, ...oddities],
  });
  await using place = await scratch();
  const description = await describeServer(launcher, { logFile: `${place.dir}/describe.log` });
  return smallRun({
    own: { server: ownServer({ kind: 'command', description, expect: null }), launcher, silentMs: 6_000 },
    situations: SITUATIONS,
    variants: ['none', SPARED, NOT_SPARED],
    inTime: true,
    ...over,
  });
}

/** What is true of it in each cell. */
export function truth(situation: string, variant: string): 'engaged' | 'suppressed' {
  return situation === 'answered-by-callee' || variant === SPARED ? 'suppressed' : 'engaged';
}

/** `voicemail-busy none unspecified engaged`, and why where it is inconclusive. */
export function saidOf({ results }: SmallRunResult): string[] {
  return results.map(({ situation, variant, verdict, observed, why }) =>
    [situation, variant, verdict, observed.outcome, ...(verdict === 'inconclusive' ? [why] : [])].join(' '),
  );
}
