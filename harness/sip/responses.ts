import { headerKey } from './header-names.ts';
import { type HeaderField, type SipRequest, SipResponse } from './message.ts';
import { tagOf } from './uri.ts';

const EMPTY = Buffer.alloc(0);
const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  200: 'OK',
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  422: 'Session Interval Too Small',
  481: 'Call/Transaction Does Not Exist',
  483: 'Too Many Hops',
  487: 'Request Terminated',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Server Time-out',
};

/** Whom a response is for: its request and the address that the request came from. */
export interface Answered {
  readonly request: SipRequest;
  readonly peer: { readonly host: string; readonly port: number };
}

/**
 * A response with everything that RFC 3261 8.2.6 takes from the request. `rport` and `received` are filled in whether
 * the peer asked for it or not (RFC 3581 4), since the response goes there.
 */
export function respond(
  { request, peer }: Answered,
  status: number,
  options: { localTag?: string; reason?: string; fields?: readonly HeaderField[]; body?: Buffer } = {},
): SipResponse {
  const { localTag, reason = REASONS[status] ?? '', fields = [], body = EMPTY } = options;
  const all: HeaderField[] = [];
  let top = true;
  for (const field of request.fields) {
    switch (headerKey(field.name)) {
      case 'via':
        all.push({ name: 'Via', value: top ? viaWithSource(field.value, peer) : field.value });
        top = false;
        break;
      case 'record-route':
        if (status > 100 && status < 300) all.push({ name: 'Record-Route', value: field.value });
        break;
      case 'from':
        all.push({ name: 'From', value: field.value });
        break;
      case 'to':
        all.push({ name: 'To', value: withTag(field.value, status > 100 ? localTag : undefined) });
        break;
      case 'call-id':
        all.push({ name: 'Call-ID', value: field.value });
        break;
      case 'cseq':
        all.push({ name: 'CSeq', value: field.value });
        break;
      case 'timestamp':
        if (status === 100) all.push(field); // RFC 3261 8.2.6.1
        break;
    }
  }
  all.push(...fields, { name: 'Content-Length', value: String(body.length) });
  return new SipResponse({ status, reason }, all, body);
}

function withTag(to: string, tag: string | undefined): string {
  return tag === undefined || tagOf(to) !== undefined ? to : `${to};tag=${tag}`;
}

function viaWithSource(value: string, { host, port }: Answered['peer']): string {
  const comma = value.indexOf(',');
  const top = comma < 0 ? value : value.slice(0, comma);
  const rest = comma < 0 ? '' : value.slice(comma);
  const plain = top.replace(/;\s*(?:rport|received)(?:\s*=\s*[^;\s,]*)?(?=[;\s]|$)/gi, '');
  return `${plain};received=${host};rport=${port}${rest}`;
}
