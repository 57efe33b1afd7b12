/** What a user may have the caller write into the INVITE. */
import * as v from 'valibot';
import { hasControlCharacter, isHeaderName, MAX_FORWARDS, sameFields } from '../model/header-lines.ts';
import { SPELLINGS } from '../model/words.ts';
import { exactly, oneOf } from './user-shapes.ts';

/** In every INVITE of the lab's caller already; long and compact names (RFC 3261 7.3.3). */
const WRITTEN_BY_CALLER: ReadonlySet<string> = new Set(
  'via v from f to t call-id i cseq contact m allow content-type c content-length l'.split(' '),
);

const A_FIELD = 'a header field "Name: value"';
const A_NAME = 'a header name that is a token of RFC 3261, e.g. X-No-Voicemail';
const NOT_THE_CALLERS = 'a header field that the caller does not write itself; a second one would break the call';
/** Header lines are written by the caller as they stand: a line break would end the field and start another. */
const A_VALUE = 'a value without CR, LF or other control characters; ask for folding with spelling: "folded"';

const NOT_THE_USUAL = 'another value: this one is in every call';
/** RFC 3261 18.1.1 has INVITEs of any length, and a datagram 65,507 bytes: the rest is for what the caller and servers write. */
const LONGEST_BYTES = 60_000;
const NOT_SO_LONG = `a header field of at most ${LONGEST_BYTES} bytes: an INVITE over UDP is one datagram`;

const isFree = (name: string): boolean => !WRITTEN_BY_CALLER.has(name.toLowerCase());
const isOneLine = (value: string): boolean => !hasControlCharacter(value);
const nameOf = (line: string): string => line.slice(0, line.indexOf(':'));
const isUnusual = (line: string): boolean => !sameFields([line], [MAX_FORWARDS]);
const isShort = (value: string): boolean => Buffer.byteLength(value) <= LONGEST_BYTES;

const line = v.pipe(
  v.string(A_FIELD),
  v.includes(':', A_FIELD),
  v.check((text) => isHeaderName(nameOf(text)), A_NAME),
  v.check((text) => isFree(nameOf(text)), NOT_THE_CALLERS),
  v.check(isUnusual, NOT_THE_USUAL),
  v.check(isOneLine, A_VALUE),
  v.check(isShort, NOT_SO_LONG),
);

const spelt = exactly({
  name: v.pipe(v.string(A_NAME), v.check(isHeaderName, A_NAME), v.check(isFree, NOT_THE_CALLERS)),
  value: v.pipe(v.string(A_VALUE), v.check(isOneLine, A_VALUE), v.check(isShort, NOT_SO_LONG)),
  spelling: oneOf(SPELLINGS),
});

/** `Name: value`, or an object that asks for a spelling. */
export const headerField = v.lazy((value) => (typeof value === 'string' ? line : spelt));
