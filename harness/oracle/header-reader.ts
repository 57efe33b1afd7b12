import { hasControlCharacter, isHeaderName } from '../model/header-lines.ts';
import type { HeaderField } from '../model/scenario.ts';
import { headerKey } from '../sip/header-names.ts';

/** A header field as SIP compares it: long name in lower case, value without folding and outer blanks. */
export interface ReadHeader {
  readonly name: string;
  readonly value: string;
  /** The text is a header field at all: a token, a colon, a value without line breaks. */
  readonly wellFormed: boolean;
}

/**
 * Reads a caller's header fields by RFC 3261 7.3.1: names without regard to case, blanks around name and value
 * dropped, folded lines joined by one blank. Never throws; what is no header field comes back as not well-formed.
 */
export function readHeaders(fields: readonly HeaderField[]): ReadHeader[] {
  return fields.map((field) => {
    if (typeof field !== 'string') return readHeader(field.name, field.value);
    const colon = field.indexOf(':');
    return colon === -1 ? readHeader(field, null) : readHeader(field.slice(0, colon), field.slice(colon + 1));
  });
}

function readHeader(rawName: string, rawValue: string | null): ReadHeader {
  const name = headerKey(rawName.replace(/[ \t]+$/, ''));
  const value = (rawValue ?? '').replace(/[ \t]*\r\n[ \t]+/g, ' ').replace(/^[ \t]+|[ \t]+$/g, '');
  return { name, value, wellFormed: rawValue !== null && isHeaderName(name) && !hasControlCharacter(value) };
}
