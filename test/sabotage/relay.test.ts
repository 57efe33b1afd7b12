/** The relay with hand-made peers on real sockets: a server, an endpoint, a caller. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AllocatedAddresses, allocateAddresses } from '../../harness/processes/addresses.ts';
import { Relay } from '../../harness/sabotage/path/relay.ts';
import type { Rule } from '../../harness/sabotage/path/rule.ts';
import { type SipMessage, SipRequest } from '../../harness/sip/index.ts';
import { respond } from '../../harness/sip/responses.ts';
import { systemClock } from '../../harness/sip/timers.ts';
import type { SocketAddress } from '../../harness/sip/wire.ts';
import { Peer } from '../ua/peer.ts';

let addresses: AllocatedAddresses<'relay' | 'server' | 'voicemail' | 'caller'>;
let server: Peer;
let voicemail: Peer;
let caller: Peer;
let relay: Relay;
let rule: Rule;
/** What the lab knows in the server's place, and the server in voice mail's. */
let serverFront: SocketAddress;
let voicemailFront: SocketAddress;

beforeEach(async () => {
  addresses = await allocateAddresses(['relay', 'server', 'voicemail', 'caller']);
  const { hosts } = addresses;
  [server, voicemail, caller] = await Promise.all([
    Peer.at(hosts.server),
    Peer.at(hosts.voicemail),
    Peer.at(hosts.caller),
  ]);
  rule = () => 'goes on';
  relay = new Relay({
    host: hosts.relay,
    serverHost: hosts.server,
    rules: [(message, crossing) => rule(message, crossing)],
  });
  voicemailFront = await relay.open('voicemail', voicemail);
  serverFront = await relay.open('server', server);
});

afterEach(async () => {
  relay.stop();
  await Promise.all([server, voicemail, caller].map((peer) => peer[Symbol.asyncDispose]()));
  await addresses.release();
});

const text = ({ host, port }: SocketAddress): string => `${host}:${port}`;

function requestLines(
  from: Peer,
  { method = 'INVITE', uri = 'sip:alice@lab.test', branch = 'z9hG4bKa', to = '' } = {},
  extra: readonly string[] = [],
): string[] {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${from.host}:${from.port};branch=${branch}`,
    'Max-Forwards: 70',
    'From: <sip:customer@outside.test>;tag=c',
    `To: <sip:alice@lab.test>${to}`,
    'Call-ID: one',
    `CSeq: 1 ${method}`,
    ...extra,
  ];
}

function reply(from: Peer, to: SocketAddress, request: SipMessage, status = 200): void {
  if (request.kind !== 'request') throw new Error(`a request was expected, not ${request.startLine}`);
  from.send(to, respond({ request, peer: to }, status, { localTag: 'x' }).bytes);
}

describe('what passes', () => {
  it('from the caller: to the server, with the relay in Via and Record-Route; the answer goes the same way back', async () => {
    caller.send(serverFront, requestLines(caller));
    const seen = await server.next();
    expect(seen.startLine).toBe('INVITE sip:alice@lab.test SIP/2.0');
    expect(seen.headers('Via')).toEqual([
      expect.stringContaining(text(serverFront)),
      expect.stringContaining(text(caller)),
    ]);
    expect(seen.header('Record-Route')).toBe(`<sip:${text(serverFront)};lr>`);
    reply(server, serverFront, seen);
    const answer = await caller.next();
    expect(answer.startLine).toBe('SIP/2.0 200 OK');
    expect(answer.headers('Via')).toEqual([expect.stringContaining(text(caller))]);
  });

  it('from the server: to the endpoint whose front it is, under the address that the endpoint has', async () => {
    server.send(voicemailFront, requestLines(server, { uri: `sip:forward-1@${text(voicemailFront)}` }));
    const seen = await voicemail.next();
    expect(seen.startLine).toBe(`INVITE sip:forward-1@${text(voicemail)} SIP/2.0`);
    reply(voicemail, voicemailFront, seen, 486);
    expect((await server.next()).startLine).toMatch(/^SIP\/2\.0 486/);
  });

  it('inside a dialog: along its routes, and at their end to the contact', async () => {
    const route = [`Route: <sip:${text(serverFront)};lr>, <sip:${text(server)};lr>, <sip:${text(voicemailFront)};lr>`];
    caller.send(
      serverFront,
      requestLines(caller, { method: 'BYE', uri: `sip:${text(voicemail)}`, to: ';tag=x' }, route),
    );
    const atServer = await server.next();
    expect(atServer.header('Route')).toBe(`<sip:${text(server)};lr>, <sip:${text(voicemailFront)};lr>`);
    server.send(
      voicemailFront,
      requestLines(server, { method: 'BYE', uri: `sip:${text(voicemail)}`, branch: 'z9hG4bKb', to: ';tag=x' }, [
        `Route: <sip:${text(voicemailFront)};lr>`,
      ]),
    );
    const seen = await voicemail.next();
    expect(seen.startLine).toBe(`BYE sip:${text(voicemail)} SIP/2.0`);
    expect(seen.header('Route')).toBeUndefined();
  });

  it('a contact that REGISTERs: as one of the relay, and back again in the answer', async () => {
    const contact = `Contact: <sip:alice@${text(voicemail)}>;expires=60`;
    caller.send(serverFront, requestLines(caller, { method: 'REGISTER' }, [contact]));
    const seen = await server.next();
    expect(seen.header('Contact')).toBe(`<sip:alice@${text(voicemailFront)}>;expires=60`);
    const [line, ...rest] = respond({ request: seen as SipRequest, peer: serverFront }, 200)
      .bytes.toString('latin1')
      .trimEnd()
      .split('\r\n');
    server.send(serverFront, [line ?? '', ...rest, `Contact: ${seen.header('Contact')}`]);
    expect((await caller.next()).header('Contact')).toBe(`<sip:alice@${text(voicemail)}>;expires=60`);
  });

  it('a URI of a party, told to the server', () => {
    expect(relay.outward(`sip:forward-1@${text(voicemail)}`)).toBe(`sip:forward-1@${text(voicemailFront)}`);
    expect(relay.outward('sip:bob@192.0.2.1:5060')).toBe('sip:bob@192.0.2.1:5060');
  });
});

describe('a rule', () => {
  it('is told where a message crosses', async () => {
    const crossings: string[] = [];
    rule = ({ startLine }, { front, fromServer }) => {
      crossings.push(`${startLine.split(' ', 1)[0]} ${front} ${fromServer}`);
      return 'goes on';
    };
    caller.send(serverFront, requestLines(caller));
    reply(server, serverFront, await server.next());
    await caller.next();
    server.send(voicemailFront, requestLines(server));
    await voicemail.next();
    expect(crossings).toEqual(['INVITE server false', 'SIP/2.0 server true', 'INVITE voicemail true']);
  });

  it('loses a message', async () => {
    rule = ({ startLine }) => (startLine.startsWith('INVITE') ? 'is lost' : 'goes on');
    caller.send(serverFront, requestLines(caller));
    caller.send(serverFront, requestLines(caller, { method: 'OPTIONS', branch: 'z9hG4bKo' }));
    expect((await server.next()).startLine).toMatch(/^OPTIONS/);
    expect(server.received).toEqual([]);
  });

  it('changes a message', async () => {
    rule = (message) =>
      message.kind === 'request' && message.header('X-Mark') === undefined
        ? { instead: new SipRequest(message, [...message.fields, { name: 'X-Mark', value: 'yes' }], message.body) }
        : 'goes on';
    caller.send(serverFront, requestLines(caller));
    expect((await server.next()).header('X-Mark')).toBe('yes');
  });

  it('answers in the place of the one it is for', async () => {
    rule = (message) =>
      message.kind === 'request' ? { answer: respond({ request: message, peer: caller }, 503) } : 'goes on';
    caller.send(serverFront, requestLines(caller));
    expect((await caller.next()).startLine).toMatch(/^SIP\/2\.0 503/);
    expect(server.received).toEqual([]);
  });

  it('holds a message, and what comes after it stays behind it', async () => {
    let first = true;
    rule = () => {
      if (!first) return 'goes on';
      first = false;
      return { heldUntilEpochMs: systemClock.nowEpochMs() + 30 };
    };
    for (const method of ['INVITE', 'OPTIONS', 'MESSAGE']) {
      caller.send(serverFront, requestLines(caller, { method, branch: `z9hG4bK${method}` }));
    }
    const seen = [await server.next(), await server.next(), await server.next()];
    expect(seen.map(({ startLine }) => startLine.split(' ', 1)[0])).toEqual(['INVITE', 'OPTIONS', 'MESSAGE']);
  });

  it('holds one message back, and others overtake it', async () => {
    rule = ({ startLine }) => (startLine.startsWith('INVITE') ? { delayMs: 30 } : 'goes on');
    for (const method of ['INVITE', 'OPTIONS']) {
      caller.send(serverFront, requestLines(caller, { method, branch: `z9hG4bK${method}` }));
    }
    const seen = [await server.next(), await server.next()];
    expect(seen.map(({ startLine }) => startLine.split(' ', 1)[0])).toEqual(['OPTIONS', 'INVITE']);
  });

  it('doubles a message: the same bytes twice', async () => {
    rule = () => ({ times: 2 });
    caller.send(serverFront, requestLines(caller));
    const [first, second] = [await server.nextBytes(), await server.nextBytes()];
    expect(first.equals(second)).toBe(true);
  });

  it('says something more to the one whom a message came from', async () => {
    rule = (message) =>
      message.kind === 'request'
        ? {
            instead: message,
            also: [{ to: 'sender', message: respond({ request: message, peer: caller }, 182, { localTag: 's' }) }],
          }
        : 'goes on';
    caller.send(serverFront, requestLines(caller));
    expect((await caller.next()).startLine).toMatch(/^SIP\/2\.0 182/);
    expect((await server.next()).startLine).toMatch(/^INVITE/);
  });

  it('says something more to the one whom it goes to; what comes back ends at the relay', async () => {
    const options = new SipRequest({ method: 'OPTIONS', requestUri: 'sip:x' }, [], Buffer.alloc(0));
    rule = (message) =>
      message.startLine.startsWith('SIP/2.0 200') && message.header('CSeq') === '1 INVITE'
        ? { instead: message, also: [{ to: 'receiver', message: options }] }
        : 'goes on';
    caller.send(serverFront, requestLines(caller));
    reply(server, serverFront, await server.next());
    expect((await caller.next()).startLine).toMatch(/^SIP\/2\.0 200/);
    const asked = await caller.next();
    expect(asked.headers('Via')).toEqual([expect.stringContaining(`${text(serverFront)};branch=z9hG4bK`)]);
    reply(caller, serverFront, asked);
    caller.send(serverFront, requestLines(caller, { method: 'MESSAGE', branch: 'z9hG4bKm' }));
    expect((await server.next()).startLine).toMatch(/^MESSAGE/);
  });

  it('says something more to an endpoint, from its front', async () => {
    const notify = new SipRequest({ method: 'NOTIFY', requestUri: 'sip:x' }, [], Buffer.alloc(0));
    rule = (message) => ({ instead: message, also: [{ to: 'voicemail', message: notify }] });
    caller.send(serverFront, requestLines(caller, { method: 'REGISTER' }));
    expect((await voicemail.next()).headers('Via')).toEqual([expect.stringContaining(text(voicemailFront))]);
  });
});
