import { setTimeout as passed } from 'node:timers/promises';
import { DrachtioServer } from '../drachtio/index.ts';
import { UsageError } from '../errors.ts';
import { type CallOptions, type CallsOfTest, SipCall } from './call.ts';
import { type PeerLab, SipPeer } from './peer.ts';
import type { Script } from './script.ts';
import { SERVER, Tape, type Taped } from './tape.ts';

const PATIENCE_MS = 10_000;
const WATCH_MS = 500; // T1: who has sent nothing by then does not repeat anything either
const ALIVE_WITHIN_MS = 5_000;

/** Where a call stands on the tape. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A drachtio-compatible server for the application under test, and the peers around it: one lab for each test. */
export class SipLab implements PeerLab, CallsOfTest, AsyncDisposable {
  readonly server: DrachtioServer;
  readonly tape: Tape;
  readonly calls: SipCall[] = [];
  readonly #peers: SipPeer[] = [];
  readonly #spans = new Map<SipCall, Span>();
  #isCalling = false;

  private constructor(server: DrachtioServer, tape: Tape) {
    this.server = server;
    this.tape = tape;
  }

  static async start(): Promise<SipLab> {
    const tape = new Tape();
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
    tape.name(server.sip, SERVER);
    return new SipLab(server, tape);
  }

  /** @param name User part of its address, and its name in matchers and ladders. @throws {UsageError} for a name that is taken */
  async peer(name: string, script: Script = 'answer'): Promise<SipPeer> {
    if (name === SERVER || this.#peers.some((each) => each.name === name) || !/^[\w-]+$/.test(name)) {
      throw new UsageError(`a peer needs a name of letters, digits, _ and - that no other has, not "${name}"`);
    }
    const peer = await SipPeer.start(name, script, this);
    this.#peers.push(peer);
    return peer;
  }

  async place(peer: SipPeer, to: string, options: CallOptions): Promise<SipCall> {
    if (this.#isCalling) {
      throw new UsageError(
        `${peer.name} calls ${to} while another call is under way: which leg is whose could not be told`,
      );
    }
    this.#isCalling = true;
    try {
      return await this.#placed(peer, to, options);
    } finally {
      this.#isCalling = false;
    }
  }

  strays(since: SipCall): readonly Taped[] {
    const start = this.#spans.get(since)?.from ?? 0;
    const spans = [...this.#spans.values()];
    return this.tape.messages.filter(
      (_each, index) => index >= start && !spans.some(({ from, to }) => index >= from && index < to),
    );
  }

  /** Ends all peers, then the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer[Symbol.asyncDispose]()));
    await this.server.stop();
  }

  async #placed(caller: SipPeer, to: string, options: CallOptions): Promise<SipCall> {
    const { headers = {}, patienceMs = PATIENCE_MS, talkMs = 0, watchMs = WATCH_MS } = options;
    const { host, port } = this.server.sip;
    const uri = to.startsWith('sip') ? to : `sip:${to}@${host}:${port}`;
    const others = this.#peers.filter((each) => each !== caller);
    const from = this.tape.messages.length;
    const beganEpochMs = Date.now();
    await caller.dial(uri, this.server.sip, { headers, patienceMs, talkMs });
    await passed(watchMs);
    const end = this.tape.messages.length;
    const seen = await Promise.all(others.map((each) => caller.sees(each, ALIVE_WITHIN_MS)));
    const taped = this.tape.messages.slice(from, end);
    const call = new SipCall({
      caller: caller.name,
      uri,
      headers,
      beganEpochMs: taped[0]?.atEpochMs ?? beganEpochMs,
      // What came while the peers were asked is of the call as well.
      taped: [...taped, ...this.tape.messages.slice(end).filter(({ message }) => !isOptions(message.header('CSeq')))],
      aliveAfter: new Set(others.filter((_each, index) => seen[index]).map(({ name }) => name)),
      lanes: [caller.name, SERVER, ...others.map(({ name }) => name)],
      lab: this,
    });
    this.calls.push(call);
    this.#spans.set(call, { from, to: this.tape.messages.length });
    return call;
  }
}

function isOptions(cseq = ''): boolean {
  return /\bOPTIONS$/.test(cseq);
}
