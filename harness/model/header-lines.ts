import type { HeaderField, HeaderVariant } from './scenario.ts';

/** The variant's header lines as text, CRLF inside a folded one. */
export function headerLines(variant: HeaderVariant): string[] {
  return variant.headers.map(headerLine);
}

/** The same exactly as they go on the wire, and stand in a record: UTF-8 (RFC 3261 7.3.1), one character per byte. */
export function wireLines(variant: HeaderVariant): string[] {
  return headerLines(variant).map((line) => {
    const bytes = new TextEncoder().encode(line);
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  });
}

function headerLine(field: HeaderField): string {
  if (typeof field === 'string') return field;
  // RFC 3261 7.3.1: a continuation line starts with a blank; blanks around the value mean nothing.
  return field.spelling === 'folded' ? `${field.name}:\r\n ${field.value}` : `${field.name}:  \t ${field.value} \t `;
}

/** Names of all header fields that any of the variants uses, in lower case: what to look for in an INVITE on record. */
export function headerNames(variants: readonly HeaderVariant[]): Set<string> {
  return new Set(variants.flatMap(headerLines).map((line) => nameOf(line)));
}

/** RFC 3261 25.1, `token`. */
export function isHeaderName(text: string): boolean {
  return /^[A-Za-z0-9\-.!%*_+`'~]+$/.test(text);
}

/** What ends a header field, or must not be in one. A tab may. */
export function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? code !== 0x09 : code === 0x7f;
  });
}

/** In every request of whoever places calls, unless a variant has another: RFC 3261 8.1.1.6. */
export const MAX_FORWARDS = 'Max-Forwards: 70';

/**
 * The lines of a raw message whose header field is one of `names`, folded lines joined by CRLF as they stood; without
 * {@link MAX_FORWARDS}, where that is the only one.
 */
export function linesNamed(raw: string, names: ReadonlySet<string>): string[] {
  const head = raw.slice(0, headEnd(raw));
  const fields = head.split(/\r\n(?![ \t])/).slice(1);
  const found = fields.filter((line) => names.has(nameOf(line)));
  const hops = found.filter(isMaxForwards);
  return hops.length === 1 && sameFields(hops, [MAX_FORWARDS]) ? found.filter((line) => !isMaxForwards(line)) : found;
}

/** Header lines as they go into a message: with a Max-Forwards, the variant's own or the usual one. */
export function withMaxForwards(lines: readonly string[]): readonly string[] {
  return lines.some(isMaxForwards) ? lines : [MAX_FORWARDS, ...lines];
}

function isMaxForwards(line: string): boolean {
  return nameOf(line) === 'max-forwards';
}

function headEnd(raw: string): number {
  const end = raw.indexOf('\r\n\r\n');
  return end === -1 ? raw.length : end;
}

function nameOf(line: string): string {
  const colon = line.indexOf(':');
  return (colon === -1 ? line : line.slice(0, colon)).trim().toLowerCase();
}

/** Name and value as SIP compares them (RFC 3261 7.3.1): the name without regard to case, the value unfolded and without outer blanks. */
function meaningOf(line: string): string {
  const value = line.slice(line.indexOf(':') + 1).replaceAll(/[ \t]*\r\n[ \t]+/g, ' ');
  return `${nameOf(line)}: ${value.trim()}`;
}

export function sameFields(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => meaningOf(line) === meaningOf(b[index] ?? ''));
}

/** What became of header lines between one message and the next. */
export function fieldChanges(
  before: readonly string[],
  after: readonly string[],
): { readonly lost: readonly string[]; readonly added: readonly string[] } {
  const without = (lines: readonly string[], others: readonly string[]): string[] => {
    const known = new Set(others.map(meaningOf));
    return lines.filter((line) => !known.has(meaningOf(line)));
  };
  return { lost: without(before, after), added: without(after, before) };
}
