import { setTimeout as delay } from 'node:timers/promises';

/** An OPTIONS; long enough for an answer on a busy machine. */
const ASK_EVERY_MS = 3_000;

export interface SilenceOptions {
  /** Asks, and waits for an answer no longer than this. Rejects, or resolves to false, where none came. */
  readonly answers: (timeoutMs: number) => Promise<boolean>;
  readonly silentMs: number;
  /** Of the end of the watch. */
  readonly signal: AbortSignal;
}

/** Settles when nobody has answered for so long, with how long; never once the watch is over. */
export async function silence({ answers, silentMs, signal }: SilenceOptions): Promise<string> {
  let heardMs = performance.now();
  while (performance.now() - heardMs < silentMs) {
    await delay(ASK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {}); // the watch may end meanwhile
    if (signal.aborted) return new Promise(() => {});
    if (await answers(ASK_EVERY_MS).catch(() => false)) heardMs = performance.now();
  }
  return `has not answered an OPTIONS for ${Math.round(silentMs / 1000)} s`;
}
