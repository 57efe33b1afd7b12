import type { SipMessage } from '../sip/message.ts';
import type { Clock } from '../sip/timers.ts';
import type { ControlConnection } from './control-connection.ts';
import { timeOfDay } from './leader.ts';

/** Who made the message: a peer, or this server and its application. */
type Source = 'network' | 'application';
/** The side of a call that has been answered. */
type AnsweredAs = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas';
type Ending = 'call-rejected' | 'call-canceled' | 'normal-release' | 'session-expired' | 'system-initiated-termination';

/** What an application registers to be told of calls. */
export const RECORDS: ReadonlySet<string> = new Set(['cdr:attempt', 'cdr:start', 'cdr:stop']);

/** Call detail records: an application that registers `cdr:attempt`, `cdr:start` or `cdr:stop` is told of every INVITE. */
export class CallRecords {
  readonly #clock: Clock;
  readonly #next: (verb: string) => ControlConnection | undefined;

  /** `next`: the application whose turn it is; records are dealt as requests are. */
  constructor(clock: Clock, next: (verb: string) => ControlConnection | undefined) {
    this.#clock = clock;
    this.#next = next;
  }

  attempt(source: Source, invite: SipMessage): void {
    this.#tell('cdr:attempt', source, '', invite);
  }

  start(source: Source, as: AnsweredAs, answer: SipMessage): void {
    this.#tell('cdr:start', source, `|${as}`, answer);
  }

  /** `message`: the refusal, CANCEL or BYE that ended it. */
  stop(source: Source, ending: Ending, message: SipMessage): void {
    this.#tell('cdr:stop', source, `|${ending}`, message);
  }

  /** The final response to an INVITE. */
  final(source: Source, as: AnsweredAs, status: number, response: SipMessage): void {
    if (status < 300) this.start(source, as, response);
    else this.stop(source, status === 487 ? 'call-canceled' : 'call-rejected', response);
  }

  #tell(verb: string, source: Source, more: string, message: SipMessage): void {
    const application = this.#next(verb);
    application?.send(`${verb}|${source}|${timeOfDay(this.#clock.nowEpochMs())}${more}`, message.bytes);
  }
}
