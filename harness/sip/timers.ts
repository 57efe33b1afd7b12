import { nowEpochMs } from '../now.ts';

/** Time, as the stack knows it. Tests put their own in its place. */
export interface Clock {
  /** Milliseconds since the epoch, with fractions. */
  nowEpochMs(): number;
  /** Calls back once, after that long. @returns what `clearTimeout` takes */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** The callback does not come any more. */
  clearTimeout(handle: unknown): void;
}

/** 24 days: Node.js takes a longer one for none at all, and a peer may ask for a session of years. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowEpochMs,
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, LONGEST_DELAY_MS)),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** A timer of a busy machine is late by less than a fifth of the usual T1. */
const BEHIND_MS = 100;

/** RFC 3261 table 4 and RFC 6026; all in milliseconds. */
export interface SipTimers {
  /** Round-trip estimate. @default 500 */
  readonly t1Ms: number;
  /** Longest interval between retransmissions. @default 8 * t1Ms */
  readonly t2Ms: number;
  /** How long a message may stay in the network. @default 10 * t1Ms */
  readonly t4Ms: number;
  /** Timers B, D, F, H, J, L and M. @default 64 * t1Ms */
  readonly transactionTimeoutMs: number;
  /** How long a 2xx to INVITE waits for its ACK, a reliable provisional response for its PRACK. @default 64 * t1Ms */
  readonly ackTimeoutMs: number;
  /** After which a request that its application never answers is forgotten. @default 128 * t1Ms */
  readonly unansweredTimeoutMs: number;
}

export function sipTimers(given: Partial<SipTimers> = {}): SipTimers {
  const { t1Ms = 500 } = given;
  const { t2Ms = 8 * t1Ms, t4Ms = 10 * t1Ms, transactionTimeoutMs = 64 * t1Ms } = given;
  const { ackTimeoutMs = 64 * t1Ms, unansweredTimeoutMs = 128 * t1Ms } = given;
  return { t1Ms, t2Ms, t4Ms, transactionTimeoutMs, ackTimeoutMs, unansweredTimeoutMs };
}

export interface Timer {
  /** Idempotent; nothing happens once it has fired. */
  cancel(): void;
}

/** The timers of one server, so that stopping it leaves none behind. */
export class TimerSet {
  readonly clock: Clock;
  readonly #running = new Set<RunningTimer>();
  #stopped = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = new RunningTimer(this.clock, this.#running);
    if (!this.#stopped) timer.start(delayMs, callback);
    return timer;
  }

  /**
   * Retransmissions: after `firstMs`, then at intervals that double up to `longestMs`.
   *
   * One whose time comes late finds this process behind with its work: what it waits for may lie in the socket, unread, and Node.js
   * reads a few datagrams where it serves all timers that are due. It waits for as long again as it was late, at most its interval
   * (RFC 3261 17.1.1.1: T1 may be larger where a round trip takes longer). Else a process that has too much to do sends ever more,
   * and is sent ever more.
   */
  repeat(firstMs: number, longestMs: number, callback: () => void): Timer {
    let timer: Timer;
    let intervalMs = firstMs;
    const wait = (delayMs: number): void => {
      const dueEpochMs = this.clock.nowEpochMs() + delayMs;
      timer = this.after(delayMs, () => {
        const lateMs = this.clock.nowEpochMs() - dueEpochMs;
        if (lateMs > BEHIND_MS) {
          wait(Math.min(lateMs, intervalMs));
          return;
        }
        intervalMs = Math.min(2 * intervalMs, longestMs);
        wait(intervalMs);
        callback();
      });
    };
    wait(firstMs);
    return { cancel: () => timer.cancel() };
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#running) timer.cancel();
  }
}

class RunningTimer implements Timer {
  readonly #clock: Clock;
  readonly #running: Set<RunningTimer>;
  #handle: unknown;

  constructor(clock: Clock, running: Set<RunningTimer>) {
    this.#clock = clock;
    this.#running = running;
  }

  start(delayMs: number, callback: () => void): void {
    this.#running.add(this);
    this.#handle = this.#clock.setTimeout(() => {
      this.#running.delete(this);
      callback();
    }, delayMs);
  }

  cancel(): void {
    if (this.#running.delete(this)) this.#clock.clearTimeout(this.#handle);
  }
}
