import type { HeaderField, SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Peer } from '../sip/transport.ts';
import { attempt } from './attempt.ts';
import { buildCancel } from './build-request.ts';
import type { Context } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import type { Dialog } from './dialog.ts';
import { type Incoming, REFRESHES_TARGET, routeSetOf, takePrack } from './incoming.ts';
import type { IncomingRequests } from './incoming-requests.ts';
import { sipLeader } from './leader.ts';
import { MIN_SESSION_S, readSessionExpires } from './session-timer.ts';
import { whenSettled } from './settle.ts';

interface InDialog {
  readonly transaction: ServerTransaction;
  readonly dialog: Dialog;
  readonly fromTag: string;
}

const LONGEST_RETRY_AFTER_S = 10;

/** A request in a dialog. `respond`: sends what an application has answered. */
export function takeInDialog(
  context: Context,
  incoming: IncomingRequests,
  { transaction, dialog, fromTag }: InDialog,
  respond: (connection: ControlConnection, command: Command) => void,
): void {
  const { request, peer } = transaction;
  const { method } = request;
  const { dialogs } = context;
  const refused = refusalInDialog(context, dialog, request);
  if (refused) {
    incoming.answer(transaction, refused.status, refused.fields, refused.reason);
    return;
  }
  if (method === 'INVITE') incoming.answer(transaction, 100);
  const open = incoming.get(dialog.open.get('INVITE') ?? '');
  if (method === 'BYE' && !dialog.confirmed && dialog.openInvite !== undefined) {
    incoming.answer(transaction, 200);
    dialog.giveUpFork(fromTag);
    return;
  }
  if (dialog.fork?.tag !== fromTag) {
    // A request overtook the response that would have told of this fork (RFC 6665 4.4.1 for NOTIFY).
    dialogs.index(dialog, dialog.hear(fromTag, request.header('Contact'), routeSetOf(request), peer));
  }
  if (REFRESHES_TARGET.has(method)) dialog.refreshTarget(request.header('Contact'));
  if (dialog.fork && peer.protocol !== 'udp') dialog.fork.peer = peer;
  const { transactionId } = incoming.remember(transaction, dialog.owner, dialog.id, dialog);
  if (method === 'UPDATE' || method === 'INVITE') dialog.open.set(method, transactionId);
  const cancel = method === 'BYE' && open?.initial ? buildCancel(open.transaction.request, []) : undefined;
  if (method === 'BYE') end(context, incoming, dialog, request, cancel !== undefined);
  whenSettled(dialog, () => {
    incoming.passUp(dialog.owner, request, peer, transactionId, dialog.id);
    if (open && cancel) tellCancelled(context, open, cancel, peer);
  });
  if (cancel) incoming.forgetAndAnswer(transactionId, 200);
  if (method === 'PRACK' && open) sendHeld(open, respond);
}

/** RFC 3261 15.1.2: what is still open in the dialog is over, too. */
function end(context: Context, incoming: IncomingRequests, dialog: Dialog, bye: SipRequest, early: boolean): void {
  context.records.stop('network', early ? 'call-canceled' : 'normal-release', bye);
  for (const transactionId of dialog.open.values()) incoming.forgetAndAnswer(transactionId, 487);
  context.dialogs.remove(dialog);
}

/**
 * The caller has hung up before it was answered, by a BYE (RFC 3261 15 allows it). An application that has no dialog yet
 * listens for a CANCEL only; this one was never on the wire.
 */
function tellCancelled(
  context: Context,
  { transactionId, connection, dialogId }: Incoming,
  cancel: SipRequest,
  { protocol }: Peer,
): void {
  const atEpochMs = context.timerSet.clock.nowEpochMs();
  const meta = { source: 'network', bytes: 0, protocol, address: undefined, atEpochMs, transactionId } as const;
  connection.send(sipLeader(meta, dialogId), cancel.bytes);
}

/** The 2xx that had to wait for the PRACK which has come now. */
function sendHeld(incoming: Incoming, respond: (connection: ControlConnection, command: Command) => void): void {
  const { held } = incoming;
  if (held === undefined || incoming.reliable.holdsAnswer) return;
  incoming.held = undefined;
  attempt(held.connection, held.command, () => respond(held.connection, held.command));
}

/** Of the server's own: the application does not hear of the request. */
interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly fields?: readonly HeaderField[];
}

/** What a request in a dialog is refused with; undefined: it is the application's. A PRACK has then done its work. */
function refusalInDialog({ ids }: Context, dialog: Dialog, request: SipRequest): Refusal | undefined {
  const { method } = request;
  if (method === 'PRACK') return takePrack(dialog, request) ? undefined : { status: 481 }; // RFC 3262 3
  const { intervalS = 0 } = readSessionExpires(request.header('Session-Expires')) ?? {};
  if (intervalS > 0 && intervalS < Math.min(MIN_SESSION_S, dialog.session?.intervalS ?? MIN_SESSION_S)) {
    return { status: 422, fields: [{ name: 'Min-SE', value: String(MIN_SESSION_S) }] };
  }
  const inAWhile = (): Refusal => retryAfter(Number.parseInt(ids.hex(4), 16) % (LONGEST_RETRY_AFTER_S + 1));
  if (method === 'UPDATE') {
    if (dialog.open.has('UPDATE')) return inAWhile(); // RFC 3311 5.2
    // The same: one offer has to be answered before the next. Before the first 2xx a PRACK may have done that.
    if (!dialog.confirmed || request.body.length === 0) return undefined;
    if (dialog.openInvite !== undefined) return { status: 491 };
    return dialog.open.has('INVITE') ? inAWhile() : undefined;
  }
  if (method !== 'INVITE') return undefined;
  if (request.header('Contact') === undefined) return { status: 400, reason: 'Bad Request (Contact is needed)' };
  // RFC 3261 14.2: each side's INVITE has to be over before the next one begins.
  if (dialog.openInvite !== undefined) return { status: 491 };
  return dialog.open.has('INVITE') ? inAWhile() : undefined;
}

function retryAfter(seconds: number): Refusal {
  return { status: 500, fields: [{ name: 'Retry-After', value: String(seconds) }] };
}
