/** SIPp behind an edge: its messages go out as they are, and challenges are answered in its place. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallerRecord, CallPlan } from '../../harness/callers/caller.ts';
import { EdgeCaller } from '../../harness/callers/edge/edge-caller.ts';
import { SippCaller } from '../../harness/callers/sipp/sipp-caller.ts';
import { sippProgram } from '../../harness/callers/sipp/sipp-run.ts';
import type { Transport as TransportName } from '../../harness/model/words.ts';
import { freePort } from '../../harness/processes/addresses.ts';
import { Authority } from '../../harness/processes/certificates.ts';
import { parseMessage, type SipRequest } from '../../harness/sip/index.ts';
import type { TlsOptions } from '../../harness/sip/listener.ts';
import { systemClock, TimerSet } from '../../harness/sip/timers.ts';
import { type Peer, Transport } from '../../harness/sip/transport.ts';
import { Answered } from '../helpers/answered.ts';

const HOST = '127.0.0.1';
const ACCOUNT = { username: 'agnes', password: 's3cret!;"' };
const PEER = '127.0.0.1:5999';

let dir: string;
let stack: AsyncDisposableStack;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  stack = new AsyncDisposableStack();
});
afterEach(async () => {
  await stack.disposeAsync();
  await rm(dir, { recursive: true, force: true });
});

/** What a server says to a request: a status line, and header lines. */
type Said = readonly [line: string, ...headers: string[]];
type Script = (request: SipRequest, server: Server) => readonly Said[];

/** A server that says what its script has. */
class Server {
  /** Requests: method and number. What is repeated and was answered is none. */
  readonly seen: string[] = [];
  /** The same, with all that is repeated. */
  readonly heard: string[] = [];
  readonly requests: SipRequest[] = [];
  readonly responses: string[] = [];
  readonly #transport: Transport;
  readonly #answered = new Answered();
  #caller: Peer | undefined;

  private constructor(transport: Transport, script: Script) {
    this.#transport = transport;
    transport.onMessage = (bytes, peer) => {
      const message = parseMessage(bytes);
      this.#caller = peer;
      if (message.kind === 'response') {
        this.responses.push(`${message.status} ${message.header('CSeq')}`);
        return;
      }
      const name = `${message.method} ${message.header('CSeq')?.split(' ')[0]}`;
      this.heard.push(name);
      const before = this.#answered.again(message);
      if (before !== null) {
        for (const text of before) this.#send(text);
        return;
      }
      this.seen.push(name);
      this.requests.push(message);
      for (const said of script(message, this)) this.say(message, said);
    };
  }

  static async start(transport: TransportName, tls: TlsOptions | undefined, script: Script): Promise<Server> {
    const timers = new TimerSet(systemClock);
    const bound = await Transport.bind({ host: HOST, port: 0, transports: [transport], timers, tls });
    stack.defer(() => {
      bound.stop();
      timers.stop();
    });
    return new Server(bound, script);
  }

  get sip(): { host: string; port: number } {
    return this.#transport.local;
  }

  /** A request of the server's own in that dialog. */
  ask(method: string, invite: SipRequest): void {
    const via = `SIP/2.0/${this.#caller?.protocol.toUpperCase()} ${PEER};branch=z9hG4bKserver${method}`;
    const head = [`${method} ${/<([^>]*)>/.exec(invite.header('Contact') ?? '')?.[1]} SIP/2.0`, `Via: ${via}`];
    const parties = [`From: ${invite.header('To')};tag=peer`, `To: ${invite.header('From')}`];
    const rest = [`Call-ID: ${invite.header('Call-ID')}`, `CSeq: 7 ${method}`, 'Max-Forwards: 70', 'Content-Length: 0'];
    this.#send([...head, ...parties, ...rest, '', ''].join('\r\n'));
  }

  say(to: SipRequest, said: Said): void {
    const text = response(to, said);
    this.#answered.note(to, text);
    this.#send(text);
  }

  #send(text: string): void {
    if (this.#caller !== undefined) this.#transport.send(Buffer.from(text, 'latin1'), this.#caller);
  }
}

function response(to: SipRequest, [line, ...headers]: Said): string {
  const copied = to.fields
    .filter(({ name }) => /^(via|from|to|call-id|cseq)$/i.test(name))
    .map(({ name, value }) => `${name}: ${value}${/^to$/i.test(name) && !/;tag=/.test(value) ? ';tag=peer' : ''}`);
  const contact = to.method === 'INVITE' ? [`Contact: <sip:peer@${PEER}>`] : [];
  return [`SIP/2.0 ${line}`, ...copied, ...contact, ...headers, 'Content-Length: 0', '', ''].join('\r\n');
}

interface Placing {
  readonly transport?: TransportName;
  readonly caller?: CallPlan['caller'];
  readonly headers?: readonly string[];
  readonly patienceMs?: number;
}

/** One call through an edge; the record of it, and the server's. */
async function place(script: Script, placing: Placing = {}): Promise<CallerRecord & { server: Server }> {
  const { transport = 'udp', caller = 'patient', headers = [], patienceMs = 5_000 } = placing;
  await using authority = await Authority.found();
  const certificate = await authority.issue({ names: ['server.test'] });
  const tls = transport === 'tls' ? { ...certificate, ca: authority.ca, name: 'server.test' } : undefined;
  const server = await Server.start(transport, tls && { ...tls, wantsCertificate: true }, script);
  const sipp = new SippCaller({
    launch: sippProgram('sipp'),
    version: '',
    host: HOST,
    freePort: () => freePort(HOST),
    controlAddress: async () => null,
  });
  const plan = { caller, uriParameters: '', patienceMs, hangUpAfterRingingMs: 50, talkMs: 50, token: 'edge' };
  const calls = await new EdgeCaller(sipp, { host: HOST, tls, answersChallenges: true }).place({
    dir,
    remote: server.sip,
    transport,
    plan,
    calls: [{ callee: 'bob', domain: 'plain.test', headers, credentials: ACCOUNT }],
    rate: 10,
    concurrency: 1,
    lastCallMs: 20_000,
  });
  return { ...(await calls.result), server };
}

/** Checks the answer to a challenge of this nonce; undefined: there is none. */
function answered(request: SipRequest, nonce: string, name = 'Authorization'): boolean | undefined {
  const value = request.headers(name).find((each) => each.includes(`nonce="${nonce}"`));
  if (value === undefined) return undefined;
  const param = (key: string): string => new RegExp(`[ ,]${key}="?([^",]*)`).exec(value)?.[1] ?? '';
  const digest = (...parts: string[]): string =>
    createHash(param('algorithm') === 'SHA-256' ? 'sha256' : 'md5')
      .update(parts.join(':'))
      .digest('hex');
  const secret = digest(ACCOUNT.username, param('realm'), ACCOUNT.password);
  const asked = digest(request.method, request.requestUri);
  return param('response') === digest(secret, nonce, param('nc'), param('cnonce'), 'auth', asked);
}

const challenge = (status: 401 | 407, nonce: string, more = ''): Said => [
  `${status} Who Are You`,
  `${status === 401 ? 'WWW' : 'Proxy'}-Authenticate: Digest realm="${status}", nonce="${nonce}", qop="auth"${more}`,
];
const RINGS: readonly Said[] = [['180 Ringing']];
const ANSWERS: readonly Said[] = [['180 Ringing'], ['200 OK']];
const OK: readonly Said[] = [['200 OK']];

const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;

describe.each(TRANSPORTS)('over %s', (transport) => {
  it('a challenge is answered, and nobody behind it is troubled', async () => {
    const sha = ', algorithm=SHA-256, opaque="o"';
    const script: Script = (request) => {
      if (request.method === 'ACK') return [];
      if (answered(request, 'n1', 'Proxy-Authorization') !== true)
        return [[...challenge(407, 'n0', ', algorithm=MD5'), ...challenge(407, 'n1', sha).slice(1)]];
      return request.method === 'INVITE' ? ANSWERS : OK;
    };
    const { server, messages, trouble } = await place(script, { transport });
    expect(trouble).toBeNull();
    expect(server.seen).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'ACK 2', 'BYE 3']);
    expect(server.requests.map((each) => each.header('Via')?.split(' ')[0])).toEqual(
      Array(5).fill(`SIP/2.0/${transport.toUpperCase()}`),
    );
    expect(server.requests[3]?.header('Proxy-Authorization')).toBe(server.requests[2]?.header('Proxy-Authorization'));
    expect(server.requests[4]?.header('Proxy-Authorization')).toMatch(/nc=00000002/);
    // The record is what the server has.
    const sent = messages.filter(({ direction }) => direction === 'sent').map(({ bytes }) => bytes.toString('latin1'));
    expect(sent).toEqual(server.requests.map(({ bytes }) => bytes.toString('latin1')));
    expect(messages.every(({ protocol }) => protocol === transport)).toBe(true);
    const kept = await Promise.all((await readdir(dir)).map((file) => readFile(join(dir, file), 'latin1')));
    expect(kept.join()).not.toContain(ACCOUNT.password);
  });

  it('header lines go out byte for byte', async () => {
    const headers = ['Subject:  folded', 'X-Bare', 'x-tabs:\t a ;b', 'CSeq-Like: 1 INVITE', 'Via : x', 'Kontakt: \xe9'];
    const folded = headers.toSpliced(1, 0, '\tcontinued ');
    const { server } = await place((request) => (request.method === 'INVITE' ? ANSWERS : OK), {
      transport,
      headers: folded,
    });
    const text = server.requests[0]?.bytes.toString('latin1');
    expect(text).toContain(`\r\nMax-Forwards: 70\r\n${folded.join('\r\n')}\r\nAllow: `);
  });

  it('a request of the server is answered where it came from', async () => {
    const { server, trouble } = await place(
      (request, self) => {
        if (request.method === 'ACK' && self.responses.length === 0) self.ask('OPTIONS', self.requests[0] ?? request);
        return request.method === 'INVITE' ? ANSWERS : request.method === 'ACK' ? [] : OK;
      },
      { transport },
    );
    expect(trouble).toBeNull();
    expect(server.responses).toEqual(['200 7 OPTIONS']);
  });

  it('who gives up cancels what was sent last', async () => {
    const script: Script = (request, self) => {
      if (request.method === 'ACK') return [];
      if (request.method === 'CANCEL') {
        const invite = self.requests.findLast(({ method }) => method === 'INVITE');
        if (invite !== undefined) self.say(invite, ['487 Request Terminated']);
        return OK;
      }
      return answered(request, 'n1') ? RINGS : [challenge(401, 'n1')];
    };
    const { server } = await place(script, { transport, caller: 'hang-up-while-ringing' });
    expect(server.seen).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'CANCEL 2', 'ACK 2']);
    expect(server.requests[3]?.header('Via')).toBe(server.requests[2]?.header('Via'));
  });
});

describe('several challenges of one call', () => {
  it('of a proxy and of the server behind it', async () => {
    const script: Script = (request) => {
      if (request.method === 'ACK') return [];
      if (!answered(request, 'p', 'Proxy-Authorization')) return [challenge(407, 'p')];
      if (!answered(request, 's')) return [challenge(401, 's')];
      return request.method === 'INVITE' ? ANSWERS : OK;
    };
    const { server, trouble } = await place(script);
    expect(trouble).toBeNull();
    expect(server.seen).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'ACK 2', 'INVITE 3', 'ACK 3', 'BYE 4']);
  });

  it('because the nonce is stale, of the BYE as well', async () => {
    const script: Script = (request) => {
      if (request.method === 'ACK') return [];
      if (request.method === 'BYE') return answered(request, 'n3') ? OK : [challenge(401, 'n3', ', stale=true')];
      if (answered(request, 'n2')) return ANSWERS;
      return [challenge(401, answered(request, 'n1') ? 'n2' : 'n1', answered(request, 'n1') ? ', stale=true' : '')];
    };
    const { server, trouble } = await place(script);
    expect(trouble).toBeNull();
    expect(server.seen).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'ACK 2', 'INVITE 3', 'ACK 3', 'BYE 4', 'BYE 5']);
  });

  it('are the end of it where the password is not accepted', async () => {
    const script: Script = (request) => (request.method === 'ACK' ? [] : [challenge(401, crypto.randomUUID())]);
    const { server, messages } = await place(script);
    expect(server.seen).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'ACK 2']);
    expect(messages.filter(({ direction }) => direction === 'received')).toHaveLength(2);
  });
});

describe('over UDP', () => {
  it('a challenge that comes twice is acknowledged twice, and an answer that is lost is repeated', async () => {
    const script: Script = (request, { seen }) => {
      if (request.method === 'INVITE' && seen.length === 1)
        return [['100 Trying'], challenge(401, 'n1'), challenge(401, 'n1')]; // SIPp repeats nothing after a 100
      if (request.method !== 'INVITE') return request.method === 'ACK' ? [] : OK;
      return seen.filter((each) => each === 'INVITE 2').length < 2 ? [] : ANSWERS;
    };
    const { server, trouble } = await place(script);
    expect(trouble).toBeNull();
    const counts = new Map<string, number>();
    for (const each of server.heard) counts.set(each, (counts.get(each) ?? 0) + 1);
    expect(counts.get('ACK 1')).toBe(2);
    expect(counts.get('INVITE 2')).toBeGreaterThan(1);
    expect(server.seen).not.toContain('INVITE 3');
    expect([...counts.keys()]).toEqual(['INVITE 1', 'ACK 1', 'INVITE 2', 'ACK 2', 'BYE 3']);
  });
});

it('a server that cannot be reached is a trouble of the caller', async () => {
  const nobody = await freePort(HOST);
  await using authority = await Authority.found();
  const tls = { ...(await authority.issue({ names: ['x.test'] })), ca: authority.ca };
  const sipp = new SippCaller({
    launch: sippProgram('sipp'),
    version: '',
    host: HOST,
    freePort: () => freePort(HOST),
    controlAddress: async () => null,
  });
  const calls = await new EdgeCaller(sipp, { host: HOST, tls }).place({
    dir,
    remote: { host: HOST, port: nobody },
    transport: 'tls',
    plan: {
      caller: 'patient',
      uriParameters: '',
      patienceMs: 200,
      hangUpAfterRingingMs: 50,
      talkMs: 50,
      token: 'edge',
    },
    calls: [{ callee: 'bob', domain: 'plain.test', headers: [] }],
    rate: 10,
    concurrency: 1,
    lastCallMs: 1_000,
  });
  const { trouble } = await calls.result;
  expect(trouble).toContain(`TLS to ${HOST}:${nobody} failed: connect ECONNREFUSED`);
});
