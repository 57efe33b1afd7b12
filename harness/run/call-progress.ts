import { nowEpochMs } from '../now.ts';
import { type PlacedCell, windowMs } from './call-groups.ts';
import type { Pacer } from './pacer.ts';
import type { CallFigures, RunOptions } from './run-options.ts';

/** From the end of a window to the end of the canaries that close it. */
const CANARIES_MS = 400;

export interface CallProgressOptions {
  readonly onProgress: RunOptions['onProgress'];
  readonly slackMs: number;
  readonly pacer: Pacer;
  /** How late the lab is at this moment. */
  readonly lateMs: () => number;
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
  #read = 0;
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

  /** So many more are judged. */
  read(calls: number): void {
    this.#read += calls;
  }

  windowEnds(atEpochMs: number): void {
    this.#lastWindowEpochMs = Math.max(this.#lastWindowEpochMs, atEpochMs);
  }

  /** @param placed to be placed now */
  sayCalls(placed: readonly PlacedCell[]): void {
    const { onProgress, slackMs, pacer, waitsForAccounts } = this.#options;
    this.#firstEpochMs ??= nowEpochMs();
    const firstEpochMs = this.#firstEpochMs;
    const begun = (): number => this.#begun();
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
      figures: () => this.#figures(),
    });
  }

  sayWindow(): void {
    this.#options.onProgress?.({
      phase: 'window',
      text: 'waiting out the last window, then the last canaries',
      leftMs: () => Math.max(0, this.#lastWindowEpochMs - nowEpochMs()) + CANARIES_MS,
      figures: () => this.#figures(),
    });
  }

  #begun(): number {
    return this.#placed - Math.round(this.#options.pacer.left);
  }

  #figures(): CallFigures {
    const { pacer, lateMs, waitsForAccounts } = this.#options;
    const begun = this.#begun();
    return {
      begun,
      total: this.#total,
      underWay: Math.max(0, begun - this.#read),
      perSecond: waitsForAccounts ? null : Math.round(pacer.perSecond),
      lateMs: Math.round(lateMs()),
    };
  }
}
