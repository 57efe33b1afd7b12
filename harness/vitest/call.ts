import { isInviteRequest, type Message, methodOf, statusOf } from '../ladder/message.ts';
import { shownMessage, type Taped } from './tape.ts';

/** What a call is made with. */
export interface CallOptions {
  /** Header fields of the INVITE, beside those that every INVITE has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the call may last without an answer; then the caller cancels it. @default 10_000 */
  readonly patienceMs?: number;
  /** How long the caller talks once it is answered. @default 0 */
  readonly talkMs?: number;
  /** How long it is looked, after the end of the call, for what still comes. @default 500 */
  readonly watchMs?: number;
}

/** A call that is over. Times are milliseconds since it began. */
export class SipCall {
  readonly caller: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the INVITE as the caller got it; null: none came. */
  readonly finalStatus: number | null;
  /** In order. */
  readonly messages: readonly Message[];
  /** Peers that answered when the call was over and its window, too. */
  readonly aliveAfter: ReadonlySet<string>;
  /** The parties of a ladder: caller, server, the other peers. */
  readonly lanes: readonly string[];
  readonly #lab: CallsOfTest;

  constructor(options: {
    readonly caller: string;
    readonly uri: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly beganEpochMs: number;
    readonly taped: readonly Taped[];
    readonly aliveAfter: ReadonlySet<string>;
    readonly lanes: readonly string[];
    readonly lab: CallsOfTest;
  }) {
    this.caller = options.caller;
    this.uri = options.uri;
    this.headers = options.headers;
    this.aliveAfter = options.aliveAfter;
    this.lanes = options.lanes;
    this.#lab = options.lab;
    this.messages = options.taped.map((each) => shownMessage(each, options.beganEpochMs));
    const finals = this.messages.filter((each) => each.to === this.caller && methodOf(each) === 'INVITE');
    this.finalStatus = finals.map((each) => statusOf(each) ?? 0).findLast((status) => status >= 200) ?? null;
  }

  get title(): string {
    const lines = Object.entries(this.headers).map(([name, value]) => `${name}: ${value}`);
    return `${this.caller} calls ${this.uri}${lines.length === 0 ? '' : ` with ${lines.join(', ')}`}`;
  }

  /** When the caller gave up; null: it did not. */
  get cancelledMs(): number | null {
    return (
      this.messages.find((each) => each.from === this.caller && each.startLine.startsWith('CANCEL '))?.atMs ?? null
    );
  }

  /** When the first INVITE came to that peer; null: none did. */
  reachedMs(peer: string): number | null {
    return this.messages.find((each) => each.to === peer && isInviteRequest(each))?.atMs ?? null;
  }

  /** That peer sent a 18x. */
  rang(peer: string): boolean {
    return this.messages.some((each) => each.from === peer && isRinging(each));
  }

  /** The caller was told of it. */
  heardRinging(): boolean {
    return this.messages.some((each) => each.to === this.caller && isRinging(each));
  }

  /**
   * The same call without some of the header fields, placed before this one in the same test, which did come to that peer: it
   * shows that nothing else keeps calls out. Before, so that what comes late is held against this call, never for it.
   */
  controlFor(peer: string): SipCall | null {
    const before = this.#lab.calls.slice(0, this.#lab.calls.indexOf(this));
    return before.findLast((each) => this.#isFuller(each) && each.reachedMs(peer) !== null) ?? null;
  }

  /** An INVITE came to that peer outside of any call, since this one began. */
  cameLate(peer: string): boolean {
    return this.#lab.strays(this).some(({ to, message }) => to === peer && message.startLine.startsWith('INVITE '));
  }

  #isFuller({ caller, uri, headers }: SipCall): boolean {
    const lines = Object.entries(headers);
    const fewer = lines.length < Object.keys(this.headers).length;
    return (
      fewer && caller === this.caller && uri === this.uri && lines.every(([key, value]) => this.headers[key] === value)
    );
  }
}

/** What a call knows of its test. */
export interface CallsOfTest {
  readonly calls: readonly SipCall[];
  /** What was taped since that call began, and while no call was under way. */
  strays(since: SipCall): readonly Taped[];
}

function isRinging(message: Message): boolean {
  const status = statusOf(message) ?? 0;
  return methodOf(message) === 'INVITE' && status > 100 && status < 200;
}
