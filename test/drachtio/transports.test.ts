/** TLS (RFC 3261 26.2) and WebSockets (RFC 6455, RFC 7118). */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { AnsweringApp } from '../drachtio-hostile/answering-app.ts';
import { headerOf, placeCall, sipRequest } from '../drachtio-hostile/call.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { hostPort, SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { makeCertificate, opensslMissing } from './certificate.ts';
import { reply, tagOf } from './stage.ts';

const NAME = 'pbx.example.test';
const HOST = '127.0.0.1';

describe('WebSocket', () => {
  const sip = { host: HOST, transports: ['ws'] } as const;

  it('a call comes in from a browser', async () => {
    await using app = await AnsweringApp.start({ sip });
    await using browser = await SipPeer.ws(app.server.sip);
    const answer = await placeCall(browser, app.server.sip);
    expect(headerOf(answer, 'Contact')).toBe(`<sip:${hostPort(app.server.sip)};transport=ws>`);
    expect(headerOf(answer, 'Via')).toContain('SIP/2.0/WS browser.invalid');
  });

  it('requests in its dialog go back on its connection, whatever its Contact says; and are a 503 once that is closed', async () => {
    await using server = await DrachtioServer.start({ sip });
    using app = await RawControl.app(server, ['invite']);
    const browser = await SipPeer.ws(server.sip);
    browser.send(sipRequest(browser, server.sip));
    const { tokens } = await app.request('INVITE');
    const copied = sipRequest(browser, server.sip).match(/^(From|To|CSeq): .*$/gm) ?? [];
    const echo = await app.commandFrame(`sip|${tokens[8]}|\r\nSIP/2.0 200 OK\r\n${copied.join('\r\n')}\r\n\r\n`);
    await browser.next(/^SIP\/2\.0 200 /);
    const info = `sip||${echo.tokens[11]}\r\nINFO sip:placeholder SIP/2.0\r\n\r\n`;
    await app.commandFrame(info);
    const received = await browser.next(/^INFO sip:peer@browser\.invalid/);
    expect(headerOf(received, 'Via')).toContain('SIP/2.0/WS ');
    browser.send(reply(received, '200 OK', 'x'));
    await app.next(({ message }) => message.startsWith('SIP/2.0 200'));
    await browser[Symbol.asyncDispose]();
    await app.commandFrame(info);
    await app.next(({ message }) => message.startsWith('SIP/2.0 503'));
  });

  it('is refused to who does not speak SIP', async () => {
    await using server = await DrachtioServer.start({ sip });
    const socket = new WebSocket(`ws://${hostPort(server.sip)}/`, 'chat');
    const [event] = await Promise.race([once(socket, 'error'), once(socket, 'open')]);
    expect(event.type).toBe('error');
  });

  it.for([
    ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['SIP', 'OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['a request without end', 'x'.repeat(20_000), /^$/],
  ] as const)('%s ends the connection', async ([, text, answer]) => {
    await using server = await DrachtioServer.start({ sip });
    const socket = connect(server.sip);
    let received = '';
    socket.on('data', (chunk) => (received += chunk)).on('error', () => {});
    socket.write(text);
    await once(socket, 'close');
    expect(received).toMatch(answer);
  });

  const pieces: Readonly<Record<string, (message: string) => Buffer[]>> = {
    'a message in pieces': (message) => [frame(1, message.slice(0, 20), false), frame(0, message.slice(20))],
    'one byte by byte': (message) => [...frame(2, message)].map((byte) => Buffer.of(byte)),
    'one behind a ping': (message) => [Buffer.concat([frame(9, 'are you there'), frame(1, message)])],
  };

  it.for(Object.entries(pieces))('takes %s', async ([, cut]) => {
    await using server = await DrachtioServer.start({ sip });
    using socket = await shakeHands(connect(server.sip), server.sip);
    for (const piece of cut(options())) socket.write(piece);
    await socket.read(/SIP\/2\.0 503 /);
  });

  it.for([
    ['a frame without mask', Buffer.from([0x81, 0x01, 0x78])],
    ['a frame of an extension', Buffer.from([0xc1, 0x80, 0, 0, 0, 0])],
    ['a frame of 2**60 bytes', Buffer.from([0x82, 0xff, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['a middle without a beginning', frame(0, 'x')],
    ['a ping in pieces', frame(9, 'x', false)],
    ['a close', frame(8, '')],
  ] as const)('is closed by %s, and nobody else is harmed', async ([, bytes]) => {
    await using app = await AnsweringApp.start({ sip });
    using socket = await shakeHands(connect(app.server.sip), app.server.sip);
    socket.write(bytes);
    await socket.closed;
    await using browser = await SipPeer.ws(app.server.sip);
    await placeCall(browser, app.server.sip);
  });
});

describe.skipIf(opensslMissing)(`TLS${opensslMissing ? ' (skipped: openssl is not installed)' : ''}`, () => {
  const sip = { host: HOST, transports: ['tls'] } as const;
  const certificate = (): { key: string; cert: string; ca: string } => {
    const { key, cert } = makeCertificate(NAME);
    return { key, cert, ca: cert };
  };

  it('a call comes in', async () => {
    const tls = certificate();
    await using app = await AnsweringApp.start({ sip, tls });
    await using caller = await SipPeer.tls(app.server.sip, tls.ca);
    const answer = await placeCall(caller, app.server.sip);
    expect(headerOf(answer, 'Contact')).toBe(`<sip:${hostPort(app.server.sip)};transport=tls>`);
  });

  it.for([
    [`sip:b@${HOST}:PORT;transport=tls`, true, 200],
    [`sips:b@${NAME}:PORT`, true, 200],
    [`sip:b@${HOST}:PORT;transport=tls`, false, 503], // a certificate that nobody vouches for
    ['sips:b@other.example.test:PORT', true, 503], // somebody else's
  ] as const)('a call goes out to %s, believed %s: %i', async ([uri, believed, status]) => {
    const { ca, ...own } = certificate();
    await using callee = await AnsweringApp.start({ sip, tls: own });
    const hosts = { [NAME]: HOST, 'other.example.test': HOST };
    await using caller = await DrachtioServer.start({ sip, tls: { ...own, ...(believed && { ca }) }, hosts });
    using app = await RawControl.app(caller);
    app.frame(`sip||\r\nINVITE ${uri.replace('PORT', String(callee.server.sip.port))} SIP/2.0\r\n\r\n`);
    const { message } = await app.next(
      ({ tokens, message: all }) => tokens[1] === 'sip' && /^SIP\/2\.0 [2-6]/.test(all),
    );
    expect(message).toMatch(new RegExp(`^SIP/2\\.0 ${status} `));
  });

  it('who connects is asked for a certificate, where that is wanted', async () => {
    const { ca, ...own } = certificate();
    await using callee = await AnsweringApp.start({ sip, tls: { ...own, ca, wantsCertificate: true } });
    const uri = `sip:b@${HOST}:${callee.server.sip.port};transport=tls`;
    const called = async (isShownToServers: boolean): Promise<string> => {
      await using caller = await DrachtioServer.start({ sip, tls: { ...own, ca, isShownToServers } });
      using app = await RawControl.app(caller);
      app.frame(`sip||\r\nINVITE ${uri} SIP/2.0\r\n\r\n`);
      const isFinal = /^SIP\/2\.0 [2-6]/;
      const { message } = await app.next(({ tokens, message: all }) => tokens[1] === 'sip' && isFinal.test(all));
      return message;
    };
    expect(await called(true)).toMatch(/^SIP\/2\.0 200 /);
    expect(await called(false)).toMatch(/^SIP\/2\.0 (408|503) /);
  });

  it('whom a certificate has to name may be said once for all', async () => {
    const { ca, ...own } = certificate();
    await using callee = await AnsweringApp.start({ sip, tls: own });
    await using caller = await DrachtioServer.start({ sip, tls: { ...own, ca, name: 'other.example.test' } });
    using app = await RawControl.app(caller);
    app.frame(`sip||\r\nINVITE sip:b@${HOST}:${callee.server.sip.port};transport=tls SIP/2.0\r\n\r\n`);
    const { message } = await app.next(({ message: all }) => /^SIP\/2\.0 [2-6]/.test(all));
    expect(message).toMatch(/^SIP\/2\.0 503 /);
  });

  it('a dialog goes on over its connection', async () => {
    const tls = certificate();
    await using server = await DrachtioServer.start({ sip, tls });
    using app = await RawControl.app(server, ['invite']);
    await using caller = await SipPeer.tls(server.sip, tls.ca);
    caller.send(sipRequest(caller, server.sip));
    const { tokens, message } = await app.request('INVITE');
    const copied = message.match(/^(From|To|CSeq): .*$/gm) ?? [];
    const echo = await app.commandFrame(`sip|${tokens[8]}|\r\nSIP/2.0 200 OK\r\n${copied.join('\r\n')}\r\n\r\n`);
    await app.commandFrame(`sip||${echo.tokens[11]}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`);
    expect(tagOf(await caller.next(/^BYE /), 'To')).toBe('peer');
  });

  it('a WebSocket over it', async () => {
    const tls = certificate();
    await using server = await DrachtioServer.start({ sip: { host: HOST, transports: ['wss'] }, tls });
    using socket = await shakeHands(connectTls({ ...server.sip, ca: tls.ca }), server.sip);
    socket.write(frame(1, options()));
    await socket.read(/SIP\/2\.0 503 /);
  });

  it('needs a certificate: the error says so', async () => {
    await expect(DrachtioServer.start({ sip })).rejects.toThrow(/certificate/);
  });
});

function options(): string {
  const head = ['OPTIONS sip:x@h SIP/2.0', 'Via: SIP/2.0/WS b.invalid;branch=z9hG4bK1', 'Max-Forwards: 70'];
  return [...head, 'From: <sip:a@h>;tag=1', 'To: <sip:b@h>', 'Call-ID: 1', 'CSeq: 1 OPTIONS', '', ''].join('\r\n');
}

/** A masked frame of a client. */
function frame(opcode: number, text: string, final = true): Buffer {
  const payload = Buffer.from(text);
  const mask = Buffer.from([1, 2, 3, 4]);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
  const masked = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0));
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, ...length]), mask, masked]);
}

/** A WebSocket whose frames are written as they are. */
async function shakeHands(socket: Socket, server: { host: string; port: number }) {
  let received = '';
  let wake = (): void => {};
  socket
    .on('error', () => {})
    .on('data', (chunk) => {
      received += chunk.toString('latin1');
      wake();
    });
  const closed = once(socket, 'close');
  const read = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(received)) await new Promise<void>((resolve) => (wake = resolve));
  };
  const lines = [`GET / HTTP/1.1`, `Host: ${hostPort(server)}`, 'Upgrade: websocket', 'Connection: Upgrade'];
  const key = [
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: sip',
  ];
  socket.write([...lines, ...key, '', ''].join('\r\n'));
  await read(/^HTTP\/1\.1 101 .*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=.*\r\n\r\n/s); // the example of RFC 6455 1.3
  return { write: (bytes: Buffer) => socket.write(bytes), read, closed, [Symbol.dispose]: () => socket.destroy() };
}
