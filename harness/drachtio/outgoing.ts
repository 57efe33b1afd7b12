import type { SipRequest, SipResponse } from '../sip/message.ts';
import type { Timer } from '../sip/timers.ts';
import type { Peer } from '../sip/transport.ts';
import { parseAddress, splitList, tagOf } from '../sip/uri.ts';
import type { Context } from './context.ts';
import type { ControlConnection } from './control-connection.ts';
import type { Delivery } from './delivery.ts';
import { allowsUpdate, type Dialog, type Fork } from './dialog.ts';
import { sendAck, sendBye } from './hang-up.ts';
import { startSession } from './session-timer.ts';

/** A request of an application, until its final response. */
export interface Outgoing {
  readonly transactionId: string;
  readonly connection: ControlConnection;
  /** As it was sent last. */
  request: SipRequest;
  readonly dialog: Dialog | undefined;
  /** It makes the dialog, rather than belonging to it. */
  readonly initial: boolean;
  readonly cseq: number;
  delivery: Delivery | undefined;
  provisional: boolean;
  final: boolean;
  cancel: SipRequest | undefined;
  cancelTimer: Timer | undefined;
  failure: string | undefined;
  /** Tags of forks that answered too late. */
  readonly hungUp: Set<string>;
}

/**
 * What a response means for the dialog of its request.
 *
 * @returns false when the application has seen this response, or is not to see it
 */
export function followDialog(context: Context, outgoing: Outgoing, response: SipResponse, from: Peer): boolean {
  const { dialog } = outgoing;
  if (dialog === undefined) return true;
  const { dialogs } = context;
  const { method } = outgoing.request;
  const { status } = response;
  if (status < 200) return !outgoing.initial || method !== 'INVITE' || hearRinging(context, dialog, response, from);
  if (status > 299) {
    const over = outgoing.initial || (endsDialog(dialog, outgoing.request) && status !== 401 && status !== 407);
    if (over) dialogs.remove(dialog);
    return true;
  }
  if (endsDialog(dialog, outgoing.request)) {
    dialogs.remove(dialog);
    return true;
  }
  if (!outgoing.initial) {
    if (outgoing.final) {
      repeatAck(context, dialog, outgoing.cseq);
      return false;
    }
    if (method === 'INVITE' || method === 'UPDATE') dialog.refreshTarget(response.header('Contact'));
    if (method === 'INVITE') dialog.awaitingAck.add(outgoing.cseq);
    if (method === 'INVITE' || method === 'UPDATE')
      startSession(context, dialog, response.header('Session-Expires'), 'uac');
    return true;
  }
  return hearAnswer(context, outgoing, dialog, response, from);
}

function hearRinging(context: Context, dialog: Dialog, response: SipResponse, from: Peer): boolean {
  const tag = tagOf(response.header('To') ?? '');
  if (tag === undefined) return true;
  const fork = dialog.hear(tag, response.header('Contact'), routeSetOf(response), from);
  context.dialogs.index(dialog, fork);
  const rseq = Number.parseInt(response.header('RSeq') ?? '', 10);
  if (!(rseq > 0)) return true;
  if (rseq <= fork.lastRSeq) return false; // its PRACK was lost, or is on its way: the transaction repeats it
  fork.lastRSeq = rseq;
  fork.unacknowledged.push(rseq);
  return true;
}

function hearAnswer(context: Context, outgoing: Outgoing, dialog: Dialog, response: SipResponse, from: Peer): boolean {
  const { dialogs } = context;
  const invite = outgoing.request.method === 'INVITE';
  const tag = tagOf(response.header('To') ?? '') ?? '';
  if (outgoing.final || !outgoing.connection.open) {
    if (!invite) return false;
    if (dialog.confirmed && dialog.fork?.tag === tag) repeatAck(context, dialog, outgoing.cseq);
    else refuseFork(context, outgoing, dialog, forkOf(tag, response, from, dialog));
    return false;
  }
  if (!dialog.confirmed) {
    const fork = dialog.hear(tag, response.header('Contact'), routeSetOf(response), from);
    fork.routeSet = routeSetOf(response); // RFC 3261 13.2.2.4: as the 2xx has it
    fork.peer = from;
    dialogs.confirm(dialog, fork);
  }
  dialog.refreshTarget(response.header('Contact'));
  if (!invite) return true;
  dialog.allowsUpdate = allowsUpdate(response);
  startSession(context, dialog, response.header('Session-Expires'), 'uac');
  dialog.awaitingAck.add(outgoing.cseq);
  dialog.byeAfterAck = outgoing.cancel !== undefined;
  return true;
}

/** Another fork has answered first, or nobody is left to speak: ACK and BYE, RFC 3261 13.2.2.4. */
function refuseFork(context: Context, outgoing: Outgoing, dialog: Dialog, fork: Fork): void {
  sendAck(context, dialog, fork, outgoing.cseq);
  if (outgoing.hungUp.has(fork.tag)) return;
  outgoing.hungUp.add(fork.tag);
  sendBye(context, dialog, fork);
  if (!dialog.confirmed) context.dialogs.remove(dialog);
}

/** The 2xx of an INVITE came again: its ACK was lost. While the application has not acknowledged it, nothing is sent. */
export function repeatAck(context: Context, dialog: Dialog, cseq: number): void {
  const { lastAck } = dialog;
  if (lastAck?.cseq === cseq) context.transport.send(lastAck.request.bytes, lastAck.peer);
}

/** Its final response is the end of the dialog: RFC 3261 15, RFC 6665 4.4.1. */
export function endsDialog(dialog: Dialog, request: SipRequest): boolean {
  if (dialog.method === 'INVITE') return request.method === 'BYE';
  return request.method === 'NOTIFY' && /^terminated\b/i.test(request.header('Subscription-State') ?? '');
}

/** RFC 3261 12.1.2: in reverse order. */
function routeSetOf(response: SipResponse): string[] {
  return response.headers('Record-Route').flatMap(splitList).toReversed();
}

function forkOf(tag: string, response: SipResponse, from: Peer, dialog: Dialog): Fork {
  const contact = parseAddress(response.header('Contact') ?? '')?.uri ?? dialog.routing().requestUri;
  return { tag, remoteTarget: contact, routeSet: routeSetOf(response), peer: from, lastRSeq: 0, unacknowledged: [] };
}
