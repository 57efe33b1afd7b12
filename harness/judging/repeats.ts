import type { CellResult, OtherResult, Verdict } from '../model/results.ts';

export type RepeatsOfCell = NonNullable<CellResult['repeats']>;

interface Times {
  own: OtherResult;
  count: number;
  others: OtherResult[];
}

const WORST_FIRST: readonly Verdict[] = ['fail', 'inconclusive', 'unsupported', 'unspecified', 'pass'];

/** Holds each call of a cell against those before: all must agree. */
export class Repeats {
  readonly #times = new Map<string, Times>();

  /**
   * @param keep Keeps this call's messages; settles where. Not called where nobody needs them: they are as before.
   * @returns the cell's own result from now on; null: it stays what it was
   */
  take(repeat: number, result: CellResult, keep: () => string): CellResult | null {
    const times = this.#times.get(result.id);
    if (times === undefined) {
      const first = { ...result, trace: keep() };
      this.#times.set(result.id, { own: timeOf(repeat, first), count: 1, others: [] });
      return first;
    }
    times.count += 1;
    if ([times.own, ...times.others].some((other) => isSame(other, timeOf(repeat, result)))) return null;
    const kept = { ...result, trace: keep() };
    const isWorse = WORST_FIRST.indexOf(kept.verdict) < WORST_FIRST.indexOf(times.own.verdict);
    times.others.push(isWorse ? times.own : timeOf(repeat, kept));
    if (isWorse) times.own = timeOf(repeat, kept);
    return isWorse ? kept : null;
  }

  /** By cell id; null for one that was called once. */
  of(id: string): RepeatsOfCell | null {
    const times = this.#times.get(id);
    if (times === undefined || times.count === 1) return null;
    const others = times.others.toSorted((a, b) => a.attempt - b.attempt);
    return { count: times.count, agreed: others.length === 0, others };
  }

  /** By cell id, of all that were called several times. */
  all(): Map<string, RepeatsOfCell> {
    return new Map(
      [...this.#times.keys()].flatMap((id) => {
        const repeats = this.of(id);
        return repeats === null ? [] : [[id, repeats] as const];
      }),
    );
  }
}

function timeOf(attempt: number, { verdict, observed, why, trace }: CellResult): OtherResult {
  const { outcome, status, calleeRang } = observed;
  return { attempt, verdict, outcome, status, calleeRang, why, trace };
}

/** Of the same kind: reasons name times, which are never twice the same. */
function isSame(a: OtherResult, b: OtherResult): boolean {
  return a.verdict === b.verdict && a.outcome === b.outcome && a.status === b.status && a.calleeRang === b.calleeRang;
}
