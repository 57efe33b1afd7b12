import type { CellResult, OtherResult } from '../model/results.ts';
import { WORST_FIRST } from '../model/words.ts';

export type RepeatsOfCell = NonNullable<CellResult['repeats']>;

interface Times {
  own: OtherResult;
  /** The lab was late during it. */
  isLate: boolean;
  count: number;
  others: OtherResult[];
}

/**
 * A lab that is later than this loses races that decide the final response (a phone's 486 against the server's timer), long
 * before it is too late for a verdict.
 */
export const LATE_MS = 250;

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
      this.#times.set(result.id, { own: timeOf(repeat, first), isLate: isLate(first), count: 1, others: [] });
      return first;
    }
    times.count += 1;
    const time = timeOf(repeat, result);
    const before = [times.own, ...times.others];
    if (before.some((other) => isSame(other, time))) return null;
    if (isLate(result) && before.some((other) => isAlike(other, time))) return null;
    const kept = { ...result, trace: keep() };
    if (times.isLate && isAlike(times.own, time)) {
      Object.assign(times, { own: timeOf(repeat, kept), isLate: isLate(kept) });
      return kept;
    }
    const isWorse = WORST_FIRST.indexOf(kept.verdict) < WORST_FIRST.indexOf(times.own.verdict);
    times.others.push(isWorse ? times.own : timeOf(repeat, kept));
    if (isWorse) Object.assign(times, { own: timeOf(repeat, kept), isLate: isLate(kept) });
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

function isLate({ proof }: CellResult): boolean {
  return (proof?.lateMs ?? 0) > LATE_MS;
}

/** All but the final response. */
function isAlike(a: OtherResult, b: OtherResult): boolean {
  return a.verdict === b.verdict && a.outcome === b.outcome && a.calleeRang === b.calleeRang;
}

/** Of the same kind: reasons name times, which are never twice the same. */
function isSame(a: OtherResult, b: OtherResult): boolean {
  return isAlike(a, b) && a.status === b.status;
}
