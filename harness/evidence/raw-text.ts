import { escapedUnit, visible } from './visible.ts';

const PLAIN_ASCII = /^[\r\n -~]*$/;
const NO_BYTE = /[\u0100-\uffff]/;

/**
 * A message as lines that can be read, nothing left out: UTF-8 where the bytes are, else each odd byte as `\xNN`. SIP is
 * UTF-8 (RFC 3261 7), endpoints are not always. A line that ends otherwise than with CR LF says so.
 *
 * @param raw The bytes, mapped to U+0000..U+00FF.
 */
export function rawLines(raw: string): string[] {
  const lines = decoded(raw).split('\n');
  return lines.map((line, index) => {
    if (line.endsWith('\r') && index < lines.length - 1) return madeVisible(line.slice(0, -1));
    return index < lines.length - 1 ? `${madeVisible(line)}\\x0A` : madeVisible(line);
  });
}

export function rawBytes(raw: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(raw, (unit) => unit.charCodeAt(0));
}

function decoded(raw: string): string {
  if (PLAIN_ASCII.test(raw) || NO_BYTE.test(raw)) return raw;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBytes(raw));
  } catch {
    return raw.replaceAll(/[\u0080-\u00ff]/g, escapedUnit);
  }
}

function madeVisible(text: string): string {
  return PLAIN_ASCII.test(text) && !text.includes('\r') ? text : visible(text);
}

/**
 * Indexes of the lines that belong to one of these header fields, continuation lines included.
 *
 * @param headerNames In lower case.
 */
export function headerLineIndexes(lines: readonly string[], headerNames: readonly string[]): Set<number> {
  const found = new Set<number>();
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
