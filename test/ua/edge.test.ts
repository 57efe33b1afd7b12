/** The edge between a user agent and the server, with hand-made peers on real sockets. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AllocatedAddresses, allocateAddresses } from '../../harness/processes/addresses.ts';
import { parseMessage, type SipMessage } from '../../harness/sip/index.ts';
import type { WireRecord } from '../../harness/sip/wire.ts';
import { type StartedEdge, startEdge } from '../../harness/ua/index.ts';
import { Peer } from './peer.ts';

let addresses: AllocatedAddresses<'edge' | 'server' | 'phone' | 'phone2' | 'caller'>;
let edge: StartedEdge;
let server: Peer;
let phone: Peer;
let records: WireRecord[];
let dropped: string[];

beforeEach(async () => {
  addresses = await allocateAddresses(['edge', 'server', 'phone', 'phone2', 'caller']);
  server = await Peer.at(addresses.hosts.server);
  phone = await Peer.at(addresses.hosts.phone);
  records = [];
  dropped = [];
  edge = await startEdge({
    host: addresses.hosts.edge,
    server,
    record: (record) => records.push(record),
    onDropped: (why) => dropped.push(why),
  });
});

afterEach(async () => {
  await edge.stop();
  await Promise.all([server, phone].map((peer) => peer[Symbol.asyncDispose]()));
  await addresses.release();
});

const via = (peer: Peer, branch: string, extra = ''): string =>
  `Via: SIP/2.0/UDP ${peer.host}:${peer.port}${extra};branch=z9hG4bK${branch}`;
const call = (id: string, cseq: string, to = ''): string[] => [
  'From: <sip:customer@outside.test>;tag=c',
  `To: <sip:alice@lab.test>${to}`,
  `Call-ID: ${id}`,
  `CSeq: ${cseq}`,
];

function registerLines(from: Peer, user = 'alice', extra: readonly string[] = []): string[] {
  return [
    'REGISTER sip:lab.test SIP/2.0',
    via(from, `r${user}`),
    `From: <sip:${user}@lab.test>;tag=r`,
    `To: <sip:${user}@lab.test>`,
    `Call-ID: reg-${user}`,
    'CSeq: 1 REGISTER',
    `Contact: "A, <b>" <sip:${user}-0x55@${from.host}:${from.port};ob>;q=0.5;expires=60`,
    ...extra,
  ];
}

/** The phone registers; @returns its contact as the server knows it. */
async function register(from = phone, user = 'alice'): Promise<string> {
  from.send(edge.sip, registerLines(from, user));
  const seen = await server.next();
  const contact = /<([^<>]*)>;/.exec(seen.header('Contact') ?? '')?.[1] ?? '';
  answer(server, seen, '200 OK', [`Contact: ${seen.header('Contact')}`]);
  await from.next();
  return contact;
}

/** Answers with the request's own Vias, as a server or user agent does. */
function answer(from: Peer, request: SipMessage, status: string, extra: readonly string[] = []): void {
  const copied = ['Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    request.headers(name).map((value) => `${name}: ${value}`),
  );
  from.send(edge.sip, [`SIP/2.0 ${status}`, ...copied, ...extra]);
}

const wire = (): string[] =>
  records.map(({ direction, bytes }) => `${direction} ${parseMessage(bytes).startLine.replace(/ sip:\S+/, '')}`);

describe('REGISTER', () => {
  it('goes to the server with a contact of the edge; the 200 comes back with the one that was sent', async () => {
    phone.send(edge.sip, registerLines(phone, 'alice', ['Authorization: Digest username="alice", response="0123"']));
    const seen = await server.next();
    expect(seen.startLine).toBe('REGISTER sip:lab.test SIP/2.0');
    expect(seen.headers('Via')).toHaveLength(2);
    expect(seen.header('Authorization')).toBe('Digest username="alice", response="0123"');
    const { host, port } = edge.sip;
    expect(seen.header('Contact')).toBe(`"A, <b>" <sip:alice@${host}:${port};ua=0>;q=0.5;expires=60`);
    answer(server, seen, '200 OK', [`Contact: <sip:alice@${host}:${port};ua=0>;expires=60, <sip:other@192.0.2.9>`]);
    const response = await phone.next();
    expect(response.headers('Via')).toEqual([`SIP/2.0/UDP ${phone.host}:${phone.port};branch=z9hG4bKralice`]);
    expect(response.header('Contact')).toBe(
      `<sip:alice-0x55@${phone.host}:${phone.port};ob>;expires=60, <sip:other@192.0.2.9>`,
    );
  });

  it('is challenged through the edge', async () => {
    phone.send(edge.sip, registerLines(phone));
    answer(server, await server.next(), '401 Unauthorized', ['WWW-Authenticate: Digest realm="lab.test", nonce="n"']);
    const response = await phone.next();
    expect(response.startLine).toBe('SIP/2.0 401 Unauthorized');
    expect(response.header('WWW-Authenticate')).toBe('Digest realm="lab.test", nonce="n"');
  });

  it('gives every contact a number, the same one again when it is refreshed or taken back', async () => {
    await using phone2 = await Peer.at(addresses.hosts.phone2);
    const [alice, bob, again] = [await register(), await register(phone2, 'bob'), await register()];
    expect(alice).toMatch(/^sip:alice@.*;ua=0$/);
    expect(bob).toMatch(/^sip:bob@.*;ua=1$/);
    expect(again).toBe(alice);
    phone.send(edge.sip, [...registerLines(phone).filter((line) => !line.startsWith('Contact')), 'Contact: *']);
    expect((await server.next()).header('Contact')).toBe('*');
  });

  it('without a port in Via is answered there where rport asks for it', async () => {
    const lines = registerLines(phone).map((line) =>
      line.startsWith('Via') ? 'Via: SIP/2.0/UDP phone.invalid;rport;branch=z9hG4bKx' : line,
    );
    phone.send(edge.sip, lines);
    answer(server, await server.next(), '403 Forbidden');
    expect((await phone.next()).header('Via')).toBe(
      `SIP/2.0/UDP phone.invalid;rport=${phone.port};branch=z9hG4bKx;received=${phone.host}`,
    );
  });
});

describe('a call', () => {
  const invite = (contact: string, branch = 'i1', id = 'call-1'): string[] => [
    `INVITE ${contact} SIP/2.0`,
    via(server, branch),
    `Record-Route: <sip:${server.host}:${server.port};lr>`,
    ...call(id, '1 INVITE'),
    'Max-Forwards: 0',
    'X-Odd:   two  blanks ',
  ];

  it('reaches the phone that registered, by the contact that it gave', async () => {
    server.send(edge.sip, invite(await register()));
    const seen = await phone.next();
    expect(seen.startLine).toBe(`INVITE sip:alice-0x55@${phone.host}:${phone.port};ob SIP/2.0`);
    const { host, port } = edge.sip;
    expect(seen.headers('Record-Route')).toEqual([
      `<sip:${host}:${port};lr>`,
      `<sip:${server.host}:${server.port};lr>`,
    ]);
    expect(seen.header('Max-Forwards')).toBe('0');
    answer(phone, seen, '180 Ringing');
    expect((await server.next()).headers('Via')).toEqual([
      `SIP/2.0/UDP ${server.host}:${server.port};branch=z9hG4bKi1`,
    ]);
  });

  it('stays on the path: ACK of the 200, BYE from either side', async () => {
    server.send(edge.sip, invite(await register()));
    const seen = await phone.next();
    answer(phone, seen, '200 OK', [`Contact: <sip:alice@${phone.host}:${phone.port}>`]);
    await server.next();
    const route = `Route: <sip:${edge.sip.host}:${edge.sip.port};lr>`;
    for (const method of ['ACK', 'BYE']) {
      server.send(edge.sip, [
        `${method} sip:alice@${phone.host}:${phone.port} SIP/2.0`,
        via(server, method),
        route,
        ...call('call-1', `2 ${method}`, ';tag=p'),
      ]);
      const inside = await phone.next();
      expect(inside.startLine).toBe(`${method} sip:alice@${phone.host}:${phone.port} SIP/2.0`);
      expect(inside.header('Route')).toBeUndefined();
      expect(inside.header('Record-Route')).toBeUndefined();
    }
    // The far end is somebody whom the edge has never seen; the server has asked to be on the path.
    phone.send(edge.sip, [
      'BYE sip:customer@192.0.2.7:5066 SIP/2.0',
      via(phone, 'bye'),
      `Route: <sip:${edge.sip.host}:${edge.sip.port};lr>, <sip:${server.host}:${server.port};lr>`,
      ...call('call-1', '1 BYE', ';tag=p'),
    ]);
    const bye = await server.next();
    expect(bye.headers('Route')).toEqual([`<sip:${server.host}:${server.port};lr>`]);
    answer(server, bye, '200 OK');
    expect((await phone.next()).startLine).toBe('SIP/2.0 200 OK');
  });

  it('goes on with a peer that is not the server, where the server is not on the path', async () => {
    await using caller = await Peer.at(addresses.hosts.caller);
    await register();
    const inDialog = (method: string, peer: Peer, uri: string): string[] => [
      `${method} ${uri} SIP/2.0`,
      via(peer, method),
      `Route: <sip:${edge.sip.host}:${edge.sip.port};lr>`,
      ...call('call-1', `2 ${method}`, ';tag=p'),
    ];
    records.length = 0;
    caller.send(edge.sip, inDialog('INFO', caller, `sip:alice@${phone.host}:${phone.port}`));
    answer(phone, await phone.next(), '200 OK');
    expect((await caller.next()).startLine).toBe('SIP/2.0 200 OK');
    phone.send(edge.sip, inDialog('BYE', phone, `sip:customer@${caller.host}:${caller.port}`));
    expect((await caller.next()).startLine).toMatch(/^BYE /);
    expect(wire()).toEqual(['in INFO SIP/2.0', 'out SIP/2.0 200 OK', 'out BYE SIP/2.0']);
  });

  it('is cancelled while the 200 crosses: each message gets through, in its own transaction', async () => {
    const contact = await register();
    server.send(edge.sip, invite(contact));
    const seen = await phone.next();
    server.send(edge.sip, [`CANCEL ${contact} SIP/2.0`, via(server, 'i1'), ...call('call-1', '1 CANCEL')]);
    answer(phone, seen, '200 OK', [`Contact: <sip:alice@${phone.host}:${phone.port}>`]);
    const cancel = await phone.next();
    expect(cancel.startLine).toBe(`CANCEL sip:alice-0x55@${phone.host}:${phone.port};ob SIP/2.0`);
    expect(cancel.headers('Via')[0]).toBe(seen.headers('Via')[0]); // RFC 3261 9.1: how it is found
    answer(phone, cancel, '200 OK');
    const back = [await server.next(), await server.next()].map((each) => each.header('CSeq'));
    expect(back.toSorted()).toEqual(['1 CANCEL', '1 INVITE']);
  });

  it('that is refused: the ACK finds its INVITE', async () => {
    const contact = await register();
    server.send(edge.sip, invite(contact));
    const seen = await phone.next();
    answer(phone, seen, '486 Busy Here');
    await server.next();
    server.send(edge.sip, [`ACK ${contact} SIP/2.0`, via(server, 'i1'), ...call('call-1', '1 ACK', ';tag=p')]);
    expect((await phone.next()).headers('Via')[0]).toBe(seen.headers('Via')[0]);
  });

  it('forks: branches of one call to two phones are two transactions', async () => {
    await using phone2 = await Peer.at(addresses.hosts.phone2);
    const contacts = [await register(), await register(phone2, 'bob')];
    for (const [index, contact] of contacts.entries()) server.send(edge.sip, invite(contact, `fork${index}`));
    const [one, two] = [await phone.next(), await phone2.next()];
    expect(one.headers('Via')[0]).not.toBe(two.headers('Via')[0]);
    answer(phone2, two, '200 OK');
    answer(phone, one, '487 Request Terminated');
    const branches = [await server.next(), await server.next()].map((each) => each.header('Via') ?? '');
    expect(branches.map((each) => /fork\d/.exec(each)?.[0]).toSorted()).toEqual(['fork0', 'fork1']);
  });

  it('passes every retransmission on, with the same branch, both ways', async () => {
    const contact = await register();
    records.length = 0;
    for (let sent = 0; sent < 3; sent += 1) server.send(edge.sip, invite(contact));
    const first = await phone.next();
    const again = [await phone.next(), await phone.next()];
    expect(again.map((each) => each.bytes.toString())).toEqual([first.bytes.toString(), first.bytes.toString()]);
    for (let sent = 0; sent < 2; sent += 1) answer(phone, first, '200 OK');
    await server.next();
    await server.next();
    const [request, response] = ['in INVITE SIP/2.0', 'out SIP/2.0 200 OK'];
    expect(wire()).toEqual([request, request, request, response, response]);
  });

  it('keeps transactions of an old peer apart, whose branches say nothing', async () => {
    const contact = await register();
    const old = (id: string): string[] =>
      invite(contact, '', id).map((line) =>
        line.startsWith('Via') ? `Via: SIP/2.0/UDP ${server.host}:${server.port}` : line,
      );
    server.send(edge.sip, old('old-1'));
    server.send(edge.sip, old('old-1'));
    server.send(edge.sip, old('old-2'));
    const branches = [await phone.next(), await phone.next(), await phone.next()].map((each) => each.headers('Via')[0]);
    expect(new Set(branches).size).toBe(2);
  });
});

describe('the record', () => {
  it('is what was on the wire between edge and server, byte for byte, and nothing else', async () => {
    const contact = await register();
    const raw = Buffer.from(
      `INVITE ${contact} SIP/2.0\r\nv:SIP/2.0/UDP ${server.host}:${server.port};branch=z9hG4bKraw\r\nf: <sip:c@x>;tag=1\r\nt: <sip:alice@lab.test>\r\ni: raw\r\nCSeq: 1 INVITE\r\nX-Folded: a\r\n b\r\nl: 3\r\n\r\n\xe9\x00\xff`,
      'latin1',
    );
    server.send(edge.sip, raw);
    const seen = await phone.next();
    expect(seen.body).toEqual(Buffer.from([0xe9, 0, 0xff]));
    answer(phone, seen, '180 Ringing');
    const back = await server.nextBytes();
    expect(records.at(-2)).toMatchObject({
      direction: 'in',
      protocol: 'udp',
      local: edge.sip,
      remote: { host: server.host, port: server.port },
      bytes: raw,
    });
    expect(records.at(-1)).toMatchObject({ direction: 'out', remote: { port: server.port }, bytes: back });
    expect(wire()).toEqual([
      'out REGISTER SIP/2.0',
      'in SIP/2.0 200 OK',
      'in INVITE SIP/2.0',
      'out SIP/2.0 180 Ringing',
    ]);
  });

  it('has what the server sent although it cannot be passed on', async () => {
    await register();
    records.length = 0;
    server.send(edge.sip, [
      `INVITE sip:nobody@${edge.sip.host}:${edge.sip.port};ua=99 SIP/2.0`,
      via(server, 'x'),
      ...call('x', '1 INVITE'),
    ]);
    server.send(edge.sip, Buffer.from('\r\n\r\n'));
    server.send(edge.sip, Buffer.from('hello'));
    await expect.poll(() => records.length).toBe(3);
    expect(dropped).toEqual(['neither Route nor Request-URI says where to']);
    expect(phone.received).toEqual([]);
  });
});

describe('garbage', () => {
  it('from a phone or a stranger ends nothing', async () => {
    const contact = await register();
    const odd = [
      Buffer.alloc(0),
      Buffer.from('\r\n\r\n'),
      Buffer.alloc(4),
      Buffer.from('SIP/2.0 200\r\n\r\n'),
      Buffer.from('SIP/2.0 200 OK\r\n\r\n'),
      Buffer.from(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${edge.sip.host}:${edge.sip.port}\r\n\r\n`),
      Buffer.from(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${edge.sip.host}:${edge.sip.port}, nonsense\r\n\r\n`),
      Buffer.from(
        `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP ${edge.sip.host}:${edge.sip.port}\r\nVia: SIP/2.0/UDP a.invalid:99999\r\n\r\n`,
      ),
      Buffer.from('REGISTER sip:lab.test SIP/2.0\r\nContact: <<>>, "\r\nTo: ;;;\r\n\r\n'),
      Buffer.from('INVITE  SIP/2.0\r\n\r\n'),
      Buffer.alloc(60_000, 'v: x,\r\n'),
    ];
    await using stranger = await Peer.at(addresses.hosts.caller);
    for (const bytes of odd) for (const peer of [phone, stranger]) peer.send(edge.sip, bytes);
    server.send(edge.sip, [`OPTIONS ${contact} SIP/2.0`, via(server, 'o'), ...call('o', '1 OPTIONS')]);
    await expect.poll(() => phone.received.some((bytes) => bytes.toString('latin1').startsWith('OPTIONS'))).toBe(true);
  });

  it('of a server that shows a phone more than it can read is shown to it all the same', async () => {
    const contact = await register();
    server.send(edge.sip, [
      `INVITE ${contact} SIP/2.0`,
      via(server, 'g'),
      ...call('g', '1 INVITE'),
      'Content-Length: 99',
    ]);
    expect((await phone.next()).header('Content-Length')).toBe('99');
  });
});

it('serves hundreds of accounts, each with its own calls', async () => {
  const users = Array.from({ length: 300 }, (_, index) => `alice-${index}`);
  const contacts: string[] = [];
  for (const user of users) contacts.push(await register(phone, user));
  expect(new Set(contacts).size).toBe(users.length);
  for (const [index, contact] of contacts.entries()) {
    server.send(edge.sip, [`MESSAGE ${contact} SIP/2.0`, via(server, `m${index}`), ...call(`m${index}`, '1 MESSAGE')]);
  }
  const called: string[] = [];
  for (const _ of users) called.push(/sip:(.*)-0x55@/.exec((await phone.next()).startLine)?.[1] ?? '');
  expect(called.toSorted()).toEqual(users.toSorted());
});
