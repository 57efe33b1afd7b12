import type { SipRequest } from '../sip/message.ts';
import type { Peer } from '../sip/transport.ts';
import { buildRequest } from './build-request.ts';
import { type Context, nextHopOf, peerOf } from './context.ts';
import type { Dialog, Fork } from './dialog.ts';
import { metaOfSent, sipLeader } from './leader.ts';

const NOBODY_LISTENS = { onResponse: () => {}, onFailure: () => {} };

/** The server ends a dialog by itself, and tells the application, which knows it as an unsolicited BYE. */
export function hangUp(context: Context, dialog: Dialog, reason: string): void {
  const { dialogs, transport, timerSet } = context;
  if (dialogs.byId(dialog.id) !== dialog) return;
  const bye = sendBye(context, dialog, dialog.fork, `SIP ;cause=200 ;text="${reason}"`);
  dialogs.remove(dialog);
  const protocol = dialog.fork?.peer.protocol ?? 'udp';
  const meta = metaOfSent(bye, transport.local, protocol, 'unsolicited', timerSet.clock);
  dialog.owner.send(sipLeader(meta, dialog.id), bye.bytes);
}

/** BYE in a dialog, or to a fork that answered when another one had already. */
export function sendBye(context: Context, dialog: Dialog, fork: Fork | undefined, reason?: string): SipRequest {
  const { requestUri, route, nextHop } = dialog.routing(fork);
  const protocol = fork?.peer.protocol ?? 'udp';
  const hop = nextHopOf(nextHop, context, protocol);
  const bye = buildRequest(context, {
    method: 'BYE',
    requestUri,
    route,
    protocol: hop.protocol,
    branch: context.layer.newBranch(),
    identity: dialog.identity('BYE', ++dialog.localSeq, fork),
    ...(reason !== undefined && { fields: [{ name: 'Reason', value: reason }] }),
  });
  const transaction = context.layer.client(bye, hop.protocol === 'tcp', NOBODY_LISTENS);
  whenResolved(
    context,
    hop.host,
    (address) => transaction.start(peerOf(hop, address, fork?.peer)),
    () => transaction.terminate(),
  );
  return bye;
}

/** ACK of a 2xx: a request of its own that nobody answers, RFC 3261 13.2.2.4. */
export function sendAck(
  context: Context,
  dialog: Dialog,
  fork: Fork | undefined,
  cseq: number,
  app: Pick<Parameters<typeof buildRequest>[1], 'fields' | 'body'> = {},
): { request: SipRequest; peer: Promise<Peer> | Peer } {
  const { requestUri, route, nextHop } = dialog.routing(fork);
  const hop = nextHopOf(nextHop, context, fork?.peer.protocol);
  const request = buildRequest(context, {
    ...app,
    method: 'ACK',
    requestUri,
    route,
    protocol: hop.protocol,
    branch: context.layer.newBranch(),
    identity: dialog.identity('ACK', cseq, fork),
  });
  const known = fork?.peer;
  const address = context.resolver.resolve(hop.host);
  const peer = typeof address === 'string' ? peerOf(hop, address, known) : address.then((a) => peerOf(hop, a, known));
  if (peer instanceof Promise)
    peer.then(
      (to) => context.transport.send(request.bytes, to),
      () => {},
    );
  else context.transport.send(request.bytes, peer);
  return { request, peer };
}

/** At once where no name has to be resolved. */
export function whenResolved(
  { resolver }: Context,
  host: string,
  onAddress: (address: string) => void,
  onUnknown: () => void,
): void {
  const address = resolver.resolve(host);
  if (typeof address === 'string') onAddress(address);
  else address.then(onAddress, onUnknown);
}
