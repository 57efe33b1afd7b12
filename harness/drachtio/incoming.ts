import type { SipRequest } from '../sip/message.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Timer } from '../sip/timers.ts';
import { splitList, tagOf } from '../sip/uri.ts';
import { type AppResponse, RefusedError } from './app-message.ts';
import { fieldValue } from './build-request.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { allowsUpdate, Dialog, withoutTag } from './dialog.ts';
import type { Dialogs } from './dialogs.ts';
import type { ReliableProvisionals } from './reliable.ts';

/** Their Contact takes the place of the one known before, RFC 3261 12.2. */
export const REFRESHES_TARGET: ReadonlySet<string> = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** A request that an application has to answer. */
export interface Incoming {
  readonly transactionId: string;
  readonly transaction: ServerTransaction;
  readonly connection: ControlConnection;
  /** '' for a request that neither has nor makes a dialog. */
  readonly dialogId: string;
  dialog: Dialog | undefined;
  readonly initial: boolean;
  readonly reliable: ReliableProvisionals;
  unanswered: Timer | undefined;
  /** The application's 2xx that waits for a PRACK. */
  held: { readonly connection: ControlConnection; readonly command: Command } | undefined;
}

/** A response other than 100 makes the dialog, or ends the chance of one. */
export function followResponse(dialogs: Dialogs, incoming: Incoming, status: number): void {
  const { transaction, initial, dialogId } = incoming;
  const { request } = transaction;
  if (!initial) {
    const over = /^terminated\b/i.test(request.header('Subscription-State') ?? '');
    if (
      request.method === 'NOTIFY' &&
      over &&
      status >= 200 &&
      incoming.dialog?.method !== 'INVITE' &&
      incoming.dialog
    ) {
      dialogs.remove(incoming.dialog);
    }
    return;
  }
  if (dialogId === '' || status === 100) return;
  if (status >= 300) {
    if (incoming.dialog) dialogs.remove(incoming.dialog);
    return;
  }
  if (status < 200 && request.method !== 'INVITE') return;
  incoming.dialog ??= makeDialog(dialogs, incoming);
  if (status >= 200) incoming.dialog.confirmed = true;
}

function makeDialog(dialogs: Dialogs, { transaction, transactionId, connection, dialogId }: Incoming): Dialog {
  const { request, peer, localTag } = transaction;
  const from = request.header('From') ?? '';
  const dialog = new Dialog({
    id: dialogId,
    owner: connection,
    method: request.method,
    callId: request.header('Call-ID') ?? '',
    localTag,
    localParty: `${request.header('To') ?? ''};tag=${localTag}`,
    remoteParty: withoutTag(from),
    localSeq: 0,
    // A caller without Contact can only be reached where it called from.
    remoteTarget: `sip:${peer.host}:${peer.port}`,
  });
  dialog.hear(tagOf(from) ?? '', request.header('Contact'), routeSetOf(request), peer);
  dialog.allowsUpdate = allowsUpdate(request);
  dialogs.add(dialog);
  if (request.method === 'INVITE') dialog.open.set('INVITE', transactionId);
  return dialog;
}

/** RFC 3261 12.1.1: in order. */
export function routeSetOf(request: SipRequest): string[] {
  return request.headers('Record-Route').flatMap(splitList);
}

/** @throws {RefusedError} when the application wants what the caller cannot do (RFC 3262 3) */
export function isReliable(app: AppResponse, request: SipRequest): boolean {
  const asks = (values: readonly string[]): boolean => values.flatMap(splitList).some((tag) => /^100rel$/i.test(tag));
  if (app.status <= 100 || app.status >= 200 || request.method !== 'INVITE') return false;
  if (!asks([fieldValue(app.fields, 'require') ?? ''])) return false;
  if (asks([...request.headers('Supported'), ...request.headers('Require')])) return true;
  throw new RefusedError('Remote endpoint does not support 100rel');
}

/** @returns false when no provisional response waits for this PRACK */
export function takePrack({ reliable }: Dialog, prack: SipRequest): boolean {
  const [, rseq, cseq] = /^(\d+)\s+(\d+)\s+INVITE\b/.exec(prack.header('RAck') ?? '') ?? [];
  return reliable !== undefined && reliable.cseq === Number(cseq) && reliable.provisionals.acknowledge(Number(rseq));
}
