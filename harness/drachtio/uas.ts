import { METHODS } from '../sip/header-names.ts';
import type { HeaderField, SipRequest } from '../sip/message.ts';
import { respond } from '../sip/responses.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Peer } from '../sip/transport.ts';
import { tagOf } from '../sip/uri.ts';
import { type AppResponse, RefusedError, readAppResponse } from './app-message.ts';
import { fieldValue } from './build-request.ts';
import { type Context, ownContact, withOwnAddress } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { DIALOG_METHODS, type Dialog } from './dialog.ts';
import { takeInDialog } from './in-dialog.ts';
import { followResponse, isReliable, REFRESHES_TARGET } from './incoming.ts';
import { IncomingRequests } from './incoming-requests.ts';
import { repeatUntilAck } from './invite-answer.ts';
import { metaOfSent, responseEcho } from './leader.ts';
import { startSession, withSession } from './session-timer.ts';
import { settle, whenSettled } from './settle.ts';

/** Make no sense without a dialog. */
const IN_DIALOG_ONLY: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);
/** Methods whose 2xx begins or prolongs a session, RFC 4028. */
const AGREES_ON_SESSION: ReadonlySet<string> = new Set(['INVITE', 'UPDATE']);

/** The half of the user agent that hands requests of the network to applications and sends their responses. */
export class Uas {
  readonly #context: Context;
  /** The application whose turn it is for a verb. */
  readonly #next: (verb: string) => ControlConnection | undefined;
  readonly #incoming: IncomingRequests;

  constructor(context: Context, next: (verb: string) => ControlConnection | undefined) {
    this.#context = context;
    this.#next = next;
    this.#incoming = new IncomingRequests(context);
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const { method } = request;
    const callId = request.header('Call-ID') ?? '';
    const fromTag = tagOf(request.header('From') ?? '') ?? '';
    const toTag = tagOf(request.header('To') ?? '');
    if (!METHODS.has(method)) this.#incoming.answer(transaction, 501);
    else if (toTag !== undefined) {
      const dialog = this.#context.dialogs.byTags(callId, toTag, fromTag);
      if (dialog?.owner.open) this.#takeInDialog(transaction, dialog, fromTag);
      else this.#incoming.answer(transaction, 481);
    } else if (IN_DIALOG_ONLY.has(method)) this.#incoming.answer(transaction, 481);
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
    whenSettled(dialog, () => this.#incoming.passUp(dialog.owner, ack, peer, answer.transactionId, dialog.id));
  }

  /** RFC 3261 9.2: the INVITE is over, whatever the application would have said. */
  onCancel(transaction: ServerTransaction, cancel: SipRequest, peer: Peer): void {
    const incoming = this.#incoming.ofInvite(transaction);
    this.#incoming.answer(transaction, 487);
    if (incoming === undefined) return;
    if (incoming.initial) this.#context.records.stop('network', 'call-canceled', cancel);
    const responded = incoming.dialog !== undefined;
    this.#incoming.forget(incoming);
    if (incoming.initial && incoming.dialog) this.#context.dialogs.remove(incoming.dialog);
    this.#incoming.passUp(
      incoming.connection,
      cancel,
      peer,
      incoming.transactionId,
      responded ? incoming.dialogId : '',
    );
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
    if (app.status >= 200) this.#incoming.forget(incoming);
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
    this.#incoming.forget(incoming);
    return incoming.transaction;
  }

  /** Nobody is left to answer. */
  onClosed(connection: ControlConnection): void {
    for (const incoming of this.#incoming.of(connection)) {
      this.#incoming.forget(incoming);
      this.#incoming.refuse(incoming.transaction, 503);
    }
    for (const dialog of this.#context.dialogs.of(connection)) this.#context.dialogs.remove(dialog);
  }

  #new(transaction: ServerTransaction, callId: string, fromTag: string): void {
    const { method } = transaction.request;
    if (method === 'INVITE') {
      this.#incoming.answer(transaction, 100);
      this.#context.records.attempt('network', transaction.request);
    }
    const connection = this.#next(method.toLowerCase());
    if (connection === undefined) {
      this.#incoming.refuse(transaction, 503);
      return;
    }
    const dialogId = DIALOG_METHODS.has(method) ? this.#context.dialogs.reserveId(callId, fromTag) : '';
    const incoming = this.#incoming.remember(transaction, connection, dialogId, undefined);
    this.#incoming.passUp(connection, transaction.request, transaction.peer, incoming.transactionId, '', true);
  }

  #takeInDialog(transaction: ServerTransaction, dialog: Dialog, fromTag: string): void {
    takeInDialog(this.#context, this.#incoming, { transaction, dialog, fromTag }, (connection, command) =>
      this.respond(connection, command),
    );
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
}
