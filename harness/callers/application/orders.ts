import { parseUri, type SipMessage, tryParse } from '../../sip/index.ts';

/** A call that the application was told to place. */
export interface Order {
  /** User part that it is to dial. */
  readonly callee: string;
  /** Told once: the call is over, as was seen on the wire. */
  readonly onOver: () => void;
}

/** The states of an INVITE's dialog that matter here. */
interface Dialog {
  readonly order: Order;
  answered: boolean;
}

/**
 * Which calls of the application are under way, read off the wire: what it prints proves nothing. A call is over with the
 * ACK of a refusal, or with the answer to its BYE, whoever sent that.
 */
export class Orders {
  readonly #open = new Map<string, Order>();
  readonly #dialogs = new Map<string, Dialog>();

  add(order: Order): void {
    this.#open.set(order.callee.toLowerCase(), order);
  }

  /** It is not waited for any more. */
  remove(order: Order): void {
    this.#open.delete(order.callee.toLowerCase());
  }

  /** @returns the order that this message belongs to; null where it is of none */
  see(direction: 'sent' | 'received', bytes: Buffer): Order | null {
    const message = tryParse(bytes);
    const callId = message?.header('Call-ID');
    if (message === null || callId === undefined) return null;
    if (direction === 'sent' && message.kind === 'request' && message.method === 'INVITE') this.#begin(message, callId);
    const dialog = this.#dialogs.get(callId);
    if (dialog === undefined) return null;
    if (isEnd(message, dialog)) dialog.order.onOver();
    return dialog.order;
  }

  #begin({ requestUri }: { readonly requestUri: string }, callId: string): void {
    const order = this.#open.get((parseUri(requestUri)?.user ?? '').toLowerCase());
    if (order === undefined || this.#dialogs.has(callId)) return;
    this.#dialogs.set(callId, { order, answered: false });
  }
}

function isEnd(message: SipMessage, dialog: Dialog): boolean {
  if (message.kind === 'request') return message.method === 'ACK' && !dialog.answered;
  const method = /\s(\w+)\s*$/.exec(message.header('CSeq') ?? '')?.[1];
  if (method === 'BYE') return message.status >= 200;
  if (method === 'INVITE' && message.status >= 200 && message.status < 300) dialog.answered = true;
  return false;
}
