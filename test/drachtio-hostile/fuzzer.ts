import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { NameServer, type Service } from '../drachtio-srf-suite/name-server.ts';
import { headerOf } from './call.ts';
import { type Frame, RawControl } from './raw-control.ts';

const METHODS =
  'INVITE ACK BYE CANCEL OPTIONS REGISTER PRACK UPDATE INFO MESSAGE SUBSCRIBE NOTIFY PUBLISH REFER DANCE'.split(' ');
const STATUSES = [100, 180, 183, 200, 202, 302, 401, 407, 408, 422, 481, 486, 487, 491, 500, 503, 600, 699];
const VERBS = METHODS.slice(0, -1).map((method) => method.toLowerCase());
const URIS = [
  'sip:a@127.0.0.1:9',
  'sip:a@127.0.0.1:0',
  'sips:a@127.0.0.1',
  'sip:a@127.0.0.1;transport=tcp',
  'sip:a@127.0.0.1:1;transport=ws',
  'sip:a@name.invalid',
  'sip:a@several.test',
  'sip:[::1]:5',
  'sip:a@127.0.0.1;maddr=127.0.0.1;lr',
  'tel:+1',
  'nonsense',
  '',
  '*',
];
const LINES = [
  'Supported: 100rel, timer',
  'Require: 100rel',
  'Session-Expires: 1;refresher=uas',
  'Session-Expires: 2;refresher=uac',
  'Session-Expires: x',
  'RSeq: 1',
  'RSeq: 99999999999999999999',
  'RAck: 1 1 INVITE',
  'Subscription-State: terminated',
  'Event: message-summary',
  'Max-Forwards: 0',
  'Max-Forwards: x',
  'Allow: UPDATE',
  'Content-Length: 3',
  'Content-Type: application/sdp',
  'Expires: 0',
  'Contact: *',
  'Call-ID: a|b',
  'CSeq: 1 DANCE',
  'To: ',
  'X: "',
];
/** So many dialogs, requests and frames are remembered. */
const REMEMBERED = 40;
const SETTLE_EVERY = 25;

interface Parts {
  readonly server: DrachtioServer;
  readonly socket: Socket;
  readonly app: RawControl;
  readonly names: NameServer;
}

/** A peer and an application that do anything at any time to a server between them; the same seed does the same again. */
export class Fuzzer implements AsyncDisposable {
  readonly #server: DrachtioServer;
  readonly #socket: Socket;
  readonly #app: RawControl;
  readonly #names: NameServer;
  #state: number;
  /** What the server sent to the peer. */
  readonly #received: string[] = [];
  /** Requests that the server passed to the application. */
  readonly #passedUp: Frame[] = [];
  readonly #ids: string[] = [''];
  #last = '';

  private constructor({ server, socket, app, names }: Parts, seed: number) {
    this.#server = server;
    this.#names = names;
    this.#socket = socket;
    this.#app = app;
    this.#state = seed >>> 0 || 1;
    socket.on('message', (bytes) => remember(this.#received, bytes.toString('latin1')));
  }

  static async start(seed: number): Promise<Fuzzer> {
    const services = new Map<string, readonly Service[]>();
    const names = await NameServer.start(new Map([['host.test', '127.0.0.1']]), { host: '127.0.0.1' }, services);
    const nameServer = names.address;
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, timers: { t1Ms: 2 }, nameServer });
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const at = (port: number): Service => ({ priority: port, weight: 0, port, target: 'host.test' });
    services.set('_sip._udp.several.test', [at(9), at(socket.address().port)]);
    const app = await RawControl.app(server, [...VERBS, 'cdr:start']);
    return new Fuzzer({ server, socket, app, names }, seed);
  }

  async run(steps: number): Promise<void> {
    for (let step = 1; step <= steps; step++) {
      this.#step();
      if (step % SETTLE_EVERY === 0) await this.#settled();
      else await turn();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#app[Symbol.dispose]();
    this.#socket.close();
    await this.#server.stop();
    await this.#names[Symbol.asyncDispose]();
  }

  #step(): void {
    const { requests, others } = Object.groupBy(this.#received, (message) =>
      message.startsWith('SIP/2.0') ? 'others' : 'requests',
    );
    const acts = [
      () => this.#send(this.#request('', this.#pick(['', ';tag=1']))),
      () => this.#send(this.#request(this.#pick(others ?? ['']), '')),
      () => this.#send(this.#reply(this.#pick(requests ?? ['']))),
      () => this.#send(this.#mutated(this.#last)),
      () => this.#answer(),
      () => this.#order(`${this.#pick(METHODS)} ${this.#uri()} SIP/2.0`),
      () => this.#proxy(),
    ];
    this.#pick(acts)();
  }

  /** A request of the peer: new, or in the dialog of a message that it got. */
  #request(known: string, toTag: string): string {
    const method = this.#pick(METHODS);
    const { port } = this.#socket.address();
    const from = headerOf(known, 'From') || `<sip:peer@127.0.0.1>;tag=${this.#below(9)}`;
    return this.#message(`${method} ${this.#pick(['sip:x@127.0.0.1', this.#uri()])} SIP/2.0`, [
      `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${this.#below(2) ? this.#below(50) : this.#state}`,
      `From: ${from}`,
      `To: ${headerOf(known, 'To') || `<sip:x@h>${toTag}`}`,
      `Call-ID: ${headerOf(known, 'Call-ID') || `c${this.#below(30)}`}`,
      `CSeq: ${this.#below(4)} ${method}`,
    ]);
  }

  #reply(request: string): string {
    const copied = [...request.matchAll(/^(?:Via|From|Call-ID|CSeq): .*$/gm)].map(([line]) => line.trim());
    const to = `To: ${headerOf(request, 'To')}${this.#pick(['', ';tag=a', ';tag=b'])}`;
    return this.#message(`SIP/2.0 ${this.#pick(STATUSES)} X`, [...copied, to]);
  }

  #message(start: string, lines: readonly string[]): string {
    const own = [
      `Contact: <${this.#uri()}>`,
      ...this.#some(LINES),
      ...this.#some(URIS).map((uri) => `Record-Route: <${uri}>`),
    ];
    return [start, ...lines, ...own, '', this.#pick(['', 'v=0\r\n', 'x'.repeat(200)])].join('\r\n');
  }

  #mutated(message: string): string {
    const at = this.#below(message.length + 1);
    const junk = this.#pick(['\r\n', '\0', '|', '<', '>', '"', ';', ',', '\r\n ', 'ü', String(this.#below(1e9))]);
    return message.slice(0, at) + junk + message.slice(at + this.#below(3));
  }

  #send(message: string): void {
    this.#last = message;
    const { host, port } = this.#server.sip;
    this.#socket.send(Buffer.from(message, 'latin1'), port, host);
  }

  /** The application answers something, rightly or not. */
  #answer(): void {
    for (const frame of this.#app.take()) {
      if (frame.tokens[1] === 'sip' && !frame.message.startsWith('SIP/2.0')) remember(this.#passedUp, frame);
      for (const id of frame.tokens.slice(8, 13)) if (id.length > 8) remember(this.#ids, id);
    }
    const request = this.#pick(this.#passedUp);
    const lines = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request?.message ?? '', name)}`);
    const status = `SIP/2.0 ${this.#pick(STATUSES)} X`;
    this.#app.frame(`sip|${request?.tokens[8]}|\r\n${this.#message(status, lines)}`);
  }

  /** The application sends something, somewhere. */
  #order(start: string): void {
    const route = this.#pick(['', `|${this.#uri()}`]);
    const lines = this.#pick([[], [`Call-ID: c${this.#below(9)}`], [`From: <${this.#uri()}>;tag=1`]]);
    this.#app.frame(`sip|${this.#pick(this.#ids)}|${this.#pick(this.#ids)}${route}\r\n${this.#message(start, lines)}`);
  }

  #proxy(): void {
    const { host } = this.#server.sip;
    const targets = [this.#uri(), `sip:b@${host}:${this.#socket.address().port}`, this.#uri()].slice(this.#below(3));
    const kind = `${this.#pick(['', 'remainInDialog'])}||${this.#pick(['', 'followRedirects'])}|${this.#pick(['serial', 'simultaneous'])}`;
    const id = this.#pick(this.#passedUp)?.tokens[8];
    this.#app.frame(
      `proxy|${id}|${kind}|${this.#pick(['', '5ms'])}|${this.#pick(['', '9ms'])}|${targets.join('|')}\r\nX y SIP/2.0\r\n\r\n`,
    );
  }

  /** The server has answered a question of each side. */
  async #settled(): Promise<void> {
    const callId = `settled-${this.#state}-${this.#below(1e9)}`;
    const via = `SIP/2.0/UDP 127.0.0.1:${this.#socket.address().port};rport;branch=z9hG4bK${callId}`;
    const lines = [`Via: ${via}`, 'From: <sip:a@h>;tag=1', 'To: <sip:b@h>', `Call-ID: ${callId}`, 'CSeq: 1 DANCE'];
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    const listen = (bytes: Buffer): void => {
      if (bytes.includes(callId)) resolve();
    };
    this.#socket.on('message', listen);
    this.#send(['DANCE sip:x@h SIP/2.0', ...lines, '', ''].join('\r\n'));
    await Promise.all([answered, this.#app.command('ping')]);
    this.#socket.off('message', listen);
  }

  #uri(): string {
    return this.#pick(URIS);
  }

  #pick<T>(all: readonly T[]): T {
    return all[this.#below(all.length)] as T;
  }

  #some(all: readonly string[]): string[] {
    return Array.from({ length: this.#below(3) }, () => this.#pick(all));
  }

  /** xorshift32. */
  #below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(limit, 1);
  }
}

function remember<T>(all: T[], one: T): void {
  all.push(one);
  if (all.length > REMEMBERED) all.shift();
}
