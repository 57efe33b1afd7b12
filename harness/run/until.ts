import { nowEpochMs } from '../now.ts';

/** Node's timers may fire a millisecond early; a canary sent that early would close no window. */
export const TIMER_EARLY_MS = 5;

/** Time that must pass; an abort ends it early. */
export async function until(epochMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const ended = Promise.withResolvers<void>();
  const end = (): void => ended.resolve();
  const timer = setTimeout(end, Math.max(0, epochMs - nowEpochMs()));
  signal.addEventListener('abort', end, { once: true });
  await ended.promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}
