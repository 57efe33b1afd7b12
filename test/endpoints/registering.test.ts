/** Phones REGISTER at a registrar that checks each digest by itself, and treats nonces as it is told. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { Endpoint } from '../../harness/endpoints/endpoint.ts';
import { PhoneBank } from '../../harness/endpoints/phone.ts';
import type { SipAddress } from '../../harness/model/server.ts';
import { parseMessage, type SipMessage } from '../../harness/sip/index.ts';
import { Answered } from '../helpers/answered.ts';

const PASSWORD = 's3cret';
const DOMAIN = 'plain.test';
const URI = `sip:${DOMAIN}`;

interface Habits {
  /** Parameters of the challenge beside realm and nonce; of each, where there are several. */
  readonly challenge?: string | readonly string[];
  /** @default 401, as who ends the call; 407 as a proxy does */
  readonly asks?: 401 | 407;
  /** A 200 says what nonce comes next. */
  readonly nextNonce?: true;
  /** How often one nonce is good; then it is answered with `whenUsedUp`. @default any number of times */
  readonly uses?: number;
  readonly whenUsedUp?: 400 | 401 | 403 | 'stale';
  /** Contacts that a 200 lists, for the one that was asked for. @default none */
  readonly lists?: (asked: string) => readonly string[];
  /** What it adds to the Via (RFC 3261 18.2.1, RFC 3581 4). @default nothing */
  readonly cameFrom?: string;
  /** @default none */
  readonly hearsNot?: (request: SipMessage) => boolean;
}

class Registrar {
  /** `nonce:nc` of each REGISTER in order, `-` where there were no credentials, and what it was answered with. */
  readonly seen: string[] = [];
  /** That were answered with; '' where none was named. */
  readonly algorithms = new Set<string>();
  /** Contact and Expires of each that was answered with 200. */
  readonly asked: string[] = [];
  readonly #socket = createSocket('udp4');
  readonly #answered = new Answered();
  #isClosed = false;
  readonly #habits: Habits;
  readonly #uses = new Map<string, number>();

  constructor(habits: Habits) {
    this.#habits = habits;
    this.#socket.on('message', (bytes, { address, port }) => {
      const request = parseMessage(bytes);
      if (request.kind !== 'request' || this.#habits.hearsNot?.(request) === true) return;
      const [before] = this.#answered.again(request) ?? [];
      const answer = before ?? this.#answer(request);
      if (before === undefined) this.#answered.note(request, answer);
      this.#socket.send(answer, port, address);
    });
  }

  async listen(): Promise<{ host: string; port: number }> {
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return { host: '127.0.0.1', port: this.#socket.address().port };
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#socket.close();
    this.#isClosed = true;
  }

  #answer(request: SipMessage): string {
    const { challenge = '', asks = 401, lists, nextNonce } = this.#habits;
    const authorization = request.header(asks === 401 ? 'Authorization' : 'Proxy-Authorization');
    const param = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization ?? '')?.[1] ?? '';
    const verdict = authorization === undefined ? asks : this.#judge(param);
    const status = verdict === 'stale' ? asks : verdict;
    this.seen.push(`${authorization === undefined ? '-' : `${param('nonce')}:${param('nc')}`} ${verdict}`);
    const lines = [`SIP/2.0 ${status} Whatever`];
    const via = `Via: ${request.header('Via')?.replace(/;rport(?:=\d+)?/, '')}${this.#habits.cameFrom ?? ''}`;
    lines.push(via, ...['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.header(name)}`));
    lines.push(`To: ${request.header('To')};tag=r`, 'Content-Length: 0');
    const nonce = `n${this.#uses.size + 1}`;
    if (status === 200) {
      const contact = request.header('Contact') ?? '';
      this.asked.push(`${contact} ${request.header('Expires')}`);
      lines.push(...(lists?.(contact) ?? []).map((each) => `Contact: ${each}`));
    }
    if (status === 200 && nextNonce) lines.push(`Authentication-Info: nextnonce="${nonce}"`);
    if (status === asks || (status === 200 && nextNonce)) this.#uses.set(nonce, 0);
    if (status === asks) {
      const name = asks === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
      const stale = verdict === 'stale' ? ', stale=true' : '';
      const first = `${name}: Digest realm="${DOMAIN}", nonce="${nonce}"${stale}`;
      lines.push(...[challenge].flat().map((each) => `${first}${each}`));
    }
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  #judge(param: (name: string) => string): Exclude<Habits['whenUsedUp'], undefined> | 200 {
    const { uses = Number.POSITIVE_INFINITY, whenUsedUp = 401 } = this.#habits;
    const nonce = param('nonce');
    const used = this.#uses.get(nonce) ?? Number.POSITIVE_INFINITY;
    if (used >= uses) return whenUsedUp;
    this.#uses.set(nonce, used + 1);
    const [, name = 'MD5', session] = /^(.+?)(-sess)?$/.exec(param('algorithm') || 'MD5') ?? [];
    const digest = (...parts: readonly string[]): string =>
      createHash({ MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }[name] ?? '')
        .update(parts.join(':'))
        .digest('hex');
    const own = digest(param('username'), DOMAIN, PASSWORD);
    const secret = session === undefined ? own : digest(own, nonce, param('cnonce'));
    const protectedBy = param('qop') === '' ? [] : [param('nc'), param('cnonce'), param('qop')];
    this.algorithms.add(param('algorithm'));
    if (param('opaque') !== this.#opaque) return 400;
    return param('response') === digest(secret, nonce, ...protectedBy, digest('REGISTER', URI)) ? 200 : 403;
  }

  get #opaque(): string {
    return /opaque="([^"]*)"/.exec([this.#habits.challenge ?? ''].flat().join())?.[1] ?? '';
  }
}

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** One after the other, so that the order of what the registrar sees is that of the phones. */
async function register(habits: Habits, passwords: readonly string[]) {
  const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  const bank = new PhoneBank(
    stack.use(await Endpoint.start({ role: 'phone', server, onTrouble: () => {} })),
    () => 'ring',
  );
  const registrar = stack.use(new Registrar(habits));
  const phones = passwords.map((password, index) => ({ user: `phone${index}`, domain: DOMAIN, password }));
  const refused = await bank.register(phones, await registrar.listen(), 1);
  const { seen, algorithms } = registrar;
  return { seen, algorithms: [...algorithms], refused: [...refused].map(([user, status]) => `${user} ${status}`) };
}

const THREE = [PASSWORD, PASSWORD, PASSWORD];

describe('phones that REGISTER one after the other', () => {
  it('are challenged once, and count the requests that they send with one nonce (RFC 7616 3.4, 3.6)', async () => {
    const { seen, refused } = await register({ challenge: ', qop="auth", opaque="o"' }, THREE);
    expect(seen).toEqual(['- 401', 'n1:00000001 200', 'n1:00000002 200', 'n1:00000003 200']);
    expect(refused).toEqual([]);
  });

  it('use a nonce again without qop, where nothing is counted', async () => {
    expect((await register({}, THREE)).seen).toEqual(['- 401', 'n1: 200', 'n1: 200', 'n1: 200']);
  });

  it('answer the challenge of a registrar that takes each nonce once', async () => {
    const { seen, refused } = await register({ uses: 1 }, THREE);
    expect(seen).toEqual(['- 401', 'n1: 200', 'n1: 401', 'n2: 200', 'n2: 401', 'n3: 200']);
    expect(refused).toEqual([]);
  });

  it.for([400, 403] as const)('start again without credentials where an old nonce ends in %i', async (whenUsedUp) => {
    const { seen, refused } = await register({ uses: 1, whenUsedUp }, THREE);
    const again = `${whenUsedUp}`;
    expect(seen).toEqual(['- 401', 'n1: 200', `n1: ${again}`, '- 401', 'n2: 200', `n2: ${again}`, '- 401', 'n3: 200']);
    expect(refused).toEqual([]);
  });

  it('answer a stale nonce anew, without taking it for a refusal', async () => {
    const { seen, refused } = await register({ uses: 2, whenUsedUp: 'stale', challenge: ', qop="auth"' }, THREE);
    expect(seen).toEqual(['- 401', 'n1:00000001 200', 'n1:00000002 200', 'n1:00000003 stale', 'n2:00000001 200']);
    expect(refused).toEqual([]);
  });

  it('do not answer for ever where each nonce is stale', async () => {
    const { seen, refused } = await register({ uses: 0, whenUsedUp: 'stale' }, [PASSWORD]);
    expect(seen).toEqual(['- 401', 'n1: stale', 'n2: stale', 'n3: stale', 'n4: stale']);
    expect(refused).toEqual(['phone0 401: it calls each nonce of its own stale']);
  });

  it('take the nonce that the registrar wants next', async () => {
    const { seen } = await register({ uses: 1, nextNonce: true, challenge: ', qop="auth"' }, THREE);
    expect(seen).toEqual(['- 401', 'n1:00000001 200', 'n2:00000001 200', 'n3:00000001 200']);
  });

  it('answer a proxy', async () => {
    const { seen, refused } = await register({ asks: 407, challenge: ', qop="auth,auth-int", opaque="o; p"' }, THREE);
    expect(seen).toEqual(['- 407', 'n1:00000001 200', 'n1:00000002 200', 'n1:00000003 200']);
    expect(refused).toEqual([]);
  });

  it.for([
    ['', ''],
    [', algorithm=MD5', 'MD5'],
    [', algorithm=SHA-256, qop="auth"', 'SHA-256'],
    [', algorithm=SHA-512-256, qop="auth"', 'SHA-512-256'],
    [', algorithm=MD5-sess, qop="auth"', 'MD5-sess'],
    [', algorithm=SHA-256-sess', 'SHA-256-sess'],
    [[', algorithm=MD5, qop="auth"', ', algorithm=SHA-256, qop="auth"'], 'SHA-256'],
    [[', algorithm=AKAv1-MD5, qop="auth"', ', algorithm=MD5, qop="auth"'], 'MD5'],
  ] as const)('asked with %j, answer by %s (RFC 7616 3.4, RFC 8760)', async ([challenge, algorithm]) => {
    const { refused, algorithms } = await register({ challenge }, THREE);
    expect({ refused, algorithms }).toEqual({ refused: [], algorithms: [algorithm] });
  });

  it('say what they are asked where they cannot answer', async () => {
    const { seen, refused } = await register({ challenge: ', algorithm=SHA-256, qop="auth-int"' }, [PASSWORD]);
    expect(seen).toEqual(['- 401']);
    expect(refused).toEqual([
      'phone0 401: it asks for Digest SHA-256 qop=auth-int, and we answer Digest by SHA-512-256, SHA-256, MD5 with qop=auth or none',
    ]);
  });

  it('are refused for their own password, whatever came before', async () => {
    const { seen, refused } = await register({}, [PASSWORD, 'wrong', PASSWORD]);
    expect(refused).toEqual(['phone1 403']);
    expect(seen).toEqual(['- 401', 'n1: 200', 'n1: 403', '- 401', 'n2: 403', '- 401', 'n3: 200']);
  });
});

async function withRegistrar(habits: Habits): Promise<{ bank: PhoneBank; registrar: Registrar; at: SipAddress }> {
  const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  const endpoint = stack.use(await Endpoint.start({ role: 'phone', server, onTrouble: () => {} }));
  const registrar = stack.use(new Registrar(habits));
  return { bank: new PhoneBank(endpoint, () => 'ring'), registrar, at: await registrar.listen() };
}

describe('a phone on a lent account', () => {
  const lent = { user: 'bob', domain: DOMAIN, password: PASSWORD, lent: true } as const;
  const OTHERS = [
    '<sip:bob@192.0.2.1:5060>;expires=60',
    '"Bob, at home" <sip:bob@192.0.2.2;transport=tcp>, <sips:bob@h.test>',
  ];

  it('is not alone where the registrar lists other contacts, in any form', async () => {
    const { bank, at } = await withRegistrar({ lists: (asked) => [`${asked};expires=90`, ...OTHERS] });
    expect([...(await bank.register([lent], at))]).toEqual([
      ['bob', 'another phone is registered there: sip:bob@192.0.2.1:5060, sip:bob@192.0.2.2, sips:bob@h.test'],
    ]);
    expect(bank.registrations.expiresS).toBe(90);
  });

  it('is alone where it lists ours, or none', async () => {
    for (const lists of [(asked: string) => [asked], () => []]) {
      const { bank, at } = await withRegistrar({ lists });
      expect([...(await bank.register([lent], at))]).toEqual([]);
    }
  });

  it('is alone where it writes ours as it saw it come, and not where it was another', async () => {
    const rewritten = ['<sip:bob@127.0.0.1:45678;transport=tls>'];
    for (const [cameFrom, alone] of [
      [';received=127.0.0.1;rport=45678', true],
      [';rport=45678', true],
      [';received=192.0.2.1;rport=45678', false],
      [';rport=45679', false],
      ['', false],
    ] as const) {
      const { bank, at } = await withRegistrar({ lists: () => rewritten, cameFrom });
      const refused = await bank.register([lent], at);
      expect([...refused.keys()], cameFrom).toEqual(alone ? [] : ['bob']);
    }
  });

  it('is taken away at the end, and nobody else`s with it', async () => {
    const { bank, registrar, at } = await withRegistrar({ lists: () => OTHERS.slice(0, 1) });
    const own = { user: 'alice', domain: DOMAIN, password: PASSWORD };
    await bank.register([lent, { ...lent, user: 'bea' }, own], at);
    await bank.register([{ ...lent, user: 'bea', away: true }], at);
    registrar.asked.length = 0;
    expect(await bank.registrations.leave(at, 5000)).toEqual({ kept: [], shared: ['bob (sip:bob@192.0.2.1:5060)'] });
    expect(registrar.asked).toEqual([expect.stringMatching(/^<sip:bob@127\.0\.0\.1:\d+> 0$/)]);
    expect(await bank.registrations.leave(at, 5000)).toEqual({ kept: [], shared: [] });
  });

  it('is taken away by a second REGISTER where nothing was heard of the first', async () => {
    const lost = new Set<string>();
    const hearsNot = (request: SipMessage): boolean => {
      if (request.header('Expires') !== '0') return false;
      const callId = request.header('Call-ID') ?? '';
      if (lost.size === 0) lost.add(callId);
      return lost.has(callId);
    };
    const { bank, registrar, at } = await withRegistrar({ hearsNot });
    await bank.register([lent], at);
    expect(await bank.registrations.leave(at, 5000)).toEqual({ kept: [], shared: [] });
    expect(registrar.asked.at(-1)).toMatch(/ 0$/);
  });

  it('is named where the registrar does not take it away in time', async () => {
    const { bank, registrar, at } = await withRegistrar({});
    await bank.register([lent], at);
    registrar[Symbol.dispose]();
    expect(await bank.registrations.leave(at, 50)).toEqual({ kept: ['bob'], shared: [] });
  });
});
