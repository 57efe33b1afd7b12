/** Callers that do something else than their record says. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sippLaunchedBy } from '../../callers/sipp/sipp-caller.ts';
import type { SippLauncher } from '../../callers/sipp/sipp-run.ts';
import { startProcess } from '../../processes/process.ts';
import { isProvenNegative, keptFromDiversion } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { anyCall, diverted } from '../seen.ts';
import { forgeTrace } from './forged-trace.ts';

/**
 * A busy machine stamps half a second late at most, or it is another clock, and a server there may pass an INVITE on a second late:
 * a clock that is ahead by less than both could not be told from that.
 */
const CLOCK_MS = 2000;

function withLauncher(change: (launch: SippLauncher) => SippLauncher, tookPlace: Breakage['tookPlace']): Breakage {
  return { changeSite: (site) => ({ ...site, caller: sippLaunchedBy(site.caller, change) }), tookPlace };
}

/** The clock of the callers' machine is off, and nobody knows. */
function clockOff(aheadMs: number): Breakage {
  let launched = 0;
  return withLauncher(
    (launch) => async (run) => {
      const sipp = await launch(run);
      launched += 1;
      return {
        exited: sipp.exited,
        clockAheadMs: (sipp.clockAheadMs ?? 0) - aheadMs,
        stop: () => sipp.stop(),
      };
    },
    () => launched > 0,
  );
}

/** A program that ends as SIPp does when all is well. */
const placesNothing: SippLauncher = ({ dir }) =>
  startProcess({ command: 'sh', args: ['-c', ': >messages.log'], cwd: dir, logFile: join(dir, 'sipp.log') });

/** Runs SIPp without the variants' header lines, and writes them into its trace afterwards. */
const forger =
  (launch: SippLauncher): SippLauncher =>
  async (run) => {
    const rows = (await readFile(join(run.dir, 'calls.csv'), 'utf8')).trim().split('\n').slice(1);
    const linesOf = new Map<string, string>();
    const files = new Set<string>();
    for (const row of rows) {
      const [callee = '', , file = ''] = row.split(';');
      linesOf.set(callee, await readFile(join(run.dir, file), 'latin1'));
      files.add(file);
    }
    for (const file of files) await writeFile(join(run.dir, file), 'Max-Forwards: 70', 'latin1');
    const sipp = await launch(run);
    const trace = join(run.dir, 'messages.log');
    const exited = sipp.exited.then(async (exit) => {
      const log = await readFile(trace).catch(() => null);
      if (log !== null) await writeFile(trace, forgeTrace(log, linesOf));
      return exit;
    });
    return { exited, stop: () => sipp.stop() };
  };

export const callerBreaks: readonly Sabotage[] = [
  {
    id: 'caller-clock-ahead',
    title: `The clock of the caller is ${CLOCK_MS / 1000} s ahead.`,
    breaks: 'lab',
    once: true,
    meantFor: isProvenNegative,
    begin: () => clockOff(CLOCK_MS),
  },
  {
    id: 'caller-clock-behind',
    title: `The clock of the caller is ${CLOCK_MS / 1000} s behind.`,
    breaks: 'lab',
    once: true,
    meantFor: isProvenNegative,
    begin: () => clockOff(-CLOCK_MS),
  },
  {
    id: 'caller-places-nothing',
    title: 'SIPp ends with status 0 and has placed no call.',
    breaks: 'lab',
    meantFor: isProvenNegative,
    begin: () =>
      withLauncher(
        () => placesNothing,
        anyCall(({ startedAtEpochMs }) => startedAtEpochMs === null),
      ),
  },
  {
    id: 'trace-forged',
    title: 'SIPp sends no header, and its trace says that it did.',
    breaks: 'lab',
    meantFor: keptFromDiversion,
    begin: () => withLauncher(forger, diverted),
  },
];
