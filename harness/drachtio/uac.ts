import { METHODS } from '../sip/header-names.ts';
import { uuid } from '../sip/ids.ts';
import type { SipRequest, SipResponse } from '../sip/message.ts';
import { respond } from '../sip/responses.ts';
import type { Peer } from '../sip/transport.ts';
import { parseAddress, tagOf } from '../sip/uri.ts';
import { type AppRequest, RefusedError, readAppRequest } from './app-message.ts';
import { buildCancel, buildRequest, fieldValue } from './build-request.ts';
import { type Context, type NextHop, nextHopOf, ownContact, peerOf, withOwnAddress } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { DIALOG_METHODS, Dialog, type Fork, withoutTag } from './dialog.ts';
import { hangUp, requestInDialog, sendAck, whenResolved } from './hang-up.ts';
import { metaOfReceived, metaOfSent, requestEcho, sipLeader } from './leader.ts';
import { endsDialog, followDialog, type Outgoing, repeatAck } from './outgoing.ts';
import { REFRESH } from './session-timer.ts';
import { settle } from './settle.ts';

const TOO_LATE_TO_CANCEL = 'ACK-BYE due to cancel race condition';
const NOBODY_LISTENS = { onResponse: () => {}, onFailure: () => {} };

/** The half of the user agent that sends requests for applications and hands them the responses. */
export class Uac {
  readonly #context: Context;
  readonly #pending = new Map<string, Outgoing>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** @throws {RefusedError} and nothing has been sent */
  send(connection: ControlConnection, command: Command): void {
    const [transactionId = '', dialogId = '', route = ''] = command.tokens;
    const app = readAppRequest(command.message);
    if (!METHODS.has(app.method)) throw new RefusedError(`invalid request-uri: unknown method ${app.method}`);
    if (app.method === 'CANCEL') this.#cancel(connection, command, transactionId, app);
    else if (dialogId !== '') this.#sendInDialog(connection, command, this.#dialog(dialogId), app);
    else if (app.method === 'ACK') throw new RefusedError('an ACK needs a dialog');
    else this.#sendNew(connection, command, app, route);
  }

  /** Nobody is left to take the responses: what rings is cancelled. */
  onClosed(connection: ControlConnection): void {
    for (const outgoing of this.#pending.values()) {
      if (outgoing.connection === connection && outgoing.request.method === 'INVITE')
        this.#cancelOutgoing(outgoing, []);
    }
  }

  /** A repetition of a 2xx whose transaction is over: its ACK was lost (RFC 3261 13.2.2.4). */
  onStrayResponse(response: SipResponse): void {
    const cseq = /^(\d+)\s+INVITE$/.exec(response.header('CSeq') ?? '')?.[1];
    if (cseq === undefined || response.status < 200 || response.status > 299) return;
    const tag = (name: string): string => tagOf(response.header(name) ?? '') ?? '';
    const dialog = this.#context.dialogs.byTags(response.header('Call-ID') ?? '', tag('From'), tag('To'));
    if (dialog) repeatAck(this.#context, dialog, Number(cseq));
  }

  #dialog(id: string): Dialog {
    const dialog = this.#context.dialogs.byId(id);
    if (dialog === undefined) throw new RefusedError(`Server error: unable to find dialog for dialogid ${id}`);
    return dialog;
  }

  #sendNew(connection: ControlConnection, command: Command, app: AppRequest, route: string): void {
    const context = this.#context;
    const { ids, dialogs } = context;
    const callId = fieldValue(app.fields, 'call-id') || uuid(ids);
    const uri = parseAddress(`<${app.requestUri}>`)?.uri;
    if (uri === undefined || !/^[a-z][\w+.-]*:./i.test(uri))
      throw new RefusedError(`invalid request-uri: ${app.requestUri}`);
    const hop = nextHopOf(route === '' ? uri : nextHopUri(route), context);
    let from = withOwnAddress(fieldValue(app.fields, 'from') ?? ownContact(hop.local, hop.protocol), hop.local);
    if (parseAddress(from) === undefined) throw new RefusedError(`invalid From: ${from}`);
    const known = dialogs.byLocalTag(callId, tagOf(from) ?? '', connection);
    if (known) {
      this.#sendInDialog(connection, command, known, app);
      return;
    }
    if (tagOf(from) === undefined) from = `${from};tag=${ids.hex(12)}`;
    const to = withOwnAddress(fieldValue(app.fields, 'to') ?? `<${uri}>`, hop.local);
    if (parseAddress(to) === undefined) throw new RefusedError(`invalid To: ${to}`);
    const cseq = Number.parseInt(fieldValue(app.fields, 'cseq') ?? '', 10) || 1;
    const request = buildRequest({
      ...app,
      requestUri: uri,
      protocol: hop.protocol,
      local: hop.local,
      branch: context.layer.newBranch(),
      identity: [
        { name: 'From', value: from },
        { name: 'To', value: to },
        { name: 'Call-ID', value: callId },
        { name: 'CSeq', value: `${cseq} ${app.method}` },
      ],
    });
    const localTag = tagOf(from) ?? '';
    let dialog: Dialog | undefined;
    if (DIALOG_METHODS.has(app.method)) {
      dialog = new Dialog({
        id: dialogs.reserveId(callId, localTag),
        owner: connection,
        method: app.method,
        callId,
        localTag,
        localParty: from,
        remoteParty: withoutTag(to),
        localSeq: cseq,
        remoteTarget: uri,
      });
      dialog.describe(request);
      dialogs.add(dialog, true);
    }
    const outgoing = this.#start(command, { connection, request, dialog, initial: true, cseq }, hop);
    if (dialog === undefined || app.method !== 'INVITE' || outgoing.final) return;
    dialog.openInvite = outgoing.transactionId;
    dialog.cancelInvite = () => this.#cancelOutgoing(outgoing, []);
  }

  #sendInDialog(connection: ControlConnection, command: Command, dialog: Dialog, app: AppRequest): void {
    const context = this.#context;
    if (app.method === 'ACK') {
      this.#acknowledge(connection, command, dialog, app);
      return;
    }
    const fork = app.method === 'PRACK' ? forkOfPrack(dialog, app) : dialog.fork;
    if (app.method === 'BYE' && dialog.confirmed && dialog.openInvite)
      this.#cancelOutgoing(this.#pending.get(dialog.openInvite), []);
    const cseq = ++dialog.localSeq;
    // Whatever Request-URI the application wrote: the library knows none and writes a placeholder.
    const { request, hop } = requestInDialog(context, dialog, fork, cseq, app);
    dialog.describe(request);
    const refreshing = app.method === 'INVITE' && dialog.openInvite === REFRESH;
    const given = { connection, request, dialog, initial: false, cseq };
    const outgoing = this.#start(command, given, refreshing ? 491 : (hop ?? 503), fork?.peer);
    if (app.method === 'INVITE' && !outgoing.final) dialog.openInvite = outgoing.transactionId;
  }

  /** `way`: a status where the request is not sent, and answered with that instead. */
  #start(
    command: Command,
    given: Pick<Outgoing, 'connection' | 'request' | 'dialog' | 'initial' | 'cseq'>,
    way: NextHop | 491 | 503,
    known?: Peer,
  ): Outgoing {
    const context = this.#context;
    const hop = typeof way === 'number' ? undefined : way;
    const protocol = hop?.protocol ?? known?.protocol ?? 'udp';
    const outgoing: Outgoing = {
      ...given,
      transactionId: uuid(context.ids),
      transaction: undefined,
      provisional: false,
      final: false,
      cancel: undefined,
      cancelTimer: undefined,
      failure: undefined,
      hungUp: new Set(),
    };
    this.#pending.set(outgoing.transactionId, outgoing);
    const transaction = context.layer.client(given.request, protocol !== 'udp', {
      onResponse: (response, from) => this.#onResponse(outgoing, response, from),
      onFailure: (reason) => this.#onFailure(outgoing, reason === 'timeout' ? 408 : 503),
    });
    outgoing.transaction = transaction;
    const { records } = context;
    if (given.initial && given.request.method === 'INVITE') records.attempt('application', given.request);
    if (given.request.method === 'BYE') records.stop('application', 'normal-release', given.request);
    this.#echo(given.connection, command, given.request, hop ?? known, outgoing.transactionId);
    if (hop === undefined) {
      transaction.terminate();
      if (way === 503) outgoing.failure = 'Unreachable Address';
      this.#onFailure(outgoing, way === 491 ? 491 : 503);
      return outgoing;
    }
    whenResolved(
      context,
      hop,
      (address) => transaction.start(peerOf(hop, address, known)),
      () => {
        outgoing.failure = 'DNS Error';
        transaction.failTransport();
      },
    );
    return outgoing;
  }

  #echo(
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

  #acknowledge(connection: ControlConnection, command: Command, dialog: Dialog, app: AppRequest): void {
    const [cseq] = dialog.awaitingAck;
    if (cseq === undefined) throw new RefusedError('no 2xx response waits for an ACK');
    dialog.awaitingAck.delete(cseq);
    const sent = sendAck(this.#context, dialog, dialog.fork, cseq, app);
    if (sent === undefined) {
      if (dialog.byeAfterAck) hangUp(this.#context, dialog, TOO_LATE_TO_CANCEL);
      throw new RefusedError(`the ACK cannot be sent to ${dialog.routing().nextHop}`);
    }
    const { request, peer } = sent;
    dialog.describe(request);
    if (!(peer instanceof Promise)) dialog.lastAck = { cseq, request, peer };
    else peer.then((to) => (dialog.lastAck = { cseq, request, peer: to })).catch(() => {});
    this.#echo(connection, command, request, dialog.fork?.peer, uuid(this.#context.ids));
    if (dialog.byeAfterAck) hangUp(this.#context, dialog, TOO_LATE_TO_CANCEL);
  }

  #cancel(connection: ControlConnection, command: Command, transactionId: string, app: AppRequest): void {
    const outgoing = this.#pending.get(transactionId);
    if (outgoing === undefined || outgoing.request.method !== 'INVITE') {
      throw new RefusedError(`unable to cancel unknown transaction id: ${transactionId}`);
    }
    this.#cancelOutgoing(outgoing, app.fields);
    const cancel = outgoing.cancel ?? buildCancel(outgoing.request, app.fields);
    this.#echo(connection, command, cancel, outgoing.transaction?.destination, uuid(this.#context.ids));
  }

  #cancelOutgoing(outgoing: Outgoing | undefined, fields: AppRequest['fields']): void {
    if (outgoing === undefined || outgoing.cancel || outgoing.final) return;
    outgoing.cancel = buildCancel(outgoing.request, fields);
    if (outgoing.provisional) this.#sendHeldCancel(outgoing);
  }

  /** RFC 3261 9.1: not before a provisional response has come. */
  #sendHeldCancel(outgoing: Outgoing): void {
    const destination = outgoing.transaction?.destination;
    if (outgoing.cancel === undefined || outgoing.cancelTimer || destination === undefined) return;
    const { layer, timerSet, timers } = this.#context;
    layer.client(outgoing.cancel, destination.protocol !== 'udp', NOBODY_LISTENS).start(destination);
    outgoing.cancelTimer = timerSet.after(timers.transactionTimeoutMs, () => {
      outgoing.transaction?.terminate(); // RFC 3261 9.1: a peer that does not answer even now
      this.#onFailure(outgoing, 487);
    });
  }

  /** A final response made here: nothing was on the wire. */
  #onFailure(outgoing: Outgoing, status: number): void {
    if (outgoing.final) return;
    const { dialog, request } = outgoing;
    const peer = outgoing.transaction?.destination ?? this.#context.transport.local;
    const reason = outgoing.failure;
    const response = respond({ request, peer }, status, reason === undefined ? {} : { reason });
    if (dialog && (outgoing.initial || endsDialog(dialog, request))) this.#context.dialogs.remove(dialog);
    this.#finish(outgoing);
    this.#record(outgoing, response);
    const meta = {
      source: 'network' as const,
      bytes: 0,
      protocol: outgoing.transaction?.destination?.protocol ?? ('udp' as const),
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

function forkOfPrack(dialog: Dialog, app: AppRequest): Fork | undefined {
  const rseq = Number.parseInt(fieldValue(app.fields, 'rack') ?? '', 10);
  // Each fork counts for itself: those with the same number get their PRACKs in the order in which they were heard of.
  const fork = [...dialog.forks.values()].find(({ unacknowledged }) => unacknowledged.includes(rseq));
  if (fork === undefined) return dialog.fork;
  fork.unacknowledged.splice(fork.unacknowledged.indexOf(rseq), 1);
  return fork;
}

/** A next hop may be written as a name-addr, as a URI or as `ip:port`. */
function nextHopUri(route: string): string {
  const uri = /<([^>]*)>/.exec(route)?.[1] ?? route;
  return /^sips?:/i.test(uri) ? uri : `sip:${uri}`;
}
