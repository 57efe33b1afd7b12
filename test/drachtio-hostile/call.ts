import { randomUUID } from 'node:crypto';
import { type Address, hostPort, type SipPeer } from './sip-peer.ts';

export interface CallOptions {
  readonly method?: string;
  /** @default one of its own */
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  /** Further header lines, without line ends. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A request as a well-behaved peer sends it, line ends and all. */
export function sipRequest(peer: SipPeer, server: Address, options: CallOptions = {}): string {
  const {
    method = 'INVITE',
    callId = randomUUID(),
    fromTag = 'peer',
    toTag,
    cseq = 1,
    headers = [],
    body = '',
  } = options;
  const [own, theirs] = [hostPort(peer.local), hostPort(server)];
  const transport = peer.transport === 'UDP' ? '' : `;transport=${peer.transport.toLowerCase()}`;
  return [
    `${method} sip:callee@${theirs} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport} ${own};rport;branch=z9hG4bK${randomUUID()}`,
    'Max-Forwards: 70',
    `From: <sip:peer@${own}>;tag=${fromTag}`,
    `To: <sip:callee@${theirs}>${toTag ? `;tag=${toTag}` : ''}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    `Contact: <sip:peer@${own}${transport}>`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

export function headerOf(message: string, name: string): string {
  return new RegExp(`^${name}[ \\t]*:[ \\t]*(.*?)[ \\t]*$`, 'im').exec(message)?.[1] ?? '';
}

/**
 * INVITE, 200, ACK, BYE, 200. Throws if the server does not play its part. Needs an application that answers.
 *
 * @returns the 200 to the INVITE
 */
export async function placeCall(peer: SipPeer, server: Address, options: CallOptions = {}): Promise<string> {
  const call = { callId: randomUUID(), fromTag: 'peer', ...options };
  peer.send(sipRequest(peer, server, call));
  const answer = await peer.next(/^SIP\/2\.0 [2-6]\d\d /, 'INVITE');
  if (!answer.startsWith('SIP/2.0 200 ')) throw new Error(`the call was not answered:\n${answer}`);
  if (headerOf(answer, 'Call-ID') !== call.callId)
    throw new Error(`answered another call than ${call.callId}:\n${answer}`);
  const toTag = /;tag=([^;\s]+)/.exec(headerOf(answer, 'To'))?.[1] ?? '';
  peer.send(sipRequest(peer, server, { ...call, method: 'ACK', toTag }));
  peer.send(sipRequest(peer, server, { ...call, method: 'BYE', toTag, cseq: 2 }));
  const bye = await peer.next(/^SIP/, 'BYE');
  if (!bye.startsWith('SIP/2.0 200 ')) throw new Error(`BYE was answered:\n${bye}`);
  return answer;
}
