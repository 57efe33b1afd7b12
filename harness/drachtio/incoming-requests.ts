import { uuid } from '../sip/ids.ts';
import type { HeaderField, SipRequest, SipResponse } from '../sip/message.ts';
import { respond } from '../sip/responses.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Peer } from '../sip/transport.ts';
import { tagOf } from '../sip/uri.ts';
import type { Context } from './context.ts';
import type { ControlConnection } from './control-connection.ts';
import type { Dialog } from './dialog.ts';
import type { Incoming } from './incoming.ts';
import { metaOfReceived, refusal, sipLeader } from './leader.ts';
import { ReliableProvisionals } from './reliable.ts';

/** Requests of the network that applications have not answered yet. */
export class IncomingRequests {
  readonly #context: Context;
  readonly #open = new Map<string, Incoming>();
  readonly #invites = new Map<ServerTransaction, Incoming>();

  constructor(context: Context) {
    this.#context = context;
  }

  get(transactionId: string): Incoming | undefined {
    return this.#open.get(transactionId);
  }

  ofInvite(transaction: ServerTransaction): Incoming | undefined {
    return this.#invites.get(transaction);
  }

  of(connection: ControlConnection): Incoming[] {
    return [...this.#open.values()].filter((incoming) => incoming.connection === connection);
  }

  remember(
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
    this.#open.set(incoming.transactionId, incoming);
    if (transaction.request.method === 'INVITE') this.#invites.set(transaction, incoming);
    incoming.unanswered = timerSet.after(timers.unansweredTimeoutMs, () => {
      if (transaction.answered) return;
      this.forget(incoming);
      transaction.terminate();
    });
    return incoming;
  }

  forget(incoming: Incoming): void {
    const { dialogs } = this.#context;
    this.#open.delete(incoming.transactionId);
    this.#invites.delete(incoming.transaction);
    incoming.reliable.stop();
    incoming.unanswered?.cancel();
    const { dialog, held, transactionId } = incoming;
    for (const [method, open] of dialog?.open ?? []) if (open === transactionId) dialog?.open.delete(method);
    if (held) held.connection.reply(held.command, refusal('Response not sent: the call ended before the PRACK came'));
    if (incoming.initial && incoming.dialog === undefined) dialogs.release(incoming.dialogId);
  }

  #giveUp(incoming: Incoming, status: number): void {
    this.forget(incoming);
    if (incoming.initial && incoming.dialog) this.#context.dialogs.remove(incoming.dialog);
    this.refuse(incoming.transaction, status);
  }

  /** No application answers it, or it came too late. */
  refuse(transaction: ServerTransaction, status: number): void {
    const { request } = transaction;
    const response = this.answer(transaction, status);
    const isNew = request.method === 'INVITE' && tagOf(request.header('To') ?? '') === undefined;
    if (isNew) this.#context.records.stop('application', 'call-rejected', response);
  }

  answer(
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

  passUp(
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

  /** In place of the application, which will not answer any more. */
  forgetAndAnswer(transactionId: string, status: number): void {
    const incoming = this.get(transactionId);
    if (incoming === undefined) return;
    this.forget(incoming);
    this.answer(incoming.transaction, status);
  }
}
