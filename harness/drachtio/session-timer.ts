/** RFC 4028: a session that is not refreshed in time is over. The server refreshes and ends by itself; applications do not hear of refreshes. */
import type { HeaderField, SipRequest, SipResponse } from '../sip/message.ts';
import { splitList } from '../sip/uri.ts';
import { fieldValue } from './build-request.ts';
import type { Context } from './context.ts';
import { Delivery } from './delivery.ts';
import type { Dialog } from './dialog.ts';
import { hangUp, requestInDialog, SESSION_ENDED, sendAck } from './hang-up.ts';

/** Of the request that agreed on it: who sent that, and who answered. */
type Role = 'uac' | 'uas';

interface Terms {
  readonly intervalS: number;
  readonly refresher: Role | undefined;
}

/** RFC 4028 10: how long before its end a session is given up, unless a third of it is shorter. */
const LONGEST_MARGIN_MS = 32_000;
/** RFC 3261 14.1, of who does not own the Call-ID; the owner's would be longer than many a session here. */
const LONGEST_RETRY_MS = 2_000;
const SHORTEST_RETRY_MS = 10;
/** RFC 4028 5: what everybody has to accept. */
export const MIN_SESSION_S = 90;

/** `1800;refresher=uac`. undefined: none, or none that can be read. */
export function readSessionExpires(value: string | undefined): Terms | undefined {
  const [, seconds] = /^\s*(\d{1,9})\s*(?=;|$)/.exec(value ?? '') ?? [];
  if (seconds === undefined || Number(seconds) === 0) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(value ?? '')?.[1]?.toLowerCase();
  return { intervalS: Number(seconds), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** RFC 4028 9: what a 2xx says of the session, whether the application has thought of it or not. */
export function withSession(request: SipRequest, fields: readonly HeaderField[]): readonly HeaderField[] {
  const asked = request.header('Session-Expires');
  const given = fieldValue(fields, 'session-expires');
  const terms = readSessionExpires(given ?? asked);
  if (terms === undefined) return fields;
  const supported = lists(request, 'Supported', 'timer') || lists(request, 'Require', 'timer');
  const refresher = terms.refresher ?? (supported ? 'uac' : 'uas');
  const session = { name: 'Session-Expires', value: `${terms.intervalS};refresher=${supported ? refresher : 'uas'}` };
  const rest = fields.filter((field) => field.value !== given || !/^(session-expires|x)$/i.test(field.name));
  const required = (fieldValue(fields, 'require') ?? '').toLowerCase().includes('timer');
  return [...rest, session, ...(supported && !required ? [{ name: 'Require', value: 'timer' }] : [])];
}

/** Begins a session, or begins it again: a 2xx to INVITE or UPDATE has its value of Session-Expires. None ends it. */
export function startSession(context: Context, dialog: Dialog, value: string | undefined, role: Role): void {
  dialog.session?.stop();
  dialog.session = undefined;
  const terms = readSessionExpires(value);
  if (terms === undefined) return;
  const { timerSet } = context;
  const intervalMs = terms.intervalS * 1000;
  const marginMs = Math.min(LONGEST_MARGIN_MS, intervalMs / 3);
  const refresh = (): void => sendRefresh(context, dialog, terms.intervalS, (inMs) => later(inMs));
  let next = timerSet.after(0, () => {});
  const later = (inMs: number): void => {
    next.cancel();
    next = timerSet.after(inMs, refresh);
  };
  if ((terms.refresher ?? 'uac') === role) later(intervalMs / 2);
  const end = timerSet.after(intervalMs - marginMs, () => hangUp(context, dialog, SESSION_ENDED));
  dialog.session = {
    intervalS: terms.intervalS,
    stop: () => {
      next.cancel();
      end.cancel();
    },
  };
}

/** UPDATE where the far side knows it: it leaves the media alone. Else a re-INVITE with the same session description. */
function sendRefresh(context: Context, dialog: Dialog, intervalS: number, again: (inMs: number) => void): void {
  const { ids } = context;
  const busyMs = SHORTEST_RETRY_MS + (Number.parseInt(ids.hex(4), 16) % Math.min(LONGEST_RETRY_MS, intervalS * 100));
  if (dialog.openInvite !== undefined || dialog.open.size > 0) {
    again(busyMs);
    return;
  }
  const method = dialog.allowsUpdate ? 'UPDATE' : 'INVITE';
  const cseq = ++dialog.localSeq;
  const session = [
    { name: 'Supported', value: 'timer' },
    { name: 'Session-Expires', value: `${intervalS};refresher=uac` },
  ];
  const description = method === 'INVITE' ? dialog.localDescription : undefined;
  const type = description === undefined ? [] : [{ name: 'Content-Type', value: 'application/sdp' }];
  const fields = [...session, ...type];
  const body = description ?? Buffer.alloc(0);
  const { request, hop } = requestInDialog(context, dialog, dialog.fork, cseq, { method, fields, body });
  if (hop === undefined) return; // it ends in time
  if (method === 'INVITE') dialog.openInvite = REFRESH;
  const over = (status: number): void => {
    if (dialog.openInvite === REFRESH) dialog.openInvite = undefined;
    if (status === 408 || status === 481)
      hangUp(context, dialog, SESSION_ENDED); // RFC 3261 12.2.1.2
    else if (status === 491) again(busyMs);
  };
  const way = { hop, known: dialog.fork?.peer };
  new Delivery(context, request, way, {
    onResponse: (response) => {
      if (response.status < 200) return;
      if (response.status < 300) onRefreshed(context, dialog, method, cseq, response);
      over(response.status);
    },
    onFailure: (reason) => over(reason === 'timeout' ? 408 : 503),
  }).start();
}

/** In place of a transaction id: no application sent it. */
export const REFRESH = 'refresh';

function onRefreshed(context: Context, dialog: Dialog, method: string, cseq: number, response: SipResponse): void {
  const repeated = dialog.lastRefresh === cseq;
  dialog.lastRefresh = cseq;
  dialog.refreshTarget(response.header('Contact'));
  if (method === 'INVITE') sendAck(context, dialog, dialog.fork, cseq);
  if (!repeated) startSession(context, dialog, response.header('Session-Expires'), 'uac');
}

function lists(request: SipRequest, name: string, tag: string): boolean {
  return request
    .headers(name)
    .flatMap(splitList)
    .some((one) => one.toLowerCase() === tag);
}
