import type { SipRequest } from '../sip/message.ts';
import type { Peer } from '../sip/transport.ts';
import type { SocketAddress } from '../sip/wire.ts';
import { buildRequest, type RequestParts } from './build-request.ts';
import { type Context, hopOf, type NextHop } from './context.ts';
import { Delivery, sendOnce } from './delivery.ts';
import type { Dialog, Fork } from './dialog.ts';
import { metaOfSent, sipLeader } from './leader.ts';

const NOBODY_LISTENS = { onResponse: () => {}, onFailure: () => {} };

/** Why a session timer ends a dialog. */
export const SESSION_ENDED = 'Session timer expired';

/** The server ends a dialog by itself, and tells the application, which knows it as an unsolicited BYE. */
export function hangUp(context: Context, dialog: Dialog, reason: string): void {
  const { dialogs, timerSet } = context;
  if (dialogs.byId(dialog.id) !== dialog) return;
  const bye = sendBye(context, dialog, dialog.fork, `SIP ;cause=200 ;text="${reason}"`);
  dialogs.remove(dialog);
  context.records.stop(
    'application',
    SESSION_ENDED === reason ? 'session-expired' : 'system-initiated-termination',
    bye,
  );
  const protocol = dialog.fork?.peer.protocol ?? 'udp';
  const meta = metaOfSent(bye, localOf(context, dialog.fork), protocol, 'unsolicited', timerSet.clock);
  dialog.owner.send(sipLeader(meta, dialog.id), bye.bytes);
}

/**
 * A request in a dialog, and where it goes. Without a `hop` its peer named an address that leads nowhere from here: it can
 * be shown to an application, but not be sent.
 */
export function requestInDialog(
  context: Context,
  dialog: Dialog,
  fork: Fork | undefined,
  cseq: number,
  parts: Pick<RequestParts, 'method' | 'fields' | 'body'>,
): { request: SipRequest; hop: NextHop | undefined } {
  const { requestUri, route, nextHop } = dialog.routing(fork);
  const found = hopOf(nextHop, context, fork?.peer);
  const hop = typeof found === 'string' ? undefined : found;
  const request = buildRequest({
    ...parts,
    requestUri,
    route,
    protocol: hop?.protocol ?? fork?.peer.protocol ?? 'udp',
    local: hop?.local ?? localOf(context, fork),
    branch: context.layer.newBranch(),
    identity: dialog.identity(parts.method, cseq, fork),
  });
  return { request, hop };
}

/** BYE in a dialog, or to a fork that answered when another one had already. Nothing is sent where nothing can be. */
export function sendBye(context: Context, dialog: Dialog, fork: Fork | undefined, reason?: string): SipRequest {
  const fields = reason === undefined ? [] : [{ name: 'Reason', value: reason }];
  const { request, hop } = requestInDialog(context, dialog, fork, ++dialog.localSeq, { method: 'BYE', fields });
  if (hop === undefined) return request;
  new Delivery(context, request, { hop, known: fork?.peer }, NOBODY_LISTENS).start();
  return request;
}

/**
 * ACK of a 2xx: a request of its own that nobody answers, RFC 3261 13.2.2.4.
 *
 * @returns undefined when it cannot be sent
 */
export function sendAck(
  context: Context,
  dialog: Dialog,
  fork: Fork | undefined,
  cseq: number,
  app: Pick<RequestParts, 'fields' | 'body'> = {},
): { request: SipRequest; peer: Promise<Peer> | Peer } | undefined {
  const { request, hop } = requestInDialog(context, dialog, fork, cseq, { ...app, method: 'ACK' });
  if (hop === undefined) return undefined;
  return { request, peer: sendOnce(context, request, hop, fork?.peer) };
}

/** The address of ours that the other side of a dialog knows. */
function localOf({ transport }: Context, fork: Fork | undefined): SocketAddress {
  return fork?.peer.local ?? transport.local;
}
