/** How applications and server find each other: `srf.listen`, and TLS between them. drachtio-srf itself, unmodified. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import Srf from 'drachtio-srf';
import { describe, expect, it } from 'vitest';
import { DrachtioServer, type DrachtioServerOptions } from '../../harness/drachtio/index.ts';
import { placeCall, sipRequest } from '../drachtio-hostile/call.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { makeCertificate, opensslMissing } from './certificate.ts';

/** The library's types describe several calls wrongly; here every call is checked by what comes of it. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;

const SECRET = 'only-for-this-test';
const COMMAND = `1|authenticate|${SECRET}|`;
const AUTHENTICATE = `${COMMAND.length}#${COMMAND}`;

function start(options: Partial<DrachtioServerOptions> = {}): Promise<DrachtioServer> {
  return DrachtioServer.start({ sip: { host: '127.0.0.1' }, secret: SECRET, ...options });
}

/** Answers every call. */
function answering(): { srf: Untyped; ended: Promise<void> } {
  const srf: Untyped = new Srf();
  srf.on('error', () => {});
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  srf.invite(async (request: Untyped, response: Untyped) => {
    const dialog = await srf.createUAS(request, response, { localSdp: 'v=0\r\n' });
    if (dialog.connected) dialog.on('destroy', () => resolve());
    else resolve();
  });
  return { srf, ended };
}

describe('an application that listens (srf.listen)', () => {
  it('is connected to, and takes calls', async () => {
    const { srf, ended } = answering();
    const listening = srf.listen({ host: '127.0.0.1', port: 0, secret: SECRET });
    await once(listening, 'listening');
    const connected = once(srf, 'connect');
    await using server = await start({ applications: [listening.address()].map(at) });
    await connected;
    await using caller = await SipPeer.udp(server.sip);
    await placeCall(caller, server.sip);
    await ended;
    listening.close();
  });

  it('is connected to again after a loss, until the server is stopped', async () => {
    const seen: Socket[] = [];
    const listening = createServer((socket) => void seen.push(socket)).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    await using server = await start({ applications: [at(listening.address() as AddressInfo)] });
    await expect.poll(() => seen.length).toBe(1);
    seen[0]?.destroy();
    await expect.poll(() => seen.length).toBe(2);
    await server.stop();
    const last = seen[1]?.resume();
    if (last?.closed === false) await once(last, 'close');
    listening.close();
  });

  it('with another secret gets nothing: 503 to the caller', async () => {
    const { srf } = answering();
    const listening = srf.listen({ host: '127.0.0.1', port: 0, secret: 'another' });
    await once(listening, 'listening');
    const refused = once(srf, 'connect');
    await using server = await start({ applications: [at(listening.address())] });
    expect((await refused)[0]).toBeInstanceOf(Error);
    await using caller = await SipPeer.udp(server.sip);
    caller.send(sipRequest(caller, server.sip));
    await caller.next(/^SIP\/2\.0 503 /);
    listening.close();
  });
});

describe.skipIf(opensslMissing)('applications over TLS', () => {
  const { key, cert } = opensslMissing ? { key: '', cert: '' } : makeCertificate('localhost');

  it('connect as srf.connect({ tls }) does', async () => {
    await using server = await start({ control: { tls: { key, cert } } });
    const { srf, ended } = answering();
    srf.connect({ ...server.control, secret: SECRET, tls: { ca: cert } });
    await once(srf, 'connect');
    await using caller = await SipPeer.udp(server.sip);
    await placeCall(caller, server.sip);
    await ended;
    srf.disconnect();
  });

  it('show a certificate, where that is wanted', async () => {
    await using server = await start({ control: { tls: { key, cert, ca: cert, wantsCertificate: true } } });
    const stranger = connectTls({ ...server.control, ca: cert });
    stranger.on('error', () => {}); // `close` follows
    stranger.write(AUTHENTICATE);
    let answers = 0;
    stranger.on('data', () => answers++);
    await new Promise((resolve) => stranger.once('close', resolve));
    expect(answers).toBe(0);
    const known = answering().srf;
    known.connect({ ...server.control, secret: SECRET, tls: { ca: cert, key, cert } });
    await once(known, 'connect');
    known.disconnect();
  });

  it('and none without: the connection is closed, others go on', async () => {
    await using server = await start({ control: { tls: { key, cert } } });
    const plain = connect(server.control);
    await once(plain, 'connect');
    plain.write(AUTHENTICATE);
    plain.resume();
    await once(plain, 'close');
    const { srf } = answering();
    srf.connect({ ...server.control, secret: SECRET, tls: { ca: cert } });
    await once(srf, 'connect');
    srf.disconnect();
  });
});

function at({ address: host, port }: AddressInfo): { host: string; port: number } {
  return { host, port };
}
