import type { SipTimers, Timer, TimerSet } from './timers.ts';
import type { Action, Input, State, TimerName, TransactionTable } from './transaction-tables.ts';

export interface MachineKind {
  readonly table: TransactionTable;
  readonly timersIn: Partial<Record<State, readonly TimerName[]>>;
}

export interface MachineContext {
  readonly timers: SipTimers;
  readonly timerSet: TimerSet;
}

/** Timers that stand for retransmissions: not needed on a reliable transport (RFC 3261 17). */
const REPEATING: ReadonlySet<TimerName> = new Set(['A', 'E', 'G']);
/** Timers that wait for retransmissions of the peer: at once on a reliable transport. */
const LINGERING: ReadonlySet<TimerName> = new Set(['D', 'I', 'J', 'K']);
/** The final timeouts that began with the first state of the transaction and go on in the next. */
const CARRIED: ReadonlySet<TimerName> = new Set(['F']);

/** Runs one transaction table and its timers. */
export abstract class Machine {
  readonly #kind: MachineKind;
  readonly #context: MachineContext;
  readonly #reliable: boolean;
  readonly #running = new Map<TimerName, Timer>();
  #state: State;

  protected constructor(kind: MachineKind, context: MachineContext, start: State, reliable: boolean) {
    this.#kind = kind;
    this.#context = context;
    this.#reliable = reliable;
    this.#state = start;
  }

  get state(): State {
    return this.#state;
  }

  protected abstract act(action: Action): void;
  protected abstract ended(): void;

  /** Starts the timers of the first state. */
  protected begin(): void {
    this.#startTimers();
  }

  /** @returns the action that the table gives for the input; undefined when it has none, and nothing changed */
  protected feed(input: Input): Action | undefined {
    const step = this.#kind.table[this.#state]?.[input];
    if (step === undefined) return undefined;
    const [next, action] = step;
    if (next !== this.#state) this.#enter(next);
    return action;
  }

  /** Ends it from outside, whatever its state. */
  terminate(): void {
    if (this.#state !== 'terminated') this.#enter('terminated');
  }

  #enter(next: State): void {
    this.#state = next;
    const goesOn = this.#kind.timersIn[next];
    for (const [name, timer] of this.#running) {
      if (CARRIED.has(name) && goesOn?.includes(name)) continue;
      timer.cancel();
      this.#running.delete(name);
    }
    if (next === 'terminated') this.ended();
    else this.#startTimers();
  }

  #startTimers(): void {
    const { timers, timerSet } = this.#context;
    for (const name of this.#kind.timersIn[this.#state] ?? []) {
      if (this.#running.has(name)) continue;
      const fire = (): void => {
        const action = this.feed(`timer${name}`);
        if (action !== undefined) this.act(action);
      };
      if (REPEATING.has(name)) {
        if (this.#reliable) continue;
        const longestMs = name === 'A' ? Number.POSITIVE_INFINITY : timers.t2Ms;
        const firstMs = this.#state === 'proceeding' ? timers.t2Ms : timers.t1Ms;
        this.#running.set(name, timerSet.repeat(firstMs, longestMs, fire));
      } else if (LINGERING.has(name) && this.#reliable) {
        this.#enter('terminated');
        return;
      } else {
        const afterMs = name === 'I' || name === 'K' ? timers.t4Ms : timers.transactionTimeoutMs;
        this.#running.set(name, timerSet.after(afterMs, fire));
      }
    }
  }
}
