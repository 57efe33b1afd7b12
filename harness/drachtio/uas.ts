import { METHODS } from '../sip/header-names.ts';
import { uuid } from '../sip/ids.ts';
import type { HeaderField, SipRequest, SipResponse } from '../sip/message.ts';
import { respond } from '../sip/responses.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Peer } from '../sip/transport.ts';
import { tagOf } from '../sip/uri.ts';
import { type AppResponse, RefusedError, readAppResponse } from './app-message.ts';
import { attempt } from './attempt.ts';
import { buildCancel, fieldValue } from './build-request.ts';
import { type Context, ownContact, withOwnAddress } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { DIALOG_METHODS, type Dialog } from './dialog.ts';
import { refusalInDialog } from './in-dialog.ts';
import { followResponse, type Incoming, isReliable, routeSetOf } from './incoming.ts';
import { repeatUntilAck } from './invite-answer.ts';
import { metaOfReceived, metaOfSent, refusal, responseEcho, sipLeader } from './leader.ts';
import { ReliableProvisionals } from './reliable.ts';
import { startSession, withSession } from './session-timer.ts';
import { settle, whenSettled } from './settle.ts';

/** Make no sense without a dialog. */
const IN_DIALOG_ONLY: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
/** Methods whose 2xx begins or prolongs a session, RFC 4028. */
const AGREES_ON_SESSION: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);
const REFRESHES_TARGET: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** The half of the user agent that hands requests of the network to applications and sends their responses. */
export class Uas {
  readonly #context: Context;
  /** The application whose turn it is for a verb. */
  readonly #next: (verb: string) => ControlConnection | undefined;
  readonly #incoming = new Map<string, Incoming>();
  readonly #invites = new Map<ServerTransaction, Incoming>();

  constructor(context: Context, next: (verb: string) => ControlConnection | undefined) {
    this.#context = context;
    this.#next = next;
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { method } = request;
    const callId = request.header('Call-ID') ?? '';
    const fromTag = tagOf(request.header('From') ?? '') ?? '';
    const toTag = tagOf(request.header('To') ?? '');
    if (!METHODS.has(method)) this.#answer(transaction, 501);
    else if (toTag !== undefined) {
      const dialog = this.#context.dialogs.byTags(callId, toTag, fromTag);
      if (dialog?.owner.open) this.#inDialog(transaction, dialog, fromTag);
      else this.#answer(transaction, 481);
    } else if (IN_DIALOG_ONLY.has(method)) this.#answer(transaction, 481);
    else this.#new(transaction, callId, fromTag);
  }

  /** An ACK that no transaction absorbed. The first one of a 2xx is passed up, with the transaction id of its INVITE. */
  onAck(ack: SipRequest, peer: Peer): void {
    const tag = (name: string): string => tagOf(ack.header(name) ?? '') ?? '';
    const dialog = this.#context.dialogs.byTags(ack.header('Call-ID') ?? '', tag('To'), tag('From'));
    const answer = dialog?.answer;
    if (dialog === undefined || answer?.cseq !== Number.parseInt(ack.header('CSeq') ?? '', 10)) return;
    answer.stop();
    dialog.answer = undefined;
    whenSettled(dialog, () => this.#passUp(dialog.owner, ack, peer, answer.transactionId, dialog.id));
  }

  /** RFC 3261 9.2: the INVITE is over, whatever the application would have said. */
  onCancel(transaction: ServerTransaction, cancel: SipRequest, peer: Peer): void {
    const incoming = this.#invites.get(transaction);
    this.#answer(transaction, 487);
    if (incoming === undefined) return;
    if (incoming.initial) this.#context.records.stop('network', 'call-canceled', cancel);
    const responded = incoming.dialog !== undefined;
    this.#forget(incoming);
    if (incoming.initial && incoming.dialog) this.#context.dialogs.remove(incoming.dialog);
    this.#passUp(incoming.connection, cancel, peer, incoming.transactionId, responded ? incoming.dialogId : '');
  }

  /** @throws {RefusedError} and nothing has been sent */
  respond(connection: ControlConnection, command: Command): void {
    const [transactionId = ''] = command.tokens;
    const incoming = this.#incoming.get(transactionId);
    if (incoming === undefined) throw new RefusedError('Response not sent due to unknown transaction');
    if (incoming.held) throw new RefusedError('Response not sent: a 2xx waits for the PRACK of a provisional response');
    const app = readAppResponse(command.message);
    if (app.status >= 200 && app.status < 300 && incoming.reliable.holdsAnswer) {
      incoming.held = { connection, command };
      return;
    }
    const { transaction } = incoming;
    const { request } = transaction;
    if (app.toTag !== undefined && incoming.dialog === undefined && !transaction.answered)
      transaction.localTag = app.toTag;
    const reliable = isReliable(app, request);
    const rseq = reliable ? incoming.reliable.nextRSeq() : undefined;
    const agrees = app.status >= 200 && app.status < 300 && AGREES_ON_SESSION.has(request.method);
    const given = this.#fields(transaction, app, rseq);
    const fields = agrees ? withSession(request, given) : given;
    const response = respond(transaction, app.status, {
      localTag: transaction.localTag,
      reason: app.reason,
      fields,
      body: app.body,
    });
    followResponse(this.#context.dialogs, incoming, app.status);
    if (app.status >= 200) this.#forget(incoming);
    transaction.send(response);
    if (app.status >= 200 && incoming.initial && request.method === 'INVITE')
      this.#context.records.final('application', 'uas', app.status, response);
    const { dialog } = incoming;
    dialog?.describe(response);
    if (dialog && agrees) startSession(this.#context, dialog, fieldValue(fields, 'session-expires'), 'uas');
    if (rseq !== undefined && dialog) {
      incoming.reliable.repeat(rseq, app.body.length > 0, () => transaction.send(response));
      dialog.reliable = { cseq: Number.parseInt(request.header('CSeq') ?? '', 10), provisionals: incoming.reliable };
    }
    if (request.method === 'INVITE' && dialog && app.status >= 200 && app.status < 300) {
      repeatUntilAck(this.#context, dialog, transaction, response, transactionId);
    }
    const { peer } = transaction;
    const meta = metaOfSent(response, peer, peer.protocol, transactionId, this.#context.timerSet.clock);
    connection.reply(command, responseEcho(meta, incoming.dialogId), response.bytes);
    if (dialog && incoming.initial && app.status >= 200) settle(this.#context, dialog);
  }

  /** Hands over a request that has no answer yet, to be passed on. undefined: there is none, or it makes no sense. */
  take(connection: ControlConnection, transactionId: string): ServerTransaction | undefined {
    const incoming = this.#incoming.get(transactionId);
    if (incoming === undefined || incoming.connection !== connection || !incoming.initial || incoming.dialog)
      return undefined;
    this.#forget(incoming);
    return incoming.transaction;
  }

  /** Nobody is left to answer. */
  onClosed(connection: ControlConnection): void {
    for (const incoming of this.#incoming.values()) {
      if (incoming.connection !== connection) continue;
      this.#forget(incoming);
      this.#refuse(incoming.transaction, 503);
    }
    for (const dialog of this.#context.dialogs.of(connection)) this.#context.dialogs.remove(dialog);
  }

  #new(transaction: ServerTransaction, callId: string, fromTag: string): void {
    const { method } = transaction.request;
    if (method === 'INVITE') {
      this.#answer(transaction, 100);
      this.#context.records.attempt('network', transaction.request);
    }
    const connection = this.#next(method.toLowerCase());
    if (connection === undefined) {
      this.#refuse(transaction, 503);
      return;
    }
    const dialogId = DIALOG_METHODS.has(method) ? this.#context.dialogs.reserveId(callId, fromTag) : '';
    const incoming = this.#remember(transaction, connection, dialogId, undefined);
    this.#passUp(connection, transaction.request, transaction.peer, incoming.transactionId, '', true);
  }

  #inDialog(transaction: ServerTransaction, dialog: Dialog, fromTag: string): void {
    const { request, peer } = transaction;
    const { method } = request;
    const { dialogs } = this.#context;
    const refused = refusalInDialog(this.#context, dialog, request);
    if (refused) {
      this.#answer(transaction, refused.status, refused.fields, refused.reason);
      return;
    }
    if (method === 'INVITE') this.#answer(transaction, 100);
    const open = this.#incoming.get(dialog.open.get('INVITE') ?? '');
    if (method === 'BYE' && !dialog.confirmed && dialog.openInvite !== undefined) {
      this.#answer(transaction, 200);
      dialog.giveUpFork(fromTag);
      return;
    }
    if (dialog.fork?.tag !== fromTag) {
      // A request overtook the response that would have told of this fork (RFC 6665 4.4.1 for NOTIFY).
      dialogs.index(dialog, dialog.hear(fromTag, request.header('Contact'), routeSetOf(request), peer));
    }
    if (REFRESHES_TARGET.has(method)) dialog.refreshTarget(request.header('Contact'));
    if (dialog.fork && peer.protocol !== 'udp') dialog.fork.peer = peer;
    const { transactionId } = this.#remember(transaction, dialog.owner, dialog.id, dialog);
    if (method === 'UPDATE' || method === 'INVITE') dialog.open.set(method, transactionId);
    const cancel = method === 'BYE' && open?.initial ? buildCancel(open.transaction.request, []) : undefined;
    if (method === 'BYE') this.#end(dialog, request, cancel !== undefined);
    whenSettled(dialog, () => {
      this.#passUp(dialog.owner, request, peer, transactionId, dialog.id);
      if (open && cancel) this.#tellCancelled(open, cancel, peer);
    });
    if (cancel) this.#forgetAndAnswer(transactionId, 200);
    if (method === 'PRACK' && open) this.#sendHeld(open);
  }

  /** RFC 3261 15.1.2: what is still open in the dialog is over, too. */
  #end(dialog: Dialog, bye: SipRequest, early: boolean): void {
    this.#context.records.stop('network', early ? 'call-canceled' : 'normal-release', bye);
    for (const transactionId of dialog.open.values()) this.#forgetAndAnswer(transactionId, 487);
    this.#context.dialogs.remove(dialog);
  }

  #forgetAndAnswer(transactionId: string, status: number): void {
    const incoming = this.#incoming.get(transactionId);
    if (incoming === undefined) return;
    this.#forget(incoming);
    this.#answer(incoming.transaction, status);
  }

  /**
   * The caller has hung up before it was answered, by a BYE (RFC 3261 15 allows it). An application that has no dialog yet
   * listens for a CANCEL only; this one was never on the wire.
   */
  #tellCancelled({ transactionId, connection, dialogId }: Incoming, cancel: SipRequest, { protocol }: Peer): void {
    const atEpochMs = this.#context.timerSet.clock.nowEpochMs();
    const meta = { source: 'network', bytes: 0, protocol, address: undefined, atEpochMs, transactionId } as const;
    connection.send(sipLeader(meta, dialogId), cancel.bytes);
  }

  #sendHeld(incoming: Incoming): void {
    const { held } = incoming;
    if (held === undefined || incoming.reliable.holdsAnswer) return;
    incoming.held = undefined;
    attempt(held.connection, held.command, () => this.respond(held.connection, held.command));
  }

  #remember(
    transaction: ServerTransaction,
    connection: ControlConnection,
    dialogId: string,
    dialog: Dialog | undefined,
  ): Incoming {
    const { ids, timerSet, timers } = this.#context;
    const incoming: Incoming = {
      transactionId: uuid(ids),
      transaction,
      connection,
      dialogId,
      dialog,
      initial: dialog === undefined,
      reliable: new ReliableProvisionals(this.#context, () => this.#giveUp(incoming, 504)),
      unanswered: undefined,
      held: undefined,
    };
    this.#incoming.set(incoming.transactionId, incoming);
    if (transaction.request.method === 'INVITE') this.#invites.set(transaction, incoming);
    incoming.unanswered = timerSet.after(timers.unansweredTimeoutMs, () => {
      if (transaction.answered) return;
      this.#forget(incoming);
      transaction.terminate();
    });
    return incoming;
  }

  #forget(incoming: Incoming): void {
    const { dialogs } = this.#context;
    this.#incoming.delete(incoming.transactionId);
    this.#invites.delete(incoming.transaction);
    incoming.reliable.stop();
    incoming.unanswered?.cancel();
    const { dialog, held, transactionId } = incoming;
    for (const [method, open] of dialog?.open ?? []) if (open === transactionId) dialog?.open.delete(method);
    if (held) held.connection.reply(held.command, refusal('Response not sent: the call ended before the PRACK came'));
    if (incoming.initial && incoming.dialog === undefined) dialogs.release(incoming.dialogId);
  }

  #giveUp(incoming: Incoming, status: number): void {
    this.#forget(incoming);
    if (incoming.initial && incoming.dialog) this.#context.dialogs.remove(incoming.dialog);
    this.#refuse(incoming.transaction, status);
  }

  /** No application answers it, or it came too late. */
  #refuse(transaction: ServerTransaction, status: number): void {
    const { request } = transaction;
    const response = this.#answer(transaction, status);
    const isNew = request.method === 'INVITE' && tagOf(request.header('To') ?? '') === undefined;
    if (isNew) this.#context.records.stop('application', 'call-rejected', response);
  }

  #answer(
    transaction: ServerTransaction,
    status: number,
    fields: readonly HeaderField[] = [],
    reason?: string,
  ): SipResponse {
    const { localTag } = transaction;
    const response = respond(transaction, status, { localTag, fields, ...(reason !== undefined && { reason }) });
    transaction.send(response);
    return response;
  }

  #fields(transaction: ServerTransaction, app: AppResponse, rseq: number | undefined): HeaderField[] {
    const { request, peer } = transaction;
    const local = peer.local ?? this.#context.transport.local;
    const fields = app.fields.map(({ name, value }) => ({ name, value: withOwnAddress(value, local) }));
    const needsContact = REFRESHES_TARGET.has(request.method) && app.status > 100 && app.status < 300;
    if (needsContact && fieldValue(fields, 'contact') === undefined) {
      fields.unshift({ name: 'Contact', value: ownContact(local, peer.protocol) });
    }
    if (rseq !== undefined) fields.push({ name: 'RSeq', value: String(rseq) });
    return fields;
  }

  #passUp(
    connection: ControlConnection,
    request: SipRequest,
    peer: Peer,
    transactionId: string,
    dialogId: string,
    isNew = false,
  ): void {
    const { transport, timerSet } = this.#context;
    const meta = metaOfReceived(request, peer, transactionId, timerSet.clock);
    connection.send(sipLeader(meta, dialogId, isNew ? (peer.local ?? transport.local) : undefined), request.bytes);
  }
}
