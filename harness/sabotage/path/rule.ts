import type { ApplicationRole } from '../../model/words.ts';
import type { SipMessage, SipRequest, SipResponse } from '../../sip/index.ts';

/** Where a message crosses the relay. */
export interface Crossing {
  /** At whose front: messages between that party and the server. `server`: between the callers' side and the server. */
  readonly front: 'server' | ApplicationRole;
  readonly fromServer: boolean;
}

/** What the relay says of its own. A request needs no Via: it gets the relay's, and what comes back ends there. */
export interface Said {
  readonly message: SipMessage;
  /** The one that the message came from, the one that it goes to, or an endpoint. */
  readonly to: 'sender' | 'receiver' | ApplicationRole;
}

/** What becomes of a message. Without a word from any rule it goes on as it came. */
export type Disposition =
  | 'goes on'
  | 'is lost'
  /** Goes on in this form, and something more is said right after it. */
  | { readonly instead: SipMessage; readonly also?: readonly Said[] }
  /** Goes no further; its sender gets this. */
  | { readonly answer: SipResponse }
  /** Waits until then, and everything that comes after it waits behind it. */
  | { readonly heldUntilEpochMs: number }
  /** Goes on so much later; what comes after it may overtake it. */
  | { readonly delayMs: number }
  /** Goes on that often, as when a network doubles a datagram. */
  | { readonly times: number };

/** Looks at each message as it came in, before the relay's Via is put on or taken off. */
export type Rule = (message: SipMessage, crossing: Crossing) => Disposition;

export const isFromCaller = ({ front, fromServer }: Crossing): boolean => front === 'server' && !fromServer;
export const isToCaller = ({ front, fromServer }: Crossing): boolean => front === 'server' && fromServer;
export const isToEndpoint = ({ front, fromServer }: Crossing): boolean => front !== 'server' && fromServer;

/** The method that it is, or that it answers. */
export const methodOf = (message: SipMessage): string => message.header('CSeq')?.split(/\s+/, 2)[1] ?? '';

/** RFC 3261 12.2.2: an INVITE with a To tag is one inside a dialog. */
export function beginsCall(message: SipMessage): message is SipRequest {
  return message.kind === 'request' && message.method === 'INVITE' && !/;\s*tag\s*=/i.test(message.header('To') ?? '');
}
