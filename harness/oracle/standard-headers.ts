import type { ReadHeader } from './header-reader.ts';
import { combine, type Reading, reading } from './reading.ts';
import { asControl, OPEN } from './saying.ts';

/** Where else a call goes is open; but the callee's phone still gets it, and a missed call is still one. */
const diversionOpen = (claim: string): Reading =>
  reading(OPEN, { features: { 'missed-call-inbox': asControl(claim) }, callee: { ringing: asControl(claim) } });

/**
 * Any header field that is not one of Microsoft's two. RFC 3261 16.3: one that a server does not understand must not
 * change what it does. One that some standard gives a meaning for routing leaves open what it does not pin down.
 */
export function readStandardHeader({ name, value, wellFormed }: ReadHeader): Reading {
  if (!wellFormed) return reading(OPEN);
  switch (name) {
    case 'request-disposition':
      return readDisposition(value);
    case 'accept-contact':
    case 'reject-contact':
      // The lab's phones and traps advertise no features, so RFC 3841 leaves every one of them in.
      return reading(asControl('rfc3841-immune-contacts'));
    case 'answer-mode':
    case 'priv-answer-mode':
      return /^manual$/i.test(value) ? reading(asControl('rfc5373-answer-mode')) : reading(OPEN);
    case 'priority':
      return diversionOpen('rfc7090-psap-callback');
    default:
      return ROUTING_HEADERS.has(name) ? reading(OPEN) : reading(asControl('rfc3261-unknown-ignored'));
  }
}

/** What a proxy does anyway. */
const HARMLESS = reading(asControl('rfc3841-no-such-directive'));

/** RFC 3841 9.1: the whole vocabulary, and what each directive leaves of the lab's certainty. */
const DIRECTIVES: Readonly<Record<string, Reading>> = {
  proxy: HARMLESS,
  redirect: reading(OPEN),
  cancel: HARMLESS,
  'no-cancel': diversionOpen('rfc3841-no-fork'),
  fork: HARMLESS,
  'no-fork': diversionOpen('rfc3841-no-fork'),
  recurse: HARMLESS,
  'no-recurse': diversionOpen('rfc3841-no-fork'),
  parallel: HARMLESS,
  sequential: diversionOpen('rfc3841-no-fork'),
  queue: reading(OPEN),
  'no-queue': HARMLESS,
};

function readDisposition(value: string): Reading {
  const directives = value.split(',').map((each) => each.trim().toLowerCase());
  const known = directives.flatMap((each) => (Object.hasOwn(DIRECTIVES, each) ? (DIRECTIVES[each] ?? []) : []));
  return known.length > 0 ? combine(known) : reading(asControl('rfc3841-no-such-directive', 'rfc3261-unknown-ignored'));
}

/** Header fields for which RFC 3261 itself has a server refuse a request (16.3, 16.4, 8.2.2, 8.2.3, 20.19, 22). */
export const REFUSED_FOR: ReadonlySet<string> = new Set([
  'authorization',
  'content-disposition',
  'content-encoding',
  'content-type',
  'expires',
  'max-forwards',
  'mime-version',
  'proxy-authorization',
  'proxy-require',
  'record-route',
  'require',
  'route',
]);

/**
 * Header fields of RFC 3261 and its extensions that routing reads or that may get a request refused. None of the
 * policies' sources says what they do beside the subscriber's rules.
 */
const ROUTING_HEADERS: ReadonlySet<string> = new Set([
  'alert-info',
  'authorization',
  'call-id',
  'contact',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-type',
  'cseq',
  'diversion',
  'expires',
  'from',
  'history-info',
  'identity',
  'join',
  'max-breadth',
  'max-forwards',
  'mime-version',
  'min-se',
  'p-asserted-identity',
  'p-preferred-identity',
  'path',
  'privacy',
  'proxy-authorization',
  'proxy-require',
  'reason',
  'record-route',
  'referred-by',
  'replaces',
  'require',
  'resource-priority',
  'route',
  'session-expires',
  'supported',
  'target-dialog',
  'to',
  'via',
]);
