import { parseUri, type SipMessage, type SipRequest, type SipUri, tagOf, tryParse } from '../../sip/index.ts';

/** A call that the application was told to place. */
export interface Order {
  /** User part that it is to dial. */
  readonly callee: string;
  /** The Request-URI that it is to dial. */
  readonly uri: string;
  /** It was given a password for it: a challenge is not the end. */
  readonly hasPassword: boolean;
  /** Told what was seen on the wire: its INVITE; a challenge, to which another INVITE is the answer; that it is over. */
  readonly onSeen: (what: 'invite' | 'challenge' | 'over') => void;
}

/** The application placed a call that it was not told to place, or not so; `callee` is whom it dialled. */
export interface Misdeed {
  readonly text: string;
  readonly callee: string;
}

/** An INVITE of the application's, and those under the same Call-ID. */
interface Dialog {
  readonly order: Order;
  /** Of the INVITE that counts. */
  cseq: string;
  /** Final status of that INVITE; null while there is none. */
  final: number | null;
}

/**
 * Which calls of the application are under way, read off the wire: what it prints proves nothing. A call is over with the
 * ACK of a refusal, or with the answer to its BYE, whoever sent that. One order is one call: whatever else it dials is a misdeed,
 * since what came of two calls to one callee cannot be told apart.
 */
export class Orders {
  readonly #onMisdeed: (misdeed: Misdeed) => void;
  readonly #open = new Map<string, Order>();
  /** By Call-ID. */
  readonly #dialogs = new Map<string, Dialog>();

  constructor(onMisdeed: (misdeed: Misdeed) => void) {
    this.#onMisdeed = onMisdeed;
  }

  add(order: Order): void {
    this.#open.set(order.callee.toLowerCase(), order);
  }

  /** It is not waited for any more. */
  remove(order: Order): void {
    this.#open.delete(order.callee.toLowerCase());
    for (const [callId, dialog] of this.#dialogs) if (dialog.order === order) this.#dialogs.delete(callId);
  }

  /** @returns the order that this message belongs to; null where it is of none */
  see(direction: 'sent' | 'received', bytes: Buffer): Order | null {
    const message = tryParse(bytes);
    const callId = message?.header('Call-ID');
    if (message === null || callId === undefined) return null;
    if (direction === 'sent' && isNewCall(message)) this.#begin(message, callId);
    const dialog = this.#dialogs.get(callId);
    if (dialog === undefined) return null;
    this.#follow(message, dialog);
    return dialog.order;
  }

  #begin(invite: SipRequest, callId: string): void {
    const cseq = invite.header('CSeq') ?? '';
    const known = this.#dialogs.get(callId);
    if (known?.cseq === cseq) return; // a retransmission
    const { requestUri } = invite;
    const user = parseUri(requestUri)?.user ?? '';
    const order = known?.order ?? this.#open.get(user.toLowerCase());
    if (order === undefined) {
      const text = `the application called ${requestUri}, which it had not been told to, or not again`;
      this.#onMisdeed({ text, callee: user });
      return;
    }
    const { callee, uri } = order;
    const isAnswer = known !== undefined && isChallenge(known.final);
    const isSecond = !isAnswer && [...this.#dialogs.values()].some((each) => each.order === order);
    if (isSecond) this.#onMisdeed({ text: `the application called ${requestUri} twice; it was told to once`, callee });
    if (!isSameTarget(requestUri, uri)) {
      this.#onMisdeed({ text: `the application called ${requestUri} where it was told to call ${uri}`, callee });
    }
    this.#dialogs.set(callId, { order, cseq, final: null });
    order.onSeen('invite');
  }

  #follow(message: SipMessage, dialog: Dialog): void {
    const { order } = dialog;
    if (message.kind === 'request') {
      const isRefusal = dialog.final !== null && dialog.final >= 300;
      if (message.method !== 'ACK' || !isRefusal) return;
      order.onSeen(isChallenge(dialog.final) && order.hasPassword ? 'challenge' : 'over');
      return;
    }
    const cseq = message.header('CSeq') ?? '';
    if (message.status < 200) return;
    if (/\sBYE\s*$/.test(cseq)) order.onSeen('over');
    if (cseq === dialog.cseq) dialog.final ??= message.status;
  }
}

function isNewCall(message: SipMessage): message is SipRequest {
  return message.kind === 'request' && message.method === 'INVITE' && tagOf(message.header('To') ?? '') === undefined;
}

function isChallenge(status: number | null): boolean {
  return status === 401 || status === 407;
}

/** RFC 3261 19.1.4, but for parameters that only one has: each of them may lead elsewhere. `transport=udp` says what is so anyway. */
function isSameTarget(dialled: string, told: string): boolean {
  const [a, b] = [parseUri(dialled), parseUri(told)];
  return a !== undefined && b !== undefined && targetOf(a) === targetOf(b);
}

function targetOf({ scheme, user, host, port, params }: SipUri): string {
  const said = [...params].filter(([name, value]) => name !== 'transport' || value.toLowerCase() !== 'udp');
  return JSON.stringify([scheme, user.toLowerCase(), host.toLowerCase(), port ?? null, said.toSorted()]);
}
