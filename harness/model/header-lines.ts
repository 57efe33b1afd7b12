import type { HeaderField, HeaderVariant } from './scenario.ts';

/** The variant's header lines exactly as they go on the wire, CRLF inside a folded one. */
export function headerLines(variant: HeaderVariant): string[] {
  return variant.headers.map(headerLine);
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

/** The lines of a raw message whose header field is one of `names`, folded lines joined by CRLF as they stood. */
export function linesNamed(raw: string, names: ReadonlySet<string>): string[] {
  const head = raw.slice(0, headEnd(raw));
  const fields = head.split(/\r\n(?![ \t])/).slice(1);
  return fields.filter((line) => names.has(nameOf(line)));
}

function headEnd(raw: string): number {
  const end = raw.indexOf('\r\n\r\n');
  return end === -1 ? raw.length : end;
}

function nameOf(line: string): string {
  const colon = line.indexOf(':');
  return (colon === -1 ? line : line.slice(0, colon)).trim().toLowerCase();
}
