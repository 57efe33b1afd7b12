/** What a proxy changes in a request that it sends on, and in the response that comes back: RFC 3261 16.6, 16.7. */
import { headerKey } from '../../sip/header-names.ts';
import { type HeaderField, SipRequest, SipResponse } from '../../sip/message.ts';
import { withoutTopVia, withReceived } from '../../sip/proxy-via.ts';
import type { Peer } from '../../sip/transport.ts';
import { parseAddress, parseUri, type SipUri, splitList } from '../../sip/uri.ts';
import { hostPort, type NextHop, ownVia } from '../context.ts';
import { DIALOG_METHODS } from '../dialog.ts';

/** Header fields that an application may not add: they are the request's own, or the proxy's. */
const NOT_ADDED: ReadonlySet<string> = new Set(
  'via from to call-id cseq max-forwards route record-route contact content-length content-type'.split(' '),
);

export interface Forwarding {
  readonly requestUri: string;
  readonly hop: Pick<NextHop, 'protocol' | 'local'>;
  readonly branch: string;
  /** Set when later requests of the dialog shall come this way, too: marks our Route as a proxy's. */
  readonly mark: string | undefined;
  /** Of the application. */
  readonly added: readonly HeaderField[];
}

/** Whether a request may be sent on once more (RFC 3261 16.3 step 3). */
export function mayTravelOn(request: SipRequest): boolean {
  return Number(request.header('Max-Forwards') ?? 70) > 0;
}

export function forwardRequest(request: SipRequest, from: Peer, forwarding: Forwarding): SipRequest {
  const { requestUri, hop, branch, mark, added } = forwarding;
  const { method, body } = request;
  const hops = request.header('Max-Forwards');
  const replaced = new Set(added.map(({ name }) => headerKey(name)).filter((key) => !NOT_ADDED.has(key)));
  const passed = withReceived(request.fields, from).filter(({ name }) => !replaced.has(headerKey(name)));
  const fields: HeaderField[] = [{ name: 'Via', value: ownVia(hop.local, hop.protocol, branch) }];
  if (mark !== undefined && DIALOG_METHODS.has(method)) {
    const transport = hop.protocol === 'udp' ? '' : `;transport=${hop.protocol}`;
    fields.push({ name: 'Record-Route', value: `<sip:${hostPort(hop.local)}${transport};lr;${MARK}=${mark}>` });
  }
  for (const field of passed) {
    if (headerKey(field.name) === 'max-forwards')
      fields.push({ name: 'Max-Forwards', value: String(Number(hops) - 1) });
    else fields.push(field);
  }
  if (hops === undefined) fields.push({ name: 'Max-Forwards', value: '70' });
  fields.push(...added.filter(({ name }) => replaced.has(headerKey(name))));
  return new SipRequest({ method, requestUri }, fields, body);
}

/** A response on its way back; `more`: header fields of other responses that it stands for. */
export function forwardResponse(response: SipResponse, more: readonly HeaderField[] = []): SipResponse {
  const { status, reason, body } = response;
  return new SipResponse({ status, reason }, [...withoutTopVia(response.fields), ...more], body);
}

const MARK = 'ringfence';

/** Whether a Route is one that {@link forwardRequest} has put into a dialog. */
export function hasMark(route: SipUri, mark: string): boolean {
  return route.params.get(MARK) === mark;
}

/** RFC 3261 16.4: without its topmost Route, if that is one of ours; undefined: it is not. */
export function withoutOwnRoute(request: SipRequest, isOurs: (route: SipUri) => boolean): SipRequest | undefined {
  const at = request.fields.findIndex(({ name }) => headerKey(name) === 'route');
  const field = request.fields[at];
  if (field === undefined) return undefined;
  const [top = '', ...rest] = splitList(field.value);
  const uri = parseUri(parseAddress(top)?.uri ?? '');
  if (uri === undefined || !isOurs(uri)) return undefined;
  const left = rest.length === 0 ? [] : [{ name: field.name, value: rest.join(', ') }];
  return new SipRequest(request, request.fields.toSpliced(at, 1, ...left), request.body);
}

/** Where a request goes by its own account: its topmost Route, else its Request-URI. */
export function nextUri(request: SipRequest): string {
  const [route] = request.headers('Route').flatMap(splitList);
  return route === undefined ? request.requestUri : (parseAddress(route)?.uri ?? '');
}
