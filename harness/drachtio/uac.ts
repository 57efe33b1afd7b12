import { METHODS } from '../sip/header-names.ts';
import { uuid } from '../sip/ids.ts';
import type { SipResponse } from '../sip/message.ts';
import { parseAddress, tagOf } from '../sip/uri.ts';
import { type AppRequest, RefusedError, readAppRequest } from './app-message.ts';
import { buildCancel, buildRequest, fieldValue } from './build-request.ts';
import { type Context, nextHopOf, ownContact, withOwnAddress } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { DIALOG_METHODS, Dialog, type Fork, withoutTag } from './dialog.ts';
import { hangUp, requestInDialog, sendAck } from './hang-up.ts';
import { repeatAck } from './outgoing.ts';
import { OutgoingRequests } from './outgoing-requests.ts';
import { REFRESH } from './session-timer.ts';

const TOO_LATE_TO_CANCEL = 'ACK-BYE due to cancel race condition';

/** The half of the user agent that sends requests for applications and hands them the responses. */
export class Uac {
  readonly #context: Context;
  readonly #outgoing: OutgoingRequests;

  constructor(context: Context) {
    this.#context = context;
    this.#outgoing = new OutgoingRequests(context);
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
    for (const outgoing of this.#outgoing.of(connection)) {
      if (outgoing.request.method === 'INVITE') this.#outgoing.cancel(outgoing, []);
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
    const outgoing = this.#outgoing.start(command, { connection, request, dialog, initial: true, cseq }, hop);
    if (dialog === undefined || app.method !== 'INVITE' || outgoing.final) return;
    dialog.openInvite = outgoing.transactionId;
    dialog.cancelInvite = () => this.#outgoing.cancel(outgoing, []);
  }

  #sendInDialog(connection: ControlConnection, command: Command, dialog: Dialog, app: AppRequest): void {
    const context = this.#context;
    if (app.method === 'ACK') {
      this.#acknowledge(connection, command, dialog, app);
      return;
    }
    const fork = app.method === 'PRACK' ? forkOfPrack(dialog, app) : dialog.fork;
    if (app.method === 'BYE' && dialog.confirmed && dialog.openInvite)
      this.#outgoing.cancel(this.#outgoing.get(dialog.openInvite), []);
    const cseq = ++dialog.localSeq;
    // Whatever Request-URI the application wrote: the library knows none and writes a placeholder.
    const { request, hop } = requestInDialog(context, dialog, fork, cseq, app);
    dialog.describe(request);
    // RFC 3261 14.1: not while another INVITE is open in the dialog, which may be the server's own.
    const another = dialog.openInvite === REFRESH || (dialog.confirmed && dialog.open.has('INVITE'));
    const given = { connection, request, dialog, initial: false, cseq };
    const way = app.method === 'INVITE' && another ? 491 : (hop ?? 503);
    const outgoing = this.#outgoing.start(command, given, way, fork?.peer);
    if (app.method === 'INVITE' && !outgoing.final) dialog.openInvite = outgoing.transactionId;
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
    this.#outgoing.echo(connection, command, request, dialog.fork?.peer, uuid(this.#context.ids));
    if (dialog.byeAfterAck) hangUp(this.#context, dialog, TOO_LATE_TO_CANCEL);
  }

  #cancel(connection: ControlConnection, command: Command, transactionId: string, app: AppRequest): void {
    const outgoing = this.#outgoing.get(transactionId);
    if (outgoing === undefined || outgoing.request.method !== 'INVITE') {
      throw new RefusedError(`unable to cancel unknown transaction id: ${transactionId}`);
    }
    this.#outgoing.cancel(outgoing, app.fields);
    const cancel = outgoing.cancel ?? buildCancel(outgoing.request, app.fields);
    this.#outgoing.echo(connection, command, cancel, outgoing.delivery?.destination, uuid(this.#context.ids));
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
