import type { Endpoint } from '../endpoints/endpoint.ts';
import type { SipAddress } from '../model/server.ts';

/** A question to the server and when its answer came; times are milliseconds since the epoch. */
export interface Beat {
  readonly sentEpochMs: number;
  /** null: not yet, or never. */
  readonly answeredEpochMs: number | null;
}

export interface PulseOptions {
  /** Who asks. */
  readonly endpoint: Endpoint;
  readonly server: SipAddress;
  /** From one question to the next. @default 250 */
  readonly everyMs?: number;
  /** How long the first answer may take. @default 2000 */
  readonly firstWithinMs?: number;
}

/**
 * Canaries come every few seconds; what the server does in between, nobody sees. So it is asked for its OPTIONS (RFC 3261
 * 11) several times a second: any answer shows that it runs, and the time it took is how late the server was.
 */
export class Pulse {
  readonly #beats: { sentEpochMs: number; answeredEpochMs: number | null }[] = [];
  readonly #options: PulseOptions;
  #timer: NodeJS.Timeout | null = null;

  private constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Settles with the first answer; null when there is none in time: this server has no pulse to be taken. */
  static async start(options: PulseOptions): Promise<Pulse | null> {
    const pulse = new Pulse(options);
    const { everyMs = 250, firstWithinMs = 2000 } = options;
    const first = Promise.withResolvers<boolean>();
    const deadline = setTimeout(() => first.resolve(false), firstWithinMs);
    pulse.#ask(() => first.resolve(true));
    const answered = await first.promise;
    clearTimeout(deadline);
    if (!answered) return null;
    pulse.#timer = setInterval(() => pulse.#ask(), everyMs);
    return pulse;
  }

  /** So far. */
  get beats(): readonly Beat[] {
    return this.#beats;
  }

  /** The beats so far; no more are sent. Idempotent. */
  stop(): readonly Beat[] {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    return this.#beats;
  }

  #ask(onAnswer: () => void = () => {}): void {
    const { endpoint, server } = this.#options;
    const beat: { sentEpochMs: number; answeredEpochMs: number | null } = { sentEpochMs: now(), answeredEpochMs: null };
    this.#beats.push(beat);
    const uri = `sip:${server.host}:${server.port}`;
    try {
      endpoint.app.request(uri, { method: 'OPTIONS', proxy: uri }, (error, request) => {
        if (error) return; // no answer: the beat says so
        request.on('response', () => {
          beat.answeredEpochMs = now();
          onAnswer();
        });
      });
    } catch {
      // The library throws when its connection is lost; then no beat is answered.
    }
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
