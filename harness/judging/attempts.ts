import { type Check, withCheck } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult, EarlierCall } from '../model/results.ts';
import { type Batch, mayBeInTime } from '../run/work.ts';

/** What was seen of an attempt. */
interface Attempt {
  readonly seen: Observation;
  /** Of its control; left out: it is one, or that was not seen. */
  readonly control?: Observation | undefined;
  /** Its caller, or its control's, died before the call was over: see ReadBatch. */
  readonly lost: boolean;
}

/** A call that proved nothing, of a cell that is to be called again. */
interface Pending {
  readonly repeat: number;
  readonly result: CellResult;
  readonly earlier: readonly EarlierCall[];
}

export type Attempted = { readonly again: true } | { readonly again: false; readonly result: CellResult };

/**
 * What came of the calls of each cell. One that proved nothing because the lab was late, or because its caller died, is
 * called again: that is no second chance for the server, which nothing was said of. A `fail` is never called again.
 */
export class Attempts {
  readonly #again: number;
  readonly #pending = new Map<string, Pending>();

  /** @param again so often, at most */
  constructor(again: number) {
    this.#again = again;
  }

  /**
   * @param keep Keeps its messages; settles where. Of what is called again they are kept: nobody may come to it any more.
   * @returns null for a control that only came along with a cell that is called again
   */
  take(batch: Batch, result: CellResult, { seen, control, lost }: Attempt, keep: () => string): Attempted | null {
    const name = `${batch.repeat} ${result.id}`;
    const before = this.#pending.get(name);
    if (batch.attempt > 1 && before === undefined) return null;
    this.#pending.delete(name);
    const earlier = before?.earlier ?? [];
    const whole = earlier.length === 0 ? result : calledAgain(result, earlier);
    const late = result.late === true && mayBeInTime(batch.attempt, [seen, control]);
    const provedNothing = result.verdict === 'inconclusive' && (late || lost);
    if (!provedNothing || batch.attempt > this.#again) return { again: false, result: whole };
    const call = { startedAt: result.proof?.startedAt ?? null, lateMs: seen.lateMs, why: result.why ?? '' };
    this.#pending.set(name, { repeat: batch.repeat, result: { ...whole, trace: keep() }, earlier: [...earlier, call] });
    return { again: true };
  }

  /** Those that the run ended before: what they came to is all there is. */
  abandoned(): readonly Pending[] {
    return [...this.#pending.values()];
  }
}

/** It says nothing of the server, for or against. */
function calledAgain(result: CellResult, earlier: readonly EarlierCall[]): CellResult {
  const calls = earlier.length === 1 ? 'one call' : `${earlier.length} calls`;
  const seen = `${calls} before this one proved nothing: ${earlier.at(-1)?.why}`;
  const check: Check = { id: 'called-again', holds: null, seen };
  return { ...result, earlier, checks: withCheck(result.checks ?? [], check) };
}
