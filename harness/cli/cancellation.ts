/** Ctrl-C ends the calls and keeps what is finished; a second one ends everything at once. */
export function cancellation(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const cancel = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  return {
    signal: controller.signal,
    dispose: () => process.off('SIGINT', cancel).off('SIGTERM', cancel),
  };
}
