// @ts-check

/** Characters that steer a terminal or the direction of text, hide, or have no shape, as in `harness/report/visible.ts`. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const PLAIN_ASCII = /^[\r\n -~]*$/;
const NO_BYTE = /[\u0100-\uffff]/;

/**
 * A message as lines that can be read, nothing left out: UTF-8 where the bytes are, else each odd byte as `\xNN`. SIP is
 * UTF-8 (RFC 3261 7), endpoints are not always. A line that ends otherwise than with CR LF says so.
 *
 * @param {string} raw The bytes, mapped to U+0000..U+00FF.
 * @returns {string[]}
 */
export function rawLines(raw) {
  const lines = decoded(raw).split('\n');
  return lines.map((line, index) => {
    if (line.endsWith('\r') && index < lines.length - 1) return madeVisible(line.slice(0, -1));
    return index < lines.length - 1 ? `${madeVisible(line)}\\x0A` : madeVisible(line);
  });
}

/** @param {string} raw */
export function rawBytes(raw) {
  return Uint8Array.from(raw, (unit) => unit.charCodeAt(0));
}

/** @param {string} raw */
function decoded(raw) {
  if (PLAIN_ASCII.test(raw) || NO_BYTE.test(raw)) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBytes(raw));
  } catch {
    return raw.replaceAll(/[\u0080-\u00ff]/g, escapedUnit);
  }
}

/** @param {string} text */
function madeVisible(text) {
  return PLAIN_ASCII.test(text) && !text.includes('\r') ? text : text.replaceAll(UNSEEN, escapedUnit);
}

/** @param {string} character */
function escapedUnit(character) {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex.padStart(4, '0')}}`;
}

/**
 * Indexes of the lines that belong to one of these header fields, continuation lines included.
 *
 * @param {readonly string[]} lines
 * @param {readonly string[]} headerNames In lower case.
 * @returns {Set<number>}
 */
export function headerLineIndexes(lines, headerNames) {
  const found = new Set();
  let inside = false;
  for (const [index, line] of lines.entries()) {
    if (line === '') break; // the body begins
    if (!/^[ \t]/.test(line)) {
      const name = /^([^\s:]+)\s*:/.exec(line)?.[1]?.toLowerCase();
      inside = name !== undefined && headerNames.includes(name);
    }
    if (inside) found.add(index);
  }
  return found;
}
