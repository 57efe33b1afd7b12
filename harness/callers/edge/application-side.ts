/** What an application writes that is no script of ours, as the edge's side towards the server can take it; and what it needs back. */
import { type HeaderField, headerKey, parseAddress, parseUri, SipRequest, SipResponse } from '../../sip/index.ts';
import { withoutRouteTo } from '../../sip/proxy-route.ts';
import type { SocketAddress } from '../../sip/wire.ts';

const NAMES: Readonly<Record<string, string>> = { via: 'Via', cseq: 'CSeq', contact: 'Contact' };

/** Without a Route to the edge; Via, CSeq and Contact under their long names, the Contact with a user and nothing beside its URI. */
export function asScripted(request: SipRequest, edge: SocketAddress): SipRequest {
  const fields = withoutRouteTo(edge, request.fields).map((field): HeaderField => {
    const key = headerKey(field.name);
    const name = NAMES[key];
    if (name === undefined) return field;
    return { name, value: key === 'contact' ? plainContact(field.value) : field.value };
  });
  return new SipRequest(request, fields, request.body);
}

function plainContact(value: string): string {
  const user = parseUri(parseAddress(value)?.uri ?? '')?.user || 'application';
  return `<sip:${user}@application.invalid>`;
}

/** RFC 3261 12.1.2: the last Record-Route is the first hop of whoever called, so the dialog stays with the edge. */
export function keptInDialog(response: SipResponse, { host, port }: SocketAddress): SipResponse {
  const recordRoute = { name: 'Record-Route', value: `<sip:${host}:${port};lr>` };
  return new SipResponse(response, [...response.fields, recordRoute], response.body);
}
