/** Longer pieces are rare; shorter than this, V8 copies by itself. */
const scratch = Buffer.allocUnsafe(1024);
const SLICED_FROM = 13;

/**
 * V8 keeps a whole message alive for the sake of a piece that was cut out of it (a "sliced string"). Pieces that are kept for
 * as long as a batch are copied, so that the collector has a tenth to carry along.
 *
 * @param text one character per byte, as `latin1` reads it
 */
export function detached(text: string): string {
  if (text.length < SLICED_FROM) return text;
  if (text.length > scratch.length) return Buffer.from(text, 'latin1').toString('latin1');
  return scratch.toString('latin1', 0, scratch.write(text, 'latin1'));
}
