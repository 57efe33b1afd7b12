import { callFlow } from '../../harness/ladder/call-flow.ts';
import type { CellResult } from '../../harness/model/results.ts';
import type { RunOutcome } from '../../harness/run/run-cells.ts';
import type { SmallRunResult } from './small-run.ts';

/** A verdict with the messages of its call and of its control: what a test says where it is not the one that it should be. */
export function withFlows({ id, verdict, why, control }: CellResult, observations: RunOutcome['observations']): string {
  const both = [id, control?.id].flatMap((each) => observations.get(each ?? '') ?? []);
  const flows = both.map((seen) => `${seen.cell}, ${Math.round(seen.lateMs)} ms late\n${callFlow(seen)}`);
  return [`${id}: ${verdict}, ${why}`, ...flows].join('\n');
}

/** Of cells that were all to pass: those that did not, with what was seen. */
export function notPassed({ results, outcome }: SmallRunResult): string[] {
  const others = results.filter(({ verdict }) => verdict !== 'pass');
  return others.map((result) => withFlows(result, outcome.observations));
}
