/** Compact forms: RFC 3261 7.3.3, RFC 3515, RFC 4538, RFC 3841, RFC 8224, RFC 4028, RFC 3265. */
const COMPACT: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Spellings that capitalising each part does not give. */
const SPELLING = new Map(
  ['Call-ID', 'CSeq', 'WWW-Authenticate', 'RAck', 'RSeq', 'MIME-Version', 'SIP-ETag', 'SIP-If-Match'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** Lower-case keys, to begin with of the spellings met most, so that a message costs no new strings. */
const KEYS = new Map<string, string>();
const OFTEN =
  'Via Max-Forwards From To Call-ID CSeq Contact Content-Length Content-Type Route Record-Route Allow Supported Require Expires User-Agent Server Subject Authorization';
for (const name of OFTEN.split(' ')) {
  KEYS.set(name, name.toLowerCase());
  KEYS.set(name.toLowerCase(), name.toLowerCase());
}
for (const [letter, name] of Object.entries(COMPACT)) {
  KEYS.set(letter, name);
  KEYS.set(letter.toUpperCase(), name);
}

/** Peers choose the names that they send: so many, and no longer ones, are remembered. */
const MOST_NAMES = 500;
const LONGEST_NAME = 64;
const USUAL = new Map<string, string>();

function remembered(known: Map<string, string>, name: string, make: (name: string) => string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= MOST_NAMES || name.length > LONGEST_NAME) return make(name);
  const own = Buffer.from(name).toString(); // a part of a message's text would keep the whole
  const made = make(own);
  known.set(own, made);
  return made;
}

/** The key under which a header field is found: lower case, compact forms written out (RFC 3261 7.3.1, 7.3.3). */
export function headerKey(name: string): string {
  return remembered(KEYS, name, (other) => other.toLowerCase());
}

/** The usual spelling: a capital after each hyphen. Names that begin with `X-` stay as they are typed. */
export function usualSpelling(name: string): string {
  return remembered(USUAL, name, spelling);
}

function spelling(name: string): string {
  if (/^x-/i.test(name)) return name;
  return (
    SPELLING.get(name.toLowerCase()) ??
    name.replace(/(^|-)([a-z])/g, (_, start, letter) => start + letter.toUpperCase())
  );
}

/** Requests of a call: its INVITE, and what comes before or within the dialog of it. */
export const CALL_METHODS: ReadonlySet<string> = new Set(['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE']);

/** Methods of RFC 3261 and its extensions that this stack knows. */
export const METHODS: ReadonlySet<string> = new Set(
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO MESSAGE SUBSCRIBE NOTIFY PUBLISH REFER'.split(' '),
);
