import { nowEpochMs } from '../now.ts';
import { type PlacedCell, windowMs } from './call-groups.ts';
import type { Pacer } from './pacer.ts';
import type { RunOptions } from './run-options.ts';

/** From the end of a window to the end of the canaries that close it. */
const CANARIES_MS = 400;

export interface CallProgressOptions {
  readonly onProgress: RunOptions['onProgress'];
  readonly slackMs: number;
  readonly pacer: Pacer;
  /** Where calls wait for accounts, the rate is that of the accounts. */
  readonly waitsForAccounts: boolean;
  /** How many calls will have begun when all that is known of is placed. */
  readonly total: number;
}

/** What is told of calls while they are placed, and how long the rest of the run takes. */
export class CallProgress {
  readonly #options: CallProgressOptions;
  #total: number;
  #placed = 0;
  #firstEpochMs: number | null = null;
  #lastWindowEpochMs = 0;
  /** When the latest of those that were placed had begun; null: they have not. */
  #begunAtMs: number | null = null;

  constructor(options: CallProgressOptions) {
    this.#options = options;
    this.#total = options.total;
  }

  /** These are under way, at the pacer's rate. */
  placed(calls: number): void {
    this.#placed += calls;
    this.#begunAtMs = null;
  }

  /** All that were placed. */
  begun(): void {
    this.#begunAtMs = performance.now();
  }

  /** So many are still to be placed, as is known now. */
  expect(calls: number): void {
    this.#total = this.#placed + calls;
  }

  windowEnds(atEpochMs: number): void {
    this.#lastWindowEpochMs = Math.max(this.#lastWindowEpochMs, atEpochMs);
  }

  /** @param placed to be placed now */
  sayCalls(placed: readonly PlacedCell[]): void {
    const { onProgress, slackMs, pacer, waitsForAccounts } = this.#options;
    this.#firstEpochMs ??= nowEpochMs();
    const firstEpochMs = this.#firstEpochMs;
    const begun = (): number => this.#placed - Math.round(pacer.left);
    const longestMs = Math.max(...placed.map(({ cell }) => windowMs(cell.scenario, slackMs))) + CANARIES_MS;
    const msPerCall = (): number => (nowEpochMs() - firstEpochMs) / Math.max(1, begun());
    const rate = (): string => (waitsForAccounts ? 'as accounts are free' : `${Math.round(pacer.perSecond)}/s`);
    onProgress?.({
      phase: 'calls',
      text: 'placing calls',
      detail: () => `${begun().toLocaleString('en')} of ${this.#total.toLocaleString('en')}, ${rate()}`,
      leftMs: () => {
        const left = this.#total - begun();
        if (left > 0) return (waitsForAccounts ? left * msPerCall() : pacer.msFor(left)) + longestMs;
        const sinceMs = this.#begunAtMs === null ? 0 : performance.now() - this.#begunAtMs;
        return Math.max(CANARIES_MS, longestMs - sinceMs);
      },
    });
  }

  sayWindow(): void {
    this.#options.onProgress?.({
      phase: 'window',
      text: 'waiting out the last window, then the last canaries',
      leftMs: () => Math.max(0, this.#lastWindowEpochMs - nowEpochMs()) + CANARIES_MS,
    });
  }
}
