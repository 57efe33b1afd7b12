/**
 * A run until the lab was in time. What comes out inconclusive because the lab was late is called again, slower: that is no
 * second chance for the server, which nothing was said of. A `fail` is never called again.
 */
import type { Observation } from './model/observation.ts';
import type { CellResult } from './model/results.ts';
import type { Cell } from './plan.ts';
import { type RunOptions, type RunOutcome, runCells } from './run/run-cells.ts';

export interface InTimeOptions extends RunOptions {
  /** Pure; see `verdicts`. */
  readonly judge: (cells: readonly Cell[], observations: RunOutcome['observations']) => readonly CellResult[];
  /** How often late cells are called again at most. @default 2 */
  readonly again?: number;
  /** An existing directory for each further attempt's files. */
  readonly dirOf: (attempt: number) => Promise<string>;
  /** Told before each further attempt. */
  readonly onAgain?: (late: number, attempt: number) => void;
}

export interface InTimeOutcome {
  readonly outcome: RunOutcome;
  /** In the order of the cells. */
  readonly results: readonly CellResult[];
  /** What was seen of calls that proved nothing, by cell, oldest first. */
  readonly earlier: ReadonlyMap<string, readonly Observation[]>;
}

/** Each attempt goes at this part of the rate of the one before. */
const SLOWER = 1 / 3;

/** @throws {LabError} when the first lab does not come up */
export async function runInTime(options: InTimeOptions): Promise<InTimeOutcome> {
  const { cells, judge, again = 2, signal } = options;
  const first = await runCells(options);
  const observations = new Map(first.observations);
  const results = new Map(judge(cells, observations).map((result) => [result.id, result]));
  const earlier = new Map<string, Observation[]>();
  const warnings = [...first.warnings];
  let { rate } = options;
  for (let attempt = 2; attempt <= 1 + again && first.ended === 'complete'; attempt++) {
    const late = cells.filter(({ id }) => results.get(id)?.late === true);
    if (late.length === 0 || signal?.aborted) break;
    options.onAgain?.(late.length, attempt);
    rate = Math.max(1, Math.round(rate * SLOWER));
    const needed = withControls(late, cells);
    const next = await runCells({
      ...options,
      cells: needed,
      rate,
      token: tokenOf(options.token, attempt),
      workDir: await options.dirOf(attempt),
    });
    const judged = new Map(judge(needed, next.observations).map((result) => [result.id, result]));
    for (const { id } of late) {
      const [before, after, seen] = [results.get(id), judged.get(id), next.observations.get(id)];
      const was = observations.get(id);
      // An attempt that was cut short says less than the one before.
      if (before === undefined || after === undefined || seen === undefined || was === undefined) continue;
      if (next.ended !== 'complete' && after.verdict === 'inconclusive') continue;
      earlier.set(id, [...(earlier.get(id) ?? []), was]);
      observations.set(id, seen);
      results.set(id, {
        ...after,
        earlier: [
          ...(before.earlier ?? []),
          { startedAt: before.proof?.startedAt ?? null, lateMs: was.lateMs, why: before.why ?? '' },
        ],
      });
    }
    warnings.push(`the lab was late during ${late.length} calls, which were placed again at ${rate} per second`);
    if (next.ended !== 'complete') break;
  }
  return {
    outcome: { ...first, observations, warnings },
    results: cells.flatMap(({ id }) => results.get(id) ?? []),
    earlier,
  };
}

function withControls(late: readonly Cell[], cells: readonly Cell[]): Cell[] {
  const wanted = new Set(late.flatMap(({ id, control }) => [id, control]));
  return cells.filter(({ id }) => wanted.has(id));
}

/** Another name on the wire, of at most 8 letters and figures: nothing left over from one attempt is taken for the next's. */
function tokenOf(token: string, attempt: number): string {
  const other = `${token.slice(0, 7)}${attempt}`;
  return other === token ? `${token.slice(0, 7)}x` : other;
}
