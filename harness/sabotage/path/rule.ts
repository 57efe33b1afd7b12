import type { EndpointRole } from '../../run/site.ts';
import type { SipMessage, SipResponse } from '../../sip/index.ts';

/** Where a message crosses the relay. */
export interface Crossing {
  /** At whose front: messages between that party and the server. `server`: between the callers' side and the server. */
  readonly front: 'server' | EndpointRole;
  readonly fromServer: boolean;
}

/** What becomes of a message. Without a word from any rule it goes on as it came. */
export type Fate =
  | 'goes on'
  | 'is lost'
  /** Goes on in this form. */
  | { readonly instead: SipMessage }
  /** Goes no further; its sender gets this. */
  | { readonly answer: SipResponse }
  /** Waits until then, and everything that comes after it waits behind it. */
  | { readonly heldUntilEpochMs: number };

/** Looks at each message as it came in, before the relay's Via is put on or taken off. */
export type Rule = (message: SipMessage, crossing: Crossing) => Fate;
