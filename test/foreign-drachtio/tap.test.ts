import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../harness/drachtio/frames.ts';
import { DrachtioServer, type WireRecord } from '../../harness/drachtio/index.ts';
import { LabError, UsageError } from '../../harness/errors.ts';
import { type TapOptions, tapDrachtio } from '../../harness/foreign-drachtio/index.ts';
import type { SipAddress } from '../../harness/model/server.ts';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { authenticating, fakeServer } from './fake-server.ts';

const LOOPBACK = 'OK|udp/127.0.0.1:5070,tcp/127.0.0.1:5070|v0.9.10|udp/127.0.0.1:5070';

interface Tapping extends Partial<TapOptions> {
  readonly control: SipAddress;
}

const tap = (options: Tapping) =>
  tapDrachtio({ role: 'voicemail', secret: 'right', record: () => {}, onTrouble: () => {}, ...options });

const ownServer = () => DrachtioServer.start({ sip: { host: '127.0.0.1' }, secret: 'right' });

describe('a tapped server', () => {
  it('shows a call as its application saw and answered it, and gives the application the same bytes', async () => {
    await using server = await ownServer();
    const records: WireRecord[] = [];
    const tapped = await tap({ control: server.control, record: (each) => records.push(each) });
    expect(tapped).toMatchObject({ sip: server.sip, seenBy: 'control', version: 'v0.9.10' });

    using app = await RawControl.app(tapped, ['invite']);
    await using peer = await SipPeer.udp(server.sip);
    peer.send(sipRequest(peer, server.sip, { callId: 'tapped-1' }));
    const invite = await app.request('INVITE');
    const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(invite.message, name)}`);
    const respond = (status: string) =>
      app.commandFrame(`sip|${invite.tokens[8]}|\r\nSIP/2.0 ${status}\r\n${copied.join('\r\n')}\r\n\r\n`);
    await respond('180 Ringing');
    await respond('486 Busy Here');
    const busy = await peer.next(/^SIP\/2\.0 486 /, 'INVITE');

    expect(records.map(({ direction, bytes }) => `${direction} ${startLine(bytes)}`)).toEqual([
      expect.stringMatching(/^in INVITE /),
      'out SIP/2.0 180 Ringing',
      'out SIP/2.0 486 Busy Here',
    ]);
    expect(records[0]?.bytes.toString('latin1')).toBe(invite.message);
    expect(records[2]?.bytes.toString('latin1')).toBe(busy);
    await tapped.stop();
  });

  it('has on record what its application was told to have been sent, as soon as it is asked for', async () => {
    const records: WireRecord[] = [];
    const message = Buffer.from('SIP/2.0 200 OK\r\n\r\n');
    let answer = (): void => {};
    await using server = await fakeServer((socket, payload) => {
      const [id = '', kind] = payload?.split('|') ?? [];
      if (kind === 'authenticate') socket.write(encodeFrame(`uuid|response|${id}|${LOOPBACK}`));
      if (kind !== 'sip') return;
      const leader = `u|response|${id}|OK|application|601|udp|127.0.0.9|5060|08:00:00.4|t|d||Msg sent:|`;
      answer = () => socket.write(encodeFrame(leader, message));
    });
    const tapped = await tap({ control: server.control, reachable: false, record: (each) => records.push(each) });
    using app = await RawControl.app(tapped);
    void app.commandFrame('sip|t|\r\nSIP/2.0 200 OK\r\n\r\n');
    await expect.poll(() => server.received.some((payload) => payload.includes('|sip|'))).toBe(true);
    const recorded = tapped.recorded?.().then(() => records.length);
    answer();
    expect(await recorded).toBe(1);
    await tapped.stop();
  });

  it('is left running when the tap is stopped', async () => {
    await using server = await ownServer();
    await (await tap({ control: server.control })).stop();
    const again = await tap({ control: server.control });
    await again.stop();
    await again.stop();
    await expect(RawControl.open(again.control)).rejects.toThrow('ECONNREFUSED');
  });

  it('is asked again until it has opened its SIP address', async () => {
    await using server = await authenticating('OK||v0.9.10|', 'OK||v0.9.10|', LOOPBACK);
    const tapped = await tap({ control: server.control, reachable: false });
    expect(tapped.sip).toEqual({ host: '127.0.0.1', port: 5070 });
    expect(server.sockets).toHaveLength(3);
    await tapped.stop();
  });

  it('is read right however its stream is cut, long messages too', async () => {
    const records: WireRecord[] = [];
    const body = 'x'.repeat(40_000);
    const message = Buffer.from(`MESSAGE sip:a@b SIP/2.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const frame = encodeFrame('u|sip|network|9|udp|127.0.0.9|5060|08:00:00.4|t||127.0.0.1|5070|', message);
    const stream = Buffer.concat([frame, Buffer.from('0#'), frame, frame]);
    await using server = await authenticating(LOOPBACK);
    const tapped = await tap({ control: server.control, reachable: false, record: (each) => records.push(each) });
    using app = await RawControl.app(tapped);
    const [, socket] = server.sockets;
    for (let at = 0; at < stream.length; at += 777) {
      socket?.write(stream.subarray(at, at + 777));
      await new Promise(setImmediate);
    }
    for (let count = 0; count < 3; count += 1) await app.next(({ message: text }) => text.startsWith('MESSAGE '));
    expect(records.map(({ bytes }) => bytes.equals(message))).toEqual([true, true, true]);
    await tapped.stop();
  });

  it.for([
    ['goes away', null, 'closed its control connection'],
    ['talks nonsense', Buffer.from('nonsense'), 'sent what is no frame of its protocol'],
  ] as const)('that %s is told as a trouble, once, and its application is cut off', async ([, bytes, said]) => {
    const troubles: string[] = [];
    await using server = await authenticating(LOOPBACK);
    const tapped = await tap({
      control: server.control,
      reachable: false,
      onTrouble: (text) => troubles.push(text),
    });
    using app = await RawControl.app(tapped);
    const socket = server.sockets[1];
    if (bytes === null) socket?.destroy();
    else socket?.write(bytes);
    expect(await app.closed()).toBe('closed');
    expect(troubles).toEqual([expect.stringContaining(`voicemail on 127.0.0.1:${server.control.port} ${said}`)]);
    await tapped.stop();
  });

  it('is no trouble when its application leaves', async () => {
    const troubles: string[] = [];
    await using server = await authenticating(LOOPBACK);
    const tapped = await tap({ control: server.control, reachable: false, onTrouble: (text) => troubles.push(text) });
    const app = await RawControl.app(tapped);
    const left = once(server.sockets[1] as NodeJS.EventEmitter, 'close');
    app[Symbol.dispose]();
    await left;
    await tapped.stop();
    expect(troubles).toEqual([]);
  });
});

describe('a server that cannot be used is refused, and the message says what to do:', () => {
  const readyWithinMs = 600;
  const refused = async (options: Tapping): Promise<unknown> => tap({ readyWithinMs, ...options }).catch((e) => e);

  it('another secret', async () => {
    await using server = await ownServer();
    const error = await refused({ control: server.control, secret: 'wrong' });
    expect(error).toBeInstanceOf(LabError);
    expect(String(error)).toMatch(/refused the secret \(incorrect secret\).*--drachtio-secret or RINGFENCE_SECRET/);
  });

  it.for(['', 'a|b', 'a\nb'])('the secret %j', async (secret) => {
    expect(await refused({ control: { host: '127.0.0.1', port: 1 }, secret })).toBeInstanceOf(UsageError);
  });

  it('an HTTP server', async () => {
    await using server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const error = await refused({ control: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } });
    expect(String(error)).toMatch(/is no drachtio server: it said "HTTP\/1\.1 400 Bad Request".*control port/);
  });

  it('one that says nothing', async () => {
    await using server = await fakeServer(() => {});
    expect(String(await refused({ control: server.control }))).toMatch(
      /in 600 ms: it accepted the connection and said nothing/,
    );
  });

  it('one that closes at once', async () => {
    await using server = createTcpServer((socket) => socket.destroy());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const error = await refused({ control: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } });
    expect(String(error)).toMatch(/did not get ready in 600 ms: (it closed the connection|.*ECONNRESET|.*EPIPE)/);
  });

  it('one that ends before it is ready, as soon as it has', async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    const ended = Promise.resolve('it ended with exit status 64');
    const { control } = server;
    await expect(tap({ control, gone: ended, readyWithinMs: 60_000 })).rejects.toThrow(
      /did not get ready: it ended with exit status 64$/,
    );
  });

  it('nobody', async () => {
    const server = await fakeServer(() => {});
    await server[Symbol.asyncDispose]();
    expect(String(await refused({ control: server.control }))).toMatch(/ECONNREFUSED.*Is it running/);
  });

  it.for([
    ['an address that is not loopback', 'OK|udp/192.0.2.7:5060,tcp/192.0.2.7:5060|v0.9.10|', /loopback.*--contact/],
    ['TCP alone', 'OK|tcp/127.0.0.1:5060|v0.9.10|', /over UDP/],
    ['no address at all', 'OK||v0.9.10|', /in 600 ms: it has not opened its SIP address yet/],
    ['an old version', `OK|udp/127.0.0.1:5060|v0.8.26|`, /version "v0\.8\.26".*need 0\.9/],
    ['no version', 'OK|udp/127.0.0.1:5060', /version ""/],
    ['control characters', 'OK|\u001b[31m|v0.9.10|', /speaks SIP on \?\[31m;/],
  ] as const)('%s', async ([, reply, said]) => {
    await using server = await authenticating(reply);
    const error = await refused({ control: server.control, reachable: false });
    expect(error).toBeInstanceOf(LabError);
    expect(String(error)).toMatch(said);
  });

  it('one that another application is connected to, even if that one does not answer', async () => {
    await using server = await ownServer();
    using other = await RawControl.app(server, ['invite']);
    const error = await refused({ control: server.control, refuseWithinMs: 300 });
    expect(error).toBeInstanceOf(LabError);
    expect(String(error)).toMatch(/somebody else: a INVITE that nobody should want got no final response in 300 ms/);
    expect(await other.command('ping')).toEqual(['OK', 'pong']);
  });
});

function startLine(bytes: Buffer): string {
  return bytes.toString('latin1').split('\r\n', 1)[0] ?? '';
}
