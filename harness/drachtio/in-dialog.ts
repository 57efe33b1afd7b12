import type { HeaderField, SipRequest } from '../sip/message.ts';
import type { Context } from './context.ts';
import type { Dialog } from './dialog.ts';
import { takePrack } from './incoming.ts';
import { MIN_SESSION_S, readSessionExpires } from './session-timer.ts';

/** Of the server's own: the application does not hear of the request. */
export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly fields?: readonly HeaderField[];
}

const LONGEST_RETRY_AFTER_S = 10;

/** What a request in a dialog is refused with; undefined: it is the application's. A PRACK has then done its work. */
export function refusalInDialog({ ids }: Context, dialog: Dialog, request: SipRequest): Refusal | undefined {
  const { method } = request;
  if (method === 'PRACK') return takePrack(dialog, request) ? undefined : { status: 481 }; // RFC 3262 3
  const { intervalS = 0 } = readSessionExpires(request.header('Session-Expires')) ?? {};
  if (intervalS > 0 && intervalS < Math.min(MIN_SESSION_S, dialog.session?.intervalS ?? MIN_SESSION_S)) {
    return { status: 422, fields: [{ name: 'Min-SE', value: String(MIN_SESSION_S) }] };
  }
  if (method === 'UPDATE' && dialog.open.has('UPDATE')) return retryAfter(5); // RFC 3311 5.2
  if (method !== 'INVITE') return undefined;
  if (request.header('Contact') === undefined) return { status: 400, reason: 'Bad Request (Contact is needed)' };
  // RFC 3261 14.2: each side's INVITE has to be over before the next one begins.
  if (dialog.openInvite !== undefined) return { status: 491 };
  if (dialog.open.has('INVITE')) return retryAfter(Number.parseInt(ids.hex(4), 16) % (LONGEST_RETRY_AFTER_S + 1));
  return undefined;
}

function retryAfter(seconds: number): Refusal {
  return { status: 500, fields: [{ name: 'Retry-After', value: String(seconds) }] };
}
