/** The edge over TCP, with hand-made peers: a phone that is behind its connection, and a server that opens its own. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AllocatedAddresses, allocateAddresses } from '../../harness/processes/addresses.ts';
import { parseMessage, type SipMessage } from '../../harness/sip/index.ts';
import type { WireRecord } from '../../harness/sip/wire.ts';
import { type StartedEdge, startEdge } from '../../harness/ua/index.ts';

let stack: AsyncDisposableStack;
let addresses: AllocatedAddresses<'edge' | 'server' | 'phone'>;
let edge: StartedEdge;
let server: Server;
let records: WireRecord[];

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  addresses = stack.use(await allocateAddresses(['edge', 'server', 'phone']));
  server = await listening(addresses.hosts.server);
  records = [];
  edge = stack.use(
    await startEdge({
      host: addresses.hosts.edge,
      server: portOf(server),
      transport: 'tcp',
      inner: 'tcp',
      record: (record) => records.push(record),
    }),
  );
});
afterEach(() => stack.disposeAsync());

async function listening(host: string): Promise<Server> {
  const made = createServer().listen({ host, port: 0 });
  await once(made, 'listening');
  stack.defer(() => void made.close());
  return made;
}

function portOf(of: Server): { host: string; port: number } {
  const { address, port } = of.address() as { address: string; port: number };
  return { host: address, port };
}

async function open(from: string, to: { host: string; port: number }): Promise<Socket> {
  const socket = connect({ ...to, localAddress: from });
  await once(socket, 'connect');
  stack.defer(() => void socket.destroy());
  return socket;
}

async function accepted(by: Server): Promise<Socket> {
  const [socket] = (await once(by, 'connection', { signal: AbortSignal.timeout(2_000) })) as [Socket];
  stack.defer(() => void socket.destroy());
  return socket;
}

async function next(socket: Socket): Promise<SipMessage> {
  const [bytes] = (await once(socket, 'data', { signal: AbortSignal.timeout(2_000) })) as [Buffer];
  return parseMessage(bytes);
}

function write(socket: Socket, lines: readonly string[]): void {
  socket.write(`${[...lines, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`);
}

/** What is asked of whom, by whom: the header fields that nobody on the way changes. */
const fields = (id: string, cseq: string): string[] => [
  'From: <sip:a@lab.test>;tag=a',
  'To: <sip:alice@lab.test>',
  `Call-ID: ${id}`,
  `CSeq: ${cseq}`,
];

function answer(socket: Socket, request: SipMessage, status: string, more: readonly string[] = []): void {
  const copied = ['Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    request.headers(name).map((value) => `${name}: ${value}`),
  );
  write(socket, [`SIP/2.0 ${status}`, ...copied, ...more]);
}

/** @returns the phone's connection, and its contact as the server knows it */
async function registered(contact: { host: string; port: number }): Promise<{ phone: Socket; known: string }> {
  const phone = await open(addresses.hosts.phone, edge.sip);
  const atServer = accepted(server);
  write(phone, [
    'REGISTER sip:lab.test SIP/2.0',
    `Via: SIP/2.0/TCP ${addresses.hosts.phone};branch=z9hG4bKr`,
    ...fields('register', '1 REGISTER'),
    `Contact: <sip:alice@${contact.host}:${contact.port};transport=tcp>`,
  ]);
  const socket = await atServer;
  const seen = await next(socket);
  const known = /<([^<>]*)>/.exec(seen.header('Contact') ?? '')?.[1] ?? '';
  answer(socket, seen, '200 OK', [`Contact: <${known}>`]);
  expect((await next(phone)).header('Contact')).toBe(`<sip:alice@${contact.host}:${contact.port};transport=tcp>`);
  return { phone, known };
}

async function invite(known: string): Promise<Socket> {
  const [, host = '', port] = /@([\d.]+):(\d+)/.exec(known) ?? [];
  const socket = await open(addresses.hosts.server, { host, port: Number(port) });
  write(socket, [
    `INVITE ${known} SIP/2.0`,
    `Via: SIP/2.0/TCP ${addresses.hosts.server}:5060;branch=z9hG4bKi`,
    ...fields('call', '1 INVITE'),
  ]);
  return socket;
}

it('calls a phone on the connection that it registered by, and answers the server on its own', async () => {
  const nowhere = { host: '192.0.2.1', port: 9 }; // a phone behind a NAT
  const { phone, known } = await registered(nowhere);
  const outside = /sip:alice@([\d.]+:\d+);transport=tcp;ua=0/.exec(known)?.[1];
  expect(outside).not.toBe(`${edge.sip.host}:${edge.sip.port}`);
  const socket = await invite(known);
  const seen = await next(phone);
  expect(seen.startLine).toBe('INVITE sip:alice@192.0.2.1:9;transport=tcp SIP/2.0');
  expect(seen.headers('Record-Route')).toEqual([
    `<sip:${edge.sip.host}:${edge.sip.port};transport=tcp;lr>`,
    `<sip:${outside};transport=tcp;lr>`,
  ]);
  answer(phone, seen, '180 Ringing');
  const response = await next(socket);
  expect(response.startLine).toBe('SIP/2.0 180 Ringing');
  expect(response.headers('Via')).toHaveLength(1);
  expect(response.header('Via')).toContain(`SIP/2.0/TCP ${addresses.hosts.server}:5060;branch=z9hG4bKi`);
  expect(records.map(({ direction, protocol }) => `${direction} ${protocol}`)).toEqual([
    'out tcp', // REGISTER, and its 200
    'in tcp',
    'in tcp', // INVITE, and its 180
    'out tcp',
  ]);
  expect(new Set(records.map(({ local }) => `${local.host}:${local.port}`))).toEqual(new Set([outside]));
});

it('stays on the path of the dialog, whichever side asks', async () => {
  const { phone, known } = await registered({ host: '192.0.2.1', port: 9 });
  const socket = await invite(known);
  const seen = await next(phone);
  const [inside = '', outside = ''] = seen.headers('Record-Route');
  answer(phone, seen, '200 OK', ['Contact: <sip:alice@192.0.2.1:9;transport=tcp>']);
  await next(socket);
  const inDialog = fields('call', '2 BYE').map((line) => line.replace('alice@lab.test>', 'alice@lab.test>;tag=p'));
  write(socket, [
    'BYE sip:alice@192.0.2.1:9;transport=tcp SIP/2.0',
    `Via: SIP/2.0/TCP ${addresses.hosts.server}:5060;branch=z9hG4bKb`,
    `Route: ${outside}, ${inside}`,
    ...inDialog,
  ]);
  const bye = await next(phone);
  expect([bye.startLine, bye.header('Route')]).toEqual(['BYE sip:alice@192.0.2.1:9;transport=tcp SIP/2.0', undefined]);
  const { host, port } = portOf(server);
  const again = once(server, 'connection').then(() => 'a connection of its own');
  write(phone, [
    'BYE sip:a@192.0.2.7 SIP/2.0',
    `Via: SIP/2.0/TCP ${addresses.hosts.phone};branch=z9hG4bKp`,
    `Route: ${inside}, ${outside}, <sip:${host}:${port};transport=tcp;lr>`,
    ...inDialog,
  ]);
  await expect.poll(() => records.at(-1)?.bytes.toString('latin1')).toMatch(/^BYE sip:a@192\.0\.2\.7 /);
  expect(records.at(-1)).toMatchObject({ direction: 'out', remote: { host, port } });
  expect(await Promise.race([again, Promise.resolve('the one that is there')])).toBe('the one that is there');
});

it('goes to the contact itself where the connection is gone', async () => {
  const own = await listening(addresses.hosts.phone);
  const { phone, known } = await registered(portOf(own));
  const atPhone = accepted(own);
  phone.resume().end();
  await once(phone, 'close'); // the edge has closed its end
  const called = invite(known);
  const seen = await next(await atPhone);
  expect(seen.startLine).toMatch(/^INVITE sip:alice@/);
  await called;
});
