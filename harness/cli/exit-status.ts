import { isUnsteady, type RunRows } from '../model/results.ts';

/** The exit status that a run's results stand for: see docs/decisions.md, "Exit status when several things are wrong". */
export function exitStatus({ run, cells }: Pick<RunRows, 'run' | 'cells'>): 0 | 1 | 3 | 130 {
  if (run.ended === 'cancelled') return 130;
  if (run.ended === 'failed') return 3;
  if (cells.some((cell) => cell.verdict === 'fail' || isUnsteady(cell))) return 1;
  return cells.some((cell) => cell.verdict === 'inconclusive') ? 3 : 0;
}
