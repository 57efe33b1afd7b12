import { uuid } from '../sip/ids.ts';
import type { HeaderField, SipRequest, SipResponse } from '../sip/message.ts';
import { respond } from '../sip/responses.ts';
import type { Peer } from '../sip/transport.ts';
import { buildCancel } from './build-request.ts';
import type { Context, NextHop } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { Delivery } from './delivery.ts';
import { metaOfReceived, metaOfSent, requestEcho, sipLeader } from './leader.ts';
import { endsDialog, followDialog, type Outgoing } from './outgoing.ts';
import { settle } from './settle.ts';

const NOBODY_LISTENS = { onResponse: () => {}, onFailure: () => {} };

/** Requests of applications that have no final response yet: what is sent, and what becomes of it. */
export class OutgoingRequests {
  readonly #context: Context;
  readonly #pending = new Map<string, Outgoing>();

  constructor(context: Context) {
    this.#context = context;
  }

  get(transactionId: string): Outgoing | undefined {
    return this.#pending.get(transactionId);
  }

  of(connection: ControlConnection): Outgoing[] {
    return [...this.#pending.values()].filter((outgoing) => outgoing.connection === connection);
  }

  /** `way`: a status where the request is not sent, and answered with that instead. */
  start(
    command: Command,
    given: Pick<Outgoing, 'connection' | 'request' | 'dialog' | 'initial' | 'cseq'>,
    way: NextHop | 491 | 503,
    known?: Peer,
  ): Outgoing {
    const context = this.#context;
    const hop = typeof way === 'number' ? undefined : way;
    const outgoing: Outgoing = {
      ...given,
      transactionId: uuid(context.ids),
      delivery: undefined,
      provisional: false,
      final: false,
      cancel: undefined,
      cancelTimer: undefined,
      failure: undefined,
      hungUp: new Set(),
    };
    this.#pending.set(outgoing.transactionId, outgoing);
    const { records } = context;
    if (given.initial && given.request.method === 'INVITE') records.attempt('application', given.request);
    if (given.request.method === 'BYE') records.stop('application', 'normal-release', given.request);
    this.echo(given.connection, command, given.request, hop ?? known, outgoing.transactionId);
    if (hop === undefined) {
      if (way === 503) outgoing.failure = 'Unreachable Address';
      this.#onFailure(outgoing, way === 491 ? 491 : 503);
      return outgoing;
    }
    const delivery = new Delivery(
      context,
      given.request,
      { hop, known },
      {
        onResponse: (response, from) => this.#onResponse(outgoing, response, from),
        onFailure: (reason) => this.#onFailure(outgoing, reason === 'timeout' ? 408 : 503),
        onUnknown: () => {
          outgoing.failure = 'DNS Error';
          this.#onFailure(outgoing, 503);
        },
        onRequest: (request) => {
          outgoing.request = request;
        },
      },
    );
    outgoing.delivery = delivery;
    delivery.start();
    return outgoing;
  }

  /** The reply to an application: what has been sent for it. */
  echo(
    connection: ControlConnection,
    command: Command,
    request: SipRequest,
    way: Pick<Peer, 'protocol' | 'local'> | undefined,
    transactionId: string,
  ): void {
    const { transport, timerSet } = this.#context;
    const { protocol = 'udp', local = transport.local } = way ?? {};
    const meta = metaOfSent(request, local, protocol, transactionId, timerSet.clock);
    connection.reply(command, requestEcho(meta), request.bytes);
  }

  #onResponse(outgoing: Outgoing, response: SipResponse, from: Peer): void {
    const { dialog, request } = outgoing;
    if (response.status < 200) {
      outgoing.provisional = true;
      this.#sendHeldCancel(outgoing);
      if (response.status === 100) return;
    }
    const passUp = followDialog(this.#context, outgoing, response, from);
    if (response.status >= 200) this.#finish(outgoing);
    if (!passUp) return;
    this.#record(outgoing, response);
    const meta = metaOfReceived(response, from, outgoing.transactionId, this.#context.timerSet.clock);
    outgoing.connection.send(sipLeader(meta, dialog?.id ?? ''), response.bytes);
    if (dialog && request.method === 'INVITE' && response.status >= 200 && response.status < 300)
      settle(this.#context, dialog);
  }

  /** `fields`: of the application. */
  cancel(outgoing: Outgoing | undefined, fields: readonly HeaderField[]): void {
    if (outgoing === undefined || outgoing.cancel || outgoing.final) return;
    outgoing.delivery?.stay();
    outgoing.cancel = buildCancel(outgoing.request, fields);
    if (outgoing.provisional) this.#sendHeldCancel(outgoing);
  }

  /** RFC 3261 9.1: not before a provisional response has come. */
  #sendHeldCancel(outgoing: Outgoing): void {
    const destination = outgoing.delivery?.destination;
    if (outgoing.cancel === undefined || outgoing.cancelTimer || destination === undefined) return;
    const { layer, timerSet, timers } = this.#context;
    layer.client(outgoing.cancel, destination.protocol !== 'udp', NOBODY_LISTENS).start(destination);
    outgoing.cancelTimer = timerSet.after(timers.transactionTimeoutMs, () => {
      outgoing.delivery?.terminate(); // RFC 3261 9.1: a peer that does not answer even now
      this.#onFailure(outgoing, 487);
    });
  }

  /** A final response made here: nothing was on the wire. */
  #onFailure(outgoing: Outgoing, status: number): void {
    if (outgoing.final) return;
    const { dialog, request } = outgoing;
    const peer = outgoing.delivery?.destination ?? this.#context.transport.local;
    const reason = outgoing.failure;
    const response = respond({ request, peer }, status, reason === undefined ? {} : { reason });
    if (dialog && (outgoing.initial || endsDialog(dialog, request))) this.#context.dialogs.remove(dialog);
    this.#finish(outgoing);
    this.#record(outgoing, response);
    const meta = {
      source: 'network' as const,
      bytes: 0,
      protocol: outgoing.delivery?.destination?.protocol ?? ('udp' as const),
      address: undefined,
      atEpochMs: this.#context.timerSet.clock.nowEpochMs(),
      transactionId: outgoing.transactionId,
    };
    outgoing.connection.send(sipLeader(meta, dialog?.id ?? ''), response.bytes);
  }

  #record({ initial, request }: Outgoing, response: SipResponse): void {
    if (!initial || request.method !== 'INVITE' || response.status < 200) return;
    this.#context.records.final('network', 'uac', response.status, response);
  }

  #finish(outgoing: Outgoing): void {
    outgoing.final = true;
    outgoing.cancelTimer?.cancel();
    this.#pending.delete(outgoing.transactionId);
    if (outgoing.dialog?.openInvite === outgoing.transactionId) outgoing.dialog.openInvite = undefined;
  }
}
