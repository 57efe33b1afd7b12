import { setTimeout as after } from 'node:timers/promises';
import { DrachtioServer } from '../drachtio/index.ts';
import { answer, audioSdp } from '../endpoints/endpoint.ts';
import { adoptSrf, type SipDialog, type SipRequest, type SipResponse, type SrfApp } from '../endpoints/srf.ts';
import { LabError } from '../errors.ts';
import type { Message } from '../ladder/message.ts';
import type { SocketAddress } from '../sip/wire.ts';
import type { CallOptions, SipCall } from './call.ts';
import { type Script, stepsOf } from './script.ts';
import { shownMessage, type Tape } from './tape.ts';

/** What a peer asks of the test it is in. */
export interface PeerLab {
  readonly tape: Tape;
  /** One call at a time. */
  place(peer: SipPeer, to: string, options: CallOptions): Promise<SipCall>;
}

/** A SIP user agent on an address of its own, which does with calls what its script says, and places them. */
export class SipPeer implements AsyncDisposable {
  readonly name: string;
  /** `sip:NAME@HOST:PORT`: where it takes calls. */
  readonly uri: string;
  readonly address: SocketAddress;
  readonly #server: DrachtioServer;
  readonly #app: SrfApp;
  readonly #lab: PeerLab;
  readonly #ended = new AbortController();

  private constructor(name: string, server: DrachtioServer, app: SrfApp, lab: PeerLab) {
    this.name = name;
    this.address = server.sip;
    this.uri = `sip:${name}@${server.sip.host}:${server.sip.port}`;
    this.#server = server;
    this.#app = app;
    this.#lab = lab;
  }

  static async start(name: string, script: Script, lab: PeerLab): Promise<SipPeer> {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, recorder: lab.tape.recorderOf(name) });
    lab.tape.name(server.sip, name);
    const app = await adoptSrf(server.connect(), server.secret);
    const peer = new SipPeer(name, server, app, lab);
    app.on('error', () => {}); // that the connection ends is the end of the test
    app.options((_request, response) => answer(response, 200));
    app.invite((request, response) => void peer.#play(script, request, response));
    return peer;
  }

  /** All that it sent in this test. */
  get sent(): readonly Message[] {
    const own = this.#lab.tape.messages.filter(({ from }) => from === this.name);
    return own.map((each) => shownMessage(each, own[0]?.atEpochMs ?? 0));
  }

  /**
   * Calls and hangs up; settles when the call is over, its window has passed, and every other peer was seen to be alive.
   *
   * @param to A user of the test's server, or a whole SIP URI.
   * @throws {UsageError} while another call of the test is under way
   * @throws {LabError} when nothing could be sent
   */
  call(to: string, options: CallOptions = {}): Promise<SipCall> {
    return this.#lab.place(this, to, options);
  }

  /** The bare call. @throws {LabError} */
  async dial(uri: string, next: SocketAddress, options: Required<Omit<CallOptions, 'watchMs'>>): Promise<void> {
    const { headers, patienceMs, talkMs } = options;
    let cancel = (): void => {};
    const impatient = setTimeout(() => cancel(), patienceMs);
    try {
      const dialog = await this.#app.createUAC(
        uri,
        { proxy: `sip:${next.host}:${next.port}`, localSdp: audioSdp(this.address.host), headers: { ...headers } },
        { cbRequest: (_error, request) => (cancel = () => request.cancel(() => {})) },
      );
      clearTimeout(impatient);
      await hungUp(dialog, talkMs);
    } catch (cause) {
      // A refusal is a result.
      if (typeof (cause as { status?: unknown }).status === 'number') return;
      throw new LabError(`${this.name} could not call ${uri}: ${(cause as Error).message}`, { cause });
    } finally {
      clearTimeout(impatient);
    }
  }

  /** Whether that peer answers an OPTIONS by then. */
  async sees(other: SipPeer, withinMs: number): Promise<boolean> {
    const { host, port } = other.address;
    const proxy = `sip:${host}:${port}`;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const deadline = setTimeout(() => resolve(false), withinMs);
    this.#app.request(other.uri, { method: 'OPTIONS', proxy }, (error, request) => {
      if (error) resolve(false);
      else request.on('response', ({ status }) => resolve(status === 200));
    });
    return promise.finally(() => clearTimeout(deadline));
  }

  /** Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#app.disconnect();
    await this.#server.stop();
  }

  async #play(script: Script, request: SipRequest, response: SipResponse): Promise<void> {
    const cancelled = new AbortController();
    request.on('cancel', () => cancelled.abort());
    const signal = AbortSignal.any([cancelled.signal, this.#ended.signal]);
    for (const { status, afterMs = 0, headers = {} } of stepsOf(script)) {
      if (afterMs > 0) await after(afterMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (status < 200 || status >= 300) response.send(status, { headers });
      else {
        const localSdp = audioSdp(this.address.host);
        this.#app.createUAS(request, response, { localSdp, headers }, () => {}); // a CANCEL may cross it
      }
    }
  }
}

async function hungUp(dialog: SipDialog, talkMs: number): Promise<void> {
  const ended = Promise.withResolvers<void>();
  dialog.on('destroy', ended.resolve);
  if (!dialog.connected) return;
  const talking = setTimeout(() => dialog.destroy({}, () => ended.resolve()), talkMs);
  await ended.promise.finally(() => clearTimeout(talking));
}
