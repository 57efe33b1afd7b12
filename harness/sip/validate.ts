import type { SipRequest } from './message.ts';
import { parseAddress, parseUri, splitList } from './uri.ts';

/** What a request is answered with that cannot be understood. */
export interface Refusal {
  readonly status: 400 | 416 | 505;
  /** Without line ends or bars: it becomes a reason phrase. */
  readonly reason: string;
}

const MAX_CSEQ = 2 ** 31 - 1; // RFC 3261 8.1.1.5

/**
 * What RFC 3261 lets a server refuse before it looks at the method. Lenient where peers are known to be sloppy and the
 * message can still be understood.
 */
export function refusalOf(request: SipRequest): Refusal | undefined {
  if (request.version.toUpperCase() !== 'SIP/2.0') return { status: 505, reason: 'Version Not Supported' };
  const bad = request.problem ?? badFields(request) ?? badContact(request);
  if (bad !== undefined) return { status: 400, reason: `Bad Request (${printable(bad)})` };
  if (/^sips?:/i.test(request.requestUri)) {
    if (parseUri(request.requestUri) === undefined) return { status: 400, reason: 'Bad Request (Request-URI)' };
  } else if (!/^[a-z][\w+.-]*:[^\s<>]+$/i.test(request.requestUri)) {
    return { status: 400, reason: 'Bad Request (Request-URI)' };
  } else if (!/^(tel|urn):/i.test(request.requestUri)) {
    return { status: 416, reason: 'Unsupported URI Scheme' };
  }
  return undefined;
}

function badFields(request: SipRequest): string | undefined {
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const values = request.headers(name);
    if (values.length !== 1 || values[0] === '') return `${name} is needed exactly once`;
  }
  for (const name of ['From', 'To']) {
    if (parseAddress(request.header(name) ?? '') === undefined) return `${name} is not an address`;
  }
  const cseq = /^(\d{1,10})\s+(\S+)$/.exec(request.header('CSeq') ?? '');
  if (cseq === null || Number(cseq[1]) > MAX_CSEQ) return 'CSeq is not a number below 2**31 and a method';
  if (cseq[2] !== request.method) return 'CSeq names another method';
  const hops = request.header('Max-Forwards');
  if (hops !== undefined && !/^\d{1,3}$/.test(hops)) return 'Max-Forwards is not a number';
  return undefined;
}

/** RFC 3261 10.3 step 6: `*` is for removing all bindings, and only for that. */
function badContact(request: SipRequest): string | undefined {
  if (request.method !== 'REGISTER') return undefined;
  const contacts = request.headers('Contact').flatMap(splitList);
  if (contacts.includes('*')) {
    const alone = contacts.length === 1 && request.header('Expires') === '0';
    return alone ? undefined : 'Contact: * needs Expires: 0 and no other Contact';
  }
  return contacts.some((contact) => parseAddress(contact) === undefined) ? 'Contact is not an address' : undefined;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]|\|/g, '?');
}
