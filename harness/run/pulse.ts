import type { Endpoint } from '../endpoints/endpoint.ts';
import { placeCall } from '../endpoints/outgoing-call.ts';
import type { Credentials } from '../model/accounts.ts';
import { routeTo, type ServerAddress } from '../model/server.ts';
import { nowEpochMs } from '../now.ts';
import { CANARY_CALLER } from './identity.ts';
import type { Turnstile } from './turnstile.ts';

/** A question to the server and when its answer came; times are milliseconds since the epoch. */
export interface Beat {
  /** When the answer was due at the earliest. */
  readonly dueEpochMs: number;
  /** null: not yet, or never. */
  readonly answeredEpochMs: number | null;
}

/** Asks the server something once. Never throws; a question that cannot be asked is one that is not answered. */
export type Question = (answered: () => void) => void;

export interface PulseOptions {
  readonly ask: Question;
  /** How long the server is to take for its answer. @default 0 */
  readonly takesMs?: number;
  /** From one question to the next. @default 250 */
  readonly everyMs?: number;
  /** Where calls may not begin as they like. */
  readonly turnstile?: Turnstile | null | undefined;
  /** A question that is not answered within this, once its answer was due, is asked again. @default 2000 */
  readonly lostAfterMs?: number;
  /** How long the first answer may take. @default 2000 */
  readonly firstWithinMs?: number;
}

/**
 * Canaries come every few seconds; whether the server keeps time in between, nobody sees. So it is asked several times a
 * second: any answer shows that it runs, and what it took too long is how late the server was.
 */
export class Pulse {
  readonly #beats: { dueEpochMs: number; answeredEpochMs: number | null }[] = [];
  readonly #ask: Question;
  readonly #takesMs: number;
  readonly #lostAfterMs: number;
  #timer: NodeJS.Timeout | null = null;

  private constructor({ ask, takesMs = 0, lostAfterMs = 2000 }: PulseOptions) {
    this.#ask = ask;
    this.#takesMs = takesMs;
    this.#lostAfterMs = lostAfterMs;
  }

  /** Settles with the first answer; null when there is none in time: this server has no such pulse. */
  static async start(options: PulseOptions): Promise<Pulse | null> {
    const pulse = new Pulse(options);
    const { everyMs = 250, firstWithinMs = 2000, turnstile } = options;
    const first = Promise.withResolvers<boolean>();
    const turn = async (): Promise<boolean> => turnstile?.pass() ?? true;
    await turn();
    const deadline = setTimeout(() => first.resolve(false), firstWithinMs);
    pulse.#beat(() => first.resolve(true));
    const answered = await first.promise;
    clearTimeout(deadline);
    if (!answered) return null;
    pulse.#timer = setInterval(
      () => void turn().then((mayBegin) => mayBegin && pulse.#timer !== null && pulse.#beat()),
      everyMs,
    );
    return pulse;
  }

  /** So far. */
  get beats(): readonly Beat[] {
    return this.#beats;
  }

  /** Nobody asks any more what was before. */
  forget(beforeEpochMs: number): void {
    const first = this.#beats.findIndex(({ dueEpochMs }) => dueEpochMs >= beforeEpochMs);
    this.#beats.splice(0, Math.max(first, 0));
  }

  /** The beats so far; no more are sent. Idempotent. */
  stop(): readonly Beat[] {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    return this.#beats;
  }

  /** While one is under way it tells all that another could, and whoever is behind with the answer gets no more to do. */
  #isUnderWay(): boolean {
    const last = this.#beats.at(-1);
    return last?.answeredEpochMs === null && nowEpochMs() - last.dueEpochMs < this.#lostAfterMs;
  }

  #beat(onAnswer: () => void = () => {}): void {
    if (this.#isUnderWay()) return;
    const beat: { dueEpochMs: number; answeredEpochMs: number | null } = {
      dueEpochMs: nowEpochMs() + this.#takesMs,
      answeredEpochMs: null,
    };
    this.#beats.push(beat);
    this.#ask(() => {
      beat.answeredEpochMs ??= nowEpochMs();
      onAnswer();
    });
  }
}

/**
 * OPTIONS to the server itself (RFC 3261 11): whatever it says, it runs.
 *
 * @param from whom it knows: a server may note strangers, and have them banned. @default nobody in particular
 */
export function optionsOf(endpoint: Endpoint, server: ServerAddress, from?: string): Question {
  const uri = `sip:${server.host}:${server.port}`;
  const headers: Readonly<Record<string, string>> = from === undefined ? {} : { From: `<${from}>` };
  return (answered) => {
    try {
      endpoint.app.request(uri, { method: 'OPTIONS', proxy: routeTo(server), headers }, (error, request) => {
        if (!error) request.on('response', answered);
      });
    } catch {
      // The library throws when its connection is lost; then no beat is answered.
    }
  };
}

/**
 * A call that only the server's own timer takes anywhere: nobody answers until voice mail does. A server whose workers
 * answer while its timers stand still diverts nothing, whatever the header says.
 */
export function unansweredCall(
  endpoint: Endpoint,
  server: ServerAddress,
  aor: string,
  {
    credentials,
    from = CANARY_CALLER,
  }: { readonly credentials?: Credentials | undefined; readonly from?: string | undefined } = {},
): Question {
  return (answered) => {
    placeCall(endpoint, {
      to: aor,
      from,
      server,
      credentials,
      headers: {},
      onInvite: () => {},
      onProvisional: () => {},
    })
      .then((dialog) => {
        answered();
        dialog.destroy({}, () => {});
      })
      .catch(() => {}); // not answered: the beat says so
  };
}
