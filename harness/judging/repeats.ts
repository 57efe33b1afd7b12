import type { CellResult, OtherResult, Verdict } from '../model/results.ts';

export type RepeatsOfCell = NonNullable<CellResult['repeats']>;

/** What one more call of a cell changes. Files are relative to the report's folder. */
export interface Repeated {
  /** The cell's own result from now on; null: it stays what it was. */
  readonly result: CellResult | null;
  /** Where this call's messages go; null: nobody needs them, they are as before. */
  readonly trace: string | null;
  /** Where the messages go that were the cell's own so far; null: they stay. */
  readonly moved: string | null;
}

interface Times {
  own: OtherResult;
  count: number;
  others: OtherResult[];
}

const WORST_FIRST: readonly Verdict[] = ['fail', 'inconclusive', 'unsupported', 'unspecified', 'pass'];

/** Holds each call of a cell against those before: all must agree. */
export class Repeats {
  readonly #times = new Map<string, Times>();

  take(repeat: number, result: CellResult): Repeated {
    const times = this.#times.get(result.id);
    if (times === undefined) {
      this.#times.set(result.id, { own: timeOf(repeat, result, result.trace), count: 1, others: [] });
      return { result, trace: result.trace, moved: null };
    }
    times.count += 1;
    const ownFile = result.trace.replace(/\.json$/, `.call-${repeat}.json`);
    const time = timeOf(repeat, result, ownFile);
    if ([times.own, ...times.others].some((other) => isSame(other, time)))
      return { result: null, trace: null, moved: null };
    if (WORST_FIRST.indexOf(time.verdict) >= WORST_FIRST.indexOf(times.own.verdict)) {
      times.others.push(time);
      return { result: null, trace: ownFile, moved: null };
    }
    const moved = result.trace.replace(/\.json$/, `.call-${times.own.attempt}.json`);
    times.others.push({ ...times.own, trace: moved });
    times.own = { ...time, trace: result.trace };
    return { result, trace: result.trace, moved };
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

function timeOf(attempt: number, { verdict, observed, why }: CellResult, trace: string): OtherResult {
  const { outcome, status, calleeRang } = observed;
  return { attempt, verdict, outcome, status, calleeRang, why, trace };
}

/** Of the same kind: reasons name times, which are never twice the same. */
function isSame(a: OtherResult, b: OtherResult): boolean {
  return a.verdict === b.verdict && a.outcome === b.outcome && a.status === b.status && a.calleeRang === b.calleeRang;
}
