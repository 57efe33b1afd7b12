/** SIP servers in another process, as they stand in a container: started, recorded and stopped over one connection. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectSrf } from '../../harness/endpoints/srf.ts';
import { freePort } from '../../harness/processes/addresses.ts';
import { type StartedProcess, startProcess } from '../../harness/processes/process.ts';
import type { SocketAddress, WireRecord } from '../../harness/sip/wire.ts';
import { RemoteSipHost } from '../../harness/sip-host/index.ts';
import { WAIT_MS } from '../processes/processes.ts';
import { scratch } from '../setup/scratch.ts';

const MAIN = fileURLToPath(new URL('../../harness/sip-host/main.ts', import.meta.url));
const SECRET = 's3cret';
let stack: AsyncDisposableStack;
let host: StartedProcess;
let address: { host: string; port: number };

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  const { dir } = stack.use(await scratch());
  // It listens on every address, and others have ports of their own on other loopback addresses.
  address = { host: '127.0.0.1', port: await freePort('0.0.0.0') };
  host = stack.use(
    await startProcess({
      command: process.execPath,
      args: [MAIN, String(address.port)],
      cwd: dir,
      env: { ...process.env, RINGFENCE_SECRET: SECRET },
      logFile: join(dir, 'host.log'),
    }),
  );
  await vi.waitFor(() => expect(host.logTail()).toMatch(/^ready$/m), WAIT_MS);
});
afterEach(async () => {
  await stack.disposeAsync();
});

async function connected(onLost: (why: string) => void = () => {}): Promise<RemoteSipHost> {
  return stack.use(await RemoteSipHost.connect({ address, secret: SECRET, timeoutMs: WAIT_MS, onLost }));
}

function opened(
  remote: RemoteSipHost,
  name: string,
  recorder: (record: WireRecord) => void = () => {},
  port = 0,
): Promise<SocketAddress> {
  return remote.open(name, { sip: { host: '127.0.0.1', port }, secret: `for-${name}` }, recorder);
}

describe('a host of SIP servers', () => {
  it('runs a server for a drachtio-srf application here and sends every message of its wire, byte for byte', async () => {
    const remote = await connected();
    const records: WireRecord[] = [];
    const sip = await opened(remote, 'phone', (record) => records.push(record));
    const app = await connectSrf({ ...address, secret: 'for-phone' });
    app.options((_request, response) => response.send(200, {}, () => {}));

    const sent = options(sip.port);
    const answer = await ask(sent, sip);
    app.disconnect();
    await remote.close('phone');

    expect(answer.toString()).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    expect(records.map(({ direction }) => direction)).toEqual(['in', 'out']);
    expect(records[0]?.bytes.equals(sent)).toBe(true);
    expect(records[1]?.bytes.equals(answer)).toBe(true);
    expect(Math.abs(Date.now() - (records[0]?.atEpochMs ?? 0))).toBeLessThan(60_000);
  });

  it('tells the applications of several servers from each other by what secret they say, however it arrives', async () => {
    const remote = await connected();
    const [phone, team] = [await opened(remote, 'phone'), await opened(remote, 'team')];
    for (const [name, { port }] of Object.entries({ team, phone })) {
      const application = connect({ ...address, noDelay: true });
      stack.defer(() => void application.destroy());
      for (const byte of frame(`some-id|authenticate|for-${name}|`)) application.write(byte);
      const [answer] = (await once(application, 'data')) as [Buffer];
      expect(answer.toString('latin1')).toContain(`|response|some-id|OK|udp/127.0.0.1:${port},`);
    }
  });

  it('hangs up on applications that mean none of its servers, or one that is stopped', async () => {
    const remote = await connected();
    await opened(remote, 'phone');
    const isLeft = async (said: string): Promise<void> => {
      const application = connect(address);
      application.on('error', () => {});
      application.write(said);
      await once(application, 'close');
    };
    await isLeft(frame('some-id|authenticate|for-nobody'));
    await isLeft(frame('some-id|route|for-phone'));
    await isLeft('99999#');
    await remote.close('phone');
    await isLeft(frame('some-id|authenticate|for-phone'));
    expect(host.running).toBe(true);
  });

  it('speaks TCP for an application there, and tells of a server that it cannot reach', async () => {
    const remote = await connected();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const records: WireRecord[] = [];
    const troubles: string[] = [];
    const edge = await remote.openEdge(
      'caller',
      {
        host: '127.0.0.1',
        server: { host: '127.0.0.1', port },
        transport: 'tcp',
        of: 'application',
        onTrouble: (text) => troubles.push(text),
      },
      (record) => records.push(record),
    );
    const application = createSocket('udp4');
    stack.defer(() => void application.close());
    const connection = once(server, 'connection') as Promise<[Socket]>;
    application.send(options(port), edge.port, edge.host);
    const [socket] = await connection;
    const [seen] = (await once(socket, 'data')) as [Buffer];
    expect(seen.toString('latin1')).toMatch(/^OPTIONS .*\r\nVia: SIP\/2\.0\/TCP 127\.0\.0\.1:/);
    await vi.waitFor(() => expect(records[0]?.bytes.equals(seen)).toBe(true), WAIT_MS);
    expect(records[0]).toMatchObject({ protocol: 'tcp', direction: 'out' });
    socket.destroy();
    server.close();
    await once(server, 'close');
    application.send(options(port), edge.port, edge.host);
    await vi.waitFor(() => expect(troubles).toEqual([expect.stringMatching(/^TCP to 127.0.0.1:.* failed: /)]), WAIT_MS);
  });

  it('says why a server does not start', async () => {
    const remote = await connected();
    const { port } = await opened(remote, 'phone');
    const again = opened(remote, 'team', () => {}, port);
    await expect(again).rejects.toThrow(/team did not start: .*something else listens there/);
  });

  it('hangs up on who does not know the secret, and on another protocol', async () => {
    const wrong = RemoteSipHost.connect({ address, secret: 'guess', timeoutMs: WAIT_MS, onLost: () => {} });
    await expect(wrong).rejects.toThrow('did not answer: it closed the connection');
    const socket = connect(address);
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'close');
    expect(host.running).toBe(true);
  });

  it('tells when it is lost, and answers what was asked of it with that', async () => {
    const lost = vi.fn();
    const remote = await connected(lost);
    await host.stop();
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce(), WAIT_MS);
    await expect(opened(remote, 'phone')).rejects.toThrow('phone did not start: the connection is closed');
  });

  it('does not wait for ever for a host that is silent', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    stack.defer(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const attempt = RemoteSipHost.connect({
      address: { host: '127.0.0.1', port },
      secret: SECRET,
      timeoutMs: 100,
      onLost: () => {},
    });
    await expect(attempt).rejects.toThrow('no answer in 100 ms');
  });

  it('ends what it started with the connection, so that the addresses are free again', async () => {
    const first = await connected();
    const { port } = await opened(first, 'phone');
    await first.stop();
    const second = await connected();
    await vi.waitFor(() => opened(second, 'phone', () => {}, port), WAIT_MS);
  });
});

/** Of drachtio's protocol. */
function frame(payload: string): string {
  return `${payload.length}#${payload}`;
}

function options(port: number): Buffer {
  return Buffer.from(
    [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      'Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKremote1',
      'Max-Forwards: 70',
      'From: <sip:caf\u00e9@127.0.0.1>;tag=1',
      `To: <sip:127.0.0.1:${port}>`,
      'Call-ID: remote-1',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
    'latin1',
  );
}

async function ask(request: Buffer, { host: to, port }: { host: string; port: number }): Promise<Buffer> {
  const socket = createSocket('udp4');
  try {
    socket.send(request, port, to);
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(3_000) })) as [Buffer];
    return answer;
  } finally {
    socket.close();
  }
}
