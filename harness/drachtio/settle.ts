import type { Context } from './context.ts';
import type { Dialog } from './dialog.ts';

const HOLD_MS = 3;

/**
 * drachtio-srf (5.0.29) loses the `destroy` event of a dialog whose BYE it reads in the same chunk as the answer that made
 * the dialog: the code after `await createUAS()` has not run by then. So what ends a dialog waits for a moment, and for a
 * turn of the event loop, after the application was told of it.
 */
export function settle({ timerSet }: Context, dialog: Dialog): void {
  if (dialog.held) return;
  dialog.held = [];
  timerSet.after(HOLD_MS, () =>
    setImmediate(() => {
      const held = dialog.held ?? [];
      dialog.held = undefined;
      for (const deliver of held) deliver();
    }),
  );
}

/** Once the dialog is settled; at once if it is. Order is kept. */
export function whenSettled(dialog: Dialog, deliver: () => void): void {
  if (dialog.held) dialog.held.push(deliver);
  else deliver();
}
