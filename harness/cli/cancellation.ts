import { onHangUp } from './hang-up.ts';

/**
 * Ctrl-C ends the calls and keeps what is finished; a second one ends everything at once. So does a terminal that is gone, but that
 * is told twice and waits for nobody.
 *
 * @returns `dispose` when no call is left to end: what is being written then ends by Ctrl-C alone
 */
export function cancellation(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const cancel = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  onHangUp(() => controller.abort());
  return {
    signal: controller.signal,
    dispose: () => process.off('SIGINT', cancel).off('SIGTERM', cancel),
  };
}
