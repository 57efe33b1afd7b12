/** A line break in what an application gives as one header value must not become another header field on the wire. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { headerOf, sipRequest } from './call.ts';
import { RawControl } from './raw-control.ts';
import { SipPeer } from './sip-peer.ts';

let server: DrachtioServer;
let peer: SipPeer;
let app: RawControl;

beforeAll(async () => {
  server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  peer = await SipPeer.udp(server.sip);
  app = await RawControl.app(server, ['message']);
});
afterEach(async () => {
  app?.[Symbol.dispose]();
  await peer?.[Symbol.asyncDispose]();
});

const breaks = [
  ['a line feed', 'Subject: one\nX-Evil: 1'],
  ['a carriage return', 'Subject: one\rX-Evil: 1'],
  ['a folded line', 'Subject: one\r\n X-Evil: 1'],
  ['a line folded by a tab', 'Subject: one\r\n\tX-Evil: 1'],
  ['a line feed in Contact', 'Contact: <sip:a@127.0.0.1>\nX-Evil: 1'],
  ['a line feed in a header name', 'Sub\nX-Evil: 1'],
] as const;

function target(): string {
  return `sip:b@${peer.local.host}:${peer.local.port}`;
}

/** Tokens of the reply, from the verdict on. */
async function send(lines: readonly string[], transactionId = ''): Promise<readonly string[]> {
  return app.command(`sip|${transactionId}|\r\n${lines.join('\r\n')}\r\n\r\n`);
}

/** Nothing was sent before: the next good request is the first thing the peer sees. */
async function expectNothingSent(): Promise<void> {
  expect((await send([`OPTIONS ${target()} SIP/2.0`]))[0]).toBe('OK');
  await peer.next(/^OPTIONS /);
  expect(peer.startLines).toEqual([]);
}

const inFrom = ['a line feed in From', 'From: <sip:a@127.0.0.1>\nX-Evil: 1'] as const;

describe('a request of the application with', () => {
  test.for([...breaks, inFrom])('%s is refused with NOK and a reason, and not sent', async ([, header]) => {
    const [verdict, reason] = await send([`MESSAGE ${target()} SIP/2.0`, header]);
    expect(verdict).toBe('NOK');
    expect(reason).toMatch(/\w/);
    await expectNothingSent();
  });

  test('a line feed in the Request-URI is refused', async () => {
    const [verdict] = await send([`MESSAGE ${target()};x=\nX-Evil: 1 SIP/2.0`]);
    expect(verdict).toBe('NOK');
    await expectNothingSent();
  });
});

describe('a response of the application with', () => {
  test.for([...breaks, ['a line feed in the reason phrase', '\n']] as const)('%s is refused', async ([, header]) => {
    peer.send(sipRequest(peer, server.sip, { method: 'MESSAGE' }));
    const { tokens, message } = await app.request('MESSAGE');
    const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(message, name)}`);
    const bad = header === '\n' ? ['SIP/2.0 200 OK\nX-Evil: 1', ...copied] : ['SIP/2.0 200 OK', ...copied, header];
    expect((await send(bad, tokens[8]))[0]).toBe('NOK');
    expect((await send(['SIP/2.0 202 Accepted', ...copied], tokens[8]))[0]).toBe('OK');
    const response = await peer.next(/^SIP/, 'MESSAGE');
    expect(response).toMatch(/^SIP\/2\.0 202 /);
    expect(response).not.toMatch(/^X-Evil/m);
  });

  test('a line feed in From does no harm: From is that of the request', async () => {
    peer.send(sipRequest(peer, server.sip, { method: 'MESSAGE' }));
    const { tokens, message } = await app.request('MESSAGE');
    const copied = ['To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(message, name)}`);
    expect((await send(['SIP/2.0 202 Accepted', inFrom[1], ...copied], tokens[8]))[0]).toBe('OK');
    const response = await peer.next(/^SIP\/2\.0 202 /, 'MESSAGE');
    expect(response).not.toMatch(/X-Evil/);
    expect(headerOf(response, 'From')).toBe(headerOf(message, 'From'));
  });
});
