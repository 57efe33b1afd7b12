/** Characters that steer a terminal or the direction of text, hide, or have no shape: all of Unicode's "other", and its line ends. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * One line of text in which everything can be seen: what came from the network must not move the cursor, turn the
 * writing direction or end a line. `\x1B` and `\u{202E}` stand for what was there.
 */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, escapedUnit);
}

export function escapedUnit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex.padStart(4, '0')}}`;
}
