import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LabError } from '../errors.ts';
import { nowEpochMs } from '../now.ts';
import type { SocketAddress, WireRecord } from '../sip/wire.ts';
import { FrameReader, frame } from './frames.ts';
import type { Answer, EdgePlace, Request } from './messages.ts';

type Recorder = (record: WireRecord) => void;
type Ask = Extract<Request, { id: number }>;
/** A request without the number that `#ask` gives it. */
type Unnumbered = Ask extends infer Each ? (Each extends Ask ? Omit<Each, 'id'> : never) : never;

export interface ConnectOptions {
  readonly address: SocketAddress;
  readonly secret: string;
  /** Until the host has answered. */
  readonly timeoutMs: number;
  /** The connection ended although nobody stopped it. */
  readonly onLost: (why: string) => void;
}

/** Asked a few times, because the answer that came back fastest says it most exactly. */
const RECORD_WITHIN_MS = 2000;
const CLOCK_QUESTIONS = 5;

/** A host of SIP servers elsewhere (see host.ts): starts servers there and has their records brought here. */
export class RemoteSipHost implements AsyncDisposable {
  /** How far the host's clock is ahead of ours; 0 when no difference could be measured. Records come corrected. */
  clockAheadMs = 0;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #recorders = new Map<string, Recorder>();
  readonly #troubled = new Map<string, (text: string) => void>();
  #lastId = 0;
  #stopped = false;

  private constructor(socket: Socket, onLost: (why: string) => void) {
    this.#socket = socket;
    const reader = new FrameReader();
    socket.on('data', (piece: Buffer) => {
      try {
        for (const { head, body } of reader.push(piece)) this.#on(head as Answer, body);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    let why = 'it closed the connection';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Which of the ways to close we see depends on whether something of ours was still on its way.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') why = error.message;
    });
    socket.on('close', () => {
      for (const [id, answered] of this.#waiting) answered({ type: 'failed', id, why });
      this.#waiting.clear();
      if (!this.#stopped) onLost(why);
    });
  }

  /** @throws {LabError} when the host does not answer, or does not take the secret. */
  static async connect({ address, secret, timeoutMs, onLost }: ConnectOptions): Promise<RemoteSipHost> {
    const socket = connect({ ...address, noDelay: true });
    const deadline = setTimeout(() => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    let lost = (_why: string): void => {}; // until it has answered, what goes wrong is told by what we throw
    try {
      await once(socket, 'connect');
      const host = new RemoteSipHost(socket, (why) => lost(why));
      socket.write(frame({ type: 'hello', secret } satisfies Request));
      host.clockAheadMs = await host.#measureClock();
      lost = onLost;
      return host;
    } catch (cause) {
      socket.destroy();
      const why = (cause as Error).message;
      throw new LabError(`the host of SIP servers on ${address.host}:${address.port} did not answer: ${why}`, {
        cause,
      });
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * Starts a drachtio-compatible server there.
   * @returns where it speaks SIP. @throws {LabError}
   */
  async open(
    name: string,
    options: Omit<Extract<Request, { type: 'open' }>, 'type' | 'id' | 'name'>,
    recorder: Recorder,
  ): Promise<SocketAddress> {
    return this.#start({ type: 'open', name, ...options }, recorder);
  }

  /** Starts an edge there. @returns where it speaks SIP. @throws {LabError} */
  async openEdge(
    name: string,
    { onTrouble, ...place }: EdgePlace & { readonly onTrouble?: (text: string) => void },
    recorder: Recorder,
  ): Promise<SocketAddress> {
    if (onTrouble !== undefined) this.#troubled.set(name, onTrouble);
    return this.#start({ type: 'open-edge', name, ...place }, recorder);
  }

  /** Sends an OPTIONS with these header lines from there. Settles with its final status; null when none came. */
  async askOptions(to: SocketAddress, headerLines: readonly string[], withinMs: number): Promise<number | null> {
    const answer = await this.#ask({ type: 'ask-options', to, headerLines, withinMs });
    return answer.type === 'status' ? answer.status : null;
  }

  /**
   * Settles when all that was recorded there until now is here, because answers come in turn with records; or when a host
   * that stands still has had time enough: what then is missing stays missing. Never rejects.
   */
  async recorded(): Promise<void> {
    const overdue = Promise.withResolvers<void>();
    const deadline = setTimeout(overdue.resolve, RECORD_WITHIN_MS);
    await Promise.race([this.#ask({ type: 'clock' }), overdue.promise]);
    clearTimeout(deadline);
  }

  /** Stops it and settles when its last record is here. Never rejects: a host that is gone has stopped it, too. */
  async close(name: string): Promise<void> {
    await this.#ask({ type: 'close', name });
  }

  /** Idempotent. Whatever still runs there ends. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(request: Extract<Unnumbered, { type: 'open' | 'open-edge' }>, recorder: Recorder) {
    this.#recorders.set(request.name, recorder);
    const answer = await this.#ask(request);
    if (answer.type === 'done' && answer.sip !== null) return answer.sip;
    throw new LabError(`${request.name} did not start: ${answer.type === 'failed' ? answer.why : 'no address'}`);
  }

  #ask(request: Unnumbered): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    if (this.#socket.destroyed) resolve({ type: 'failed', id, why: 'the connection is closed' });
    else {
      this.#waiting.set(id, resolve);
      this.#socket.write(frame({ ...request, id }));
    }
    return promise;
  }

  #on(answer: Answer, body: Buffer): void {
    if (answer.type === 'trouble') {
      this.#troubled.get(answer.name)?.(answer.text);
      return;
    }
    if (answer.type !== 'record') {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
      return;
    }
    const { name, direction, protocol, local, remote } = answer;
    const atEpochMs = answer.atEpochMs - this.clockAheadMs;
    this.#recorders.get(name)?.({ direction, atEpochMs, protocol, local, remote, bytes: body });
  }

  /** Cristian's algorithm: the host read its clock halfway between question and answer, give or take half that time. */
  async #measureClock(): Promise<number> {
    const readings: { readonly aheadMs: number; readonly tripMs: number }[] = [];
    for (let asked = 0; asked < CLOCK_QUESTIONS; asked += 1) {
      const sentEpochMs = nowEpochMs();
      const answer = await this.#ask({ type: 'clock' });
      if (answer.type !== 'clock') throw new Error(answer.type === 'failed' ? answer.why : 'it does not tell the time');
      const tripMs = nowEpochMs() - sentEpochMs;
      readings.push({ tripMs, aheadMs: answer.atEpochMs - (sentEpochMs + tripMs / 2) });
    }
    const best = readings.reduce((a, b) => (b.tripMs < a.tripMs ? b : a));
    return Math.abs(best.aheadMs) <= best.tripMs ? 0 : best.aheadMs;
  }
}
