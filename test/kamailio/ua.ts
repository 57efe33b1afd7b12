/** A small SIP user agent on one UDP socket: enough to play phones, voice mail and callers against a real server. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';

export interface Message {
  readonly atMs: number;
  readonly startLine: string;
  /** Of a request; null in a response. */
  readonly method: string | null;
  /** Of a response; 0 in a request. */
  readonly status: number;
  /** In order, names as written, folded lines joined. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export function headers(message: Message, name: string): string[] {
  return message.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

export function header(message: Message, name: string): string {
  return headers(message, name)[0] ?? '';
}

/** User part of the Request-URI, or of the address in a header. */
export function userOf(text: string): string {
  return /sips?:([^@;>\s]+)@/.exec(text)?.[1] ?? '';
}

export const newId = () => randomBytes(8).toString('hex');

export class Ua implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Everything received, in order. */
  readonly received: Message[] = [];
  /** Called with each request that is not a repetition. */
  onRequest: (request: Message) => void = () => {};
  readonly #socket: Socket;
  readonly #arrivals = new EventEmitter().setMaxListeners(0);
  readonly #calls = new Map<string, Message[]>();
  readonly #answers = new Map<string, string[]>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    ({ address: this.host, port: this.port } = socket.address());
    socket.on('message', (bytes, peer) => this.#arrive(bytes.toString('latin1'), peer));
  }

  static async open(host: string): Promise<Ua> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
    socket.bind({ address: host, port: 0 });
    await once(socket, 'listening');
    return new Ua(socket);
  }

  send(to: { host: string; port: number }, startLine: string, lines: readonly string[], body = ''): void {
    const text = [startLine, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
    this.#socket.send(Buffer.from(text, 'latin1'), to.port, to.host);
  }

  sendRaw(to: { host: string; port: number }, bytes: Buffer): void {
    this.#socket.send(bytes, to.port, to.host);
  }

  /** Answers a request; a repetition of it is answered with the same responses again. */
  respond(request: Message, status: number, reason: string, extra: readonly string[] = [], body = ''): void {
    const copied = request.headers.filter(([name]) => /^(via|from|call-id|cseq|record-route)$/i.test(name));
    const to = header(request, 'To');
    const tag = status === 100 || to.includes(';tag=') ? '' : `;tag=${this.host}`;
    const lines = [...copied.map(([name, value]) => `${name}: ${value}`), `To: ${to}${tag}`, ...extra];
    const text = [`SIP/2.0 ${status} ${reason}`, ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
    this.#answers.get(transactionOf(request))?.push(text);
    this.#sendTo(header(request, 'Via'), text);
  }

  /** The messages of one call so far. */
  call(callId: string): readonly Message[] {
    return this.#calls.get(callId) ?? [];
  }

  /** The first message of the call, past or future, that fits. @throws Error with what was seen instead, after `timeoutMs`. */
  async waitFor(
    what: string,
    callId: string,
    fits: (message: Message) => boolean,
    timeoutMs = 30_000,
  ): Promise<Message> {
    const early = this.call(callId).find(fits);
    if (early) return early;
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      for (;;) {
        const [message] = (await once(this.#arrivals, callId, { signal })) as [Message];
        if (fits(message)) return message;
      }
    } catch (cause) {
      const seen = this.call(callId).map(({ startLine }) => startLine);
      throw new Error(`${this.host} waited ${timeoutMs} ms for ${what}; of that call it saw: ${seen.join(' | ')}`, {
        cause,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((done) => this.#socket.close(done));
  }

  #arrive(text: string, peer: { address: string; port: number }): void {
    const message = parse(text);
    if (message.method !== null && message.method !== 'ACK') {
      const key = transactionOf(message);
      const repeated = this.#answers.get(key);
      if (repeated) {
        for (const answer of repeated) this.#socket.send(Buffer.from(answer, 'latin1'), peer.port, peer.address);
        return;
      }
      this.#answers.set(key, []);
    }
    const callId = header(message, 'Call-ID');
    this.received.push(message);
    this.#calls.set(callId, [...this.call(callId), message]);
    if (message.method !== null) this.onRequest(message);
    this.#arrivals.emit(callId, message);
  }

  #sendTo(via: string, text: string): void {
    const [, host, port] = /SIP\/2\.0\/UDP\s+([^:;\s]+):?(\d*)/.exec(via) ?? [];
    this.#socket.send(Buffer.from(text, 'latin1'), Number(port || 5060), host);
  }
}

const startedAt = performance.now();

/** The clock of {@link Message.atMs}. */
export const nowMs = () => performance.now() - startedAt;

function parse(text: string): Message {
  const end = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1];
  return {
    atMs: nowMs(),
    startLine,
    method: status === undefined ? (startLine.split(' ', 1)[0] ?? '') : null,
    status: Number(status ?? 0),
    headers: lines.map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
    body: text.slice(end + 4),
  };
}

function transactionOf(request: Message): string {
  return `${header(request, 'Via')} ${request.method}`;
}

/** RFC 2617 digest without qop. */
export function authorization(challenge: string, method: string, uri: string, user: string, password: string): string {
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const ha1 = md5(`${user}:${value('realm')}:${password}`);
  const response = md5(`${ha1}:${value('nonce')}:${md5(`${method}:${uri}`)}`);
  return `Authorization: Digest username="${user}", realm="${value('realm')}", nonce="${value('nonce')}", uri="${uri}", response="${response}"`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
