import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { type Clock, systemClock } from '../../harness/sip/timers.ts';
import { AnsweringApp } from './answering-app.ts';
import { placeCall } from './call.ts';
import { RawControl } from './raw-control.ts';
import { SipPeer } from './sip-peer.ts';

const MANY = 1_000;
const ENDLESS_BYTES = 8 * 1024 * 1024;

let victim: AnsweringApp;
let caller: SipPeer;

beforeAll(async () => {
  victim = await AnsweringApp.start();
  caller = await SipPeer.udp(victim.server.sip);
});

afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await victim?.[Symbol.asyncDispose]();
});

/** The application that was connected before is still served. */
async function expectUnharmed(): Promise<void> {
  await placeCall(caller, victim.server.sip);
}

describe('before authentication', () => {
  it('answers a wrong secret with NO and closes', async () => {
    using intruder = await RawControl.open(victim.server.control);
    expect(await intruder.command('authenticate|not-the-secret|')).toEqual(['NO', 'incorrect secret']);
    expect(await intruder.closed()).toBe('closed');
    await expectUnharmed();
  });

  const guesses: [string, (secret: string) => string][] = [
    ['an empty secret', () => ''],
    ['the beginning of the secret', (secret) => secret.slice(0, -1)],
    ['the secret and more', (secret) => `${secret}x`],
    ['the secret in upper case', (secret) => secret.toUpperCase()],
  ];
  test.for(guesses)('does not take %s', async ([, guess]) => {
    await using server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, secret: 'open sesame' });
    using intruder = await RawControl.open(server.control);
    expect((await intruder.command(`authenticate|${guess(server.secret)}|`))[0]).toBe('NO');
    expect(await intruder.closed()).toBe('closed');
    using app = await RawControl.open(server.control);
    expect((await app.command('authenticate|open sesame|'))[0]).toBe('OK');
  });

  test.for([
    'route|invite',
    'remove_route|invite',
    'ping',
    'sip||\r\nOPTIONS sip:x@127.0.0.1:9 SIP/2.0\r\n\r\n',
    'proxy|x||||serial|||sip:x@127.0.0.1|\r\n',
    'no-such-command',
  ])('closes on %j, does nothing and says nothing but NO', async (command) => {
    using intruder = await RawControl.open(victim.server.control);
    intruder.frame(command);
    expect(await intruder.closed()).toBe('closed');
    expect(intruder.untaken.map(({ tokens }) => tokens[3]).filter((verdict) => verdict !== 'NO')).toEqual([]);
    await expectUnharmed();
  });

  it('does not act on what follows a wrong secret in the same write', async () => {
    using intruder = await RawControl.open(victim.server.control);
    intruder.write(
      ['authenticate|wrong|', 'route|invite', 'ping'].map((text) => `${text.length + 2}#1|${text}`).join(''),
    );
    expect(await intruder.closed()).toBe('closed');
    expect(intruder.untaken.filter(({ tokens }) => tokens.includes('OK'))).toEqual([]);
    await expectUnharmed();
  });

  it('closes a connection that says nothing for long', async () => {
    const hurried: Clock = { ...systemClock, setTimeout: (callback, delayMs) => setTimeout(callback, delayMs / 100) };
    await using server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, clock: hurried });
    using app = await RawControl.app(server);
    using silent = await RawControl.open(server.control);
    using slow = await RawControl.open(server.control);
    slow.write('500#1|authenti');
    expect([await silent.closed(), await slow.closed()]).toEqual(['closed', 'closed']);
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
  });

  it('never gives an unauthenticated connection a share of the calls', async () => {
    using silent = await RawControl.open(victim.server.control);
    for (let call = 0; call < 3; call++) await expectUnharmed();
    expect(silent.untaken).toEqual([]);
  });
});

describe('bytes that are no frames', () => {
  const notFrames: [string, string | Buffer][] = [
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100a5010000a10303', 'hex')],
    ['a negative length', '-5#12345'],
    ['a length with a sign', '+5#1|xyz'],
    ['a hexadecimal length', '0x10#1234567890123456'],
    ['an exponent for a length', '1e3#'],
    ['a length with blanks', ' 12 #1|route|invite'],
    ['a fraction', '5.5#1|abc'],
    ['no length', '#1|route|invite'],
    ['twenty digits', `${'9'.repeat(20)}#x`],
    ['digits without end', '1'.repeat(100_000)],
    ['a length beyond any message', '4000000000#x'],
    ['binary noise', Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 197 + 13) & 0xff))],
  ];

  test.for(notFrames)('%s: closed, without authentication', async ([, bytes]) => {
    using intruder = await RawControl.open(victim.server.control);
    intruder.write(bytes);
    expect(await intruder.closed()).toBe('closed');
    await expectUnharmed();
  });

  test.for(notFrames)('%s: closed, from an authenticated application too', async ([, bytes]) => {
    using app = await RawControl.app(victim.server);
    app.write(bytes);
    expect(await app.closed()).toBe('closed');
    await expectUnharmed();
  });

  it('`0#` is passed over: the frame behind it is answered', async () => {
    using app = await RawControl.app(victim.server);
    app.write('0#');
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
    await expectUnharmed();
  });

  it('a frame without a command is refused', async () => {
    using app = await RawControl.app(victim.server);
    app.write('3#abc');
    expect(await app.closed()).toBe('closed');
    await expectUnharmed();
  });

  it('an unknown command is answered with NO and closed', async () => {
    using app = await RawControl.app(victim.server);
    expect(await app.command('no-such-command|x')).toEqual(['NO', 'Unknown message type']);
    expect(await app.closed()).toBe('closed');
    await expectUnharmed();
  });

  it('a frame that arrives byte by byte is answered', async () => {
    using app = await RawControl.app(victim.server);
    for (const byte of '6#m|ping') app.write(byte);
    const { tokens } = await app.next((frame) => frame.tokens[2] === 'm');
    expect(tokens.slice(3)).toEqual(['OK', 'pong']);
  });

  it('two frames in one write are both answered', async () => {
    using app = await RawControl.app(victim.server);
    app.write('6#m|ping6#n|ping');
    for (const id of ['m', 'n']) await app.next((frame) => frame.tokens[2] === id);
  });

  it('a message far longer than a datagram buffer of 12 KB goes out whole', async () => {
    using app = await RawControl.app(victim.server);
    const body = 'ü'.repeat(20_000);
    const target = `sip:b@${caller.local.host}:${caller.local.port}`;
    const [verdict] = await app.command(
      `sip||\r\nMESSAGE ${target} SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n${body}`,
    );
    expect(verdict).toBe('OK');
    const message = await caller.next(/^MESSAGE /);
    expect(message).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(message.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  it('counts bytes, not characters', async () => {
    using app = await RawControl.app(victim.server, ['größe', '日本語']);
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
  });
});

describe('connections that never finish', () => {
  it('a frame that never ends does not hold up others', async () => {
    using slow = await RawControl.open(victim.server.control);
    slow.write('5000#1|authenticate|');
    using slowApp = await RawControl.app(victim.server, ['invite']);
    await slowApp.command('remove_route|invite');
    slowApp.write('5000#1|route|');
    await expectUnharmed();
  });

  it('an unauthenticated flood behind a plausible length is cut off', async () => {
    using flood = await RawControl.open(victim.server.control);
    flood.write(`${ENDLESS_BYTES * 2}#1|authenticate|`);
    flood.write(Buffer.alloc(ENDLESS_BYTES, 'x'));
    expect(await flood.closed()).toBe('closed');
    await expectUnharmed();
  });

  it('half a frame and FIN: the connection is closed', async () => {
    using half = await RawControl.open(victim.server.control);
    half.write('5000#1|authent');
    half.halfClose();
    expect(await half.closed()).toBe('closed');
    await expectUnharmed();
  });

  it('FIN from an application behind a whole frame: closed, and its routes are gone', async () => {
    using app = await RawControl.app(victim.server, ['invite']);
    app.halfClose();
    expect(await app.closed()).toBe('closed');
    for (let call = 0; call < 3; call++) await expectUnharmed();
  });

  it('a reset application takes no share of the calls', async () => {
    using app = await RawControl.app(victim.server, ['invite']);
    app.reset();
    expect(await app.closed()).toBe('closed');
    using probe = await RawControl.app(victim.server); // the server has read the reset before this handshake
    expect(await probe.command('ping')).toEqual(['OK', 'pong']);
    for (let call = 0; call < 3; call++) await expectUnharmed();
  });

  it(`${MANY} connections, silent or talking nonsense, keep no application from being served`, async () => {
    const crowd = await Promise.all(Array.from({ length: MANY }, () => RawControl.open(victim.server.control)));
    try {
      for (const [at, one] of crowd.entries()) if (at % 3 === 0) one.write(at % 2 === 0 ? '77#1|auth' : '0#');
      using app = await RawControl.app(victim.server);
      expect(await app.command('ping')).toEqual(['OK', 'pong']);
      await expectUnharmed();
    } finally {
      for (const one of crowd) one.reset();
    }
    await expectUnharmed();
  });
});
