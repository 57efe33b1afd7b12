/**
 * The leader lines of the control protocol, token by token, as drachtio-srf 5.0.29 reads them (lib/drachtio-agent.js,
 * `_onMsg`) and drachtio server 0.9.10 writes them.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { headerOf, sipRequest } from './call.ts';
import { type Frame, RawControl } from './raw-control.ts';
import { SipPeer } from './sip-peer.ts';

const UUID = expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
const TIME = expect.stringMatching(/^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}$/);
const ID = expect.stringMatching(/^[^|\s]+$/);
const CALLER = '127.0.0.9';

let server: DrachtioServer;
let peer: SipPeer;
let app: RawControl;
/** `address|port` of both ends, as tokens. */
let own: [string, string];
let far: [string, string];

beforeEach(async () => {
  // Timer H and the wait for the ACK follow T1: 64 * 20 ms.
  server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, timers: { t1Ms: 20 } });
  peer = await SipPeer.udp(server.sip, CALLER);
  app = await RawControl.app(server, ['invite']);
  own = [server.sip.host, String(server.sip.port)];
  far = [peer.local.host, String(peer.local.port)];
});

afterEach(async () => {
  app?.[Symbol.dispose]();
  await peer?.[Symbol.asyncDispose]();
  await server?.stop();
});

function invite(callId = 'golden@example.test', fromTag = 'f1'): string {
  return sipRequest(peer, server.sip, { callId, fromTag });
}

/** The response frame that the library writes: four headers copied, the rest left to the server. */
async function respond(request: Frame, status: string, headers: readonly string[] = [], body = ''): Promise<Frame> {
  const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request.message, name)}`);
  const head = [`SIP/2.0 ${status}`, ...copied, ...headers].join('\r\n');
  return app.commandFrame(`sip|${request.tokens[8]}|\r\n${head}\r\n\r\n${body}`);
}

async function answeredCall(callId?: string, fromTag?: string): Promise<{ request: Frame; toTag: string }> {
  peer.send(invite(callId, fromTag));
  const request = await app.request('INVITE');
  await respond(request, '200 OK');
  const toTag = /;tag=([^;\s]+)/.exec(headerOf(await peer.next(/ 200 /), 'To'))?.[1] ?? '';
  return { request, toTag };
}

/** Leader line of a request inside the golden dialog. */
function inDialog(sent: string, transaction: unknown): unknown[] {
  const bytes = String(Buffer.byteLength(sent));
  return [UUID, 'sip', 'network', bytes, 'udp', ...far, TIME, transaction, 'golden@example.test;from-tag=f1', ''];
}

/** A request of the application. @param ids transaction id and dialog id, with the bar between them */
async function send(lines: readonly string[], ids = '|'): Promise<Frame> {
  return app.commandFrame(`sip|${ids}\r\n${lines.join('\r\n')}\r\n\r\n`);
}

describe('replies', () => {
  it('authenticate: OK, addresses, version, bound addresses', async () => {
    using fresh = await RawControl.open(server.control);
    const id = fresh.frame(`authenticate|${server.secret}|tagA,tagB`);
    const { tokens } = await fresh.next((frame) => frame.tokens[2] === id);
    const [, , , , hostports, version, localHostports] = tokens;
    expect(tokens).toEqual([UUID, 'response', id, 'OK', hostports, version, localHostports]);
    const both = ['tcp', 'udp'].map((protocol) => `${protocol}/${own.join(':')}`);
    expect(hostports?.split(',').toSorted()).toEqual(both);
    expect(localHostports?.split(',').toSorted()).toEqual(both);
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  it.for([
    ['route|invite', ['OK']],
    ['route|cdr:start', ['OK']],
    ['remove_route|invite', ['OK']],
    ['ping', ['OK', 'pong']],
  ] as const)('%s', async ([command, expected]) => {
    const id = app.frame(command);
    const { tokens } = await app.next((frame) => frame.tokens[2] === id);
    expect(tokens).toEqual([UUID, 'response', id, ...expected]);
  });
});

describe('requests from the network', () => {
  it('a new INVITE: no dialog id, and the address it came in on', async () => {
    const sent = invite();
    peer.send(sent);
    const { tokens, message } = await app.request('INVITE');
    const bytes = String(Buffer.byteLength(sent));
    expect(tokens).toEqual([UUID, 'sip', 'network', bytes, 'udp', ...far, TIME, ID, '', ...own, '']);
    for (const name of ['From', 'Call-ID', 'CSeq', 'Contact'])
      expect(headerOf(message, name)).toBe(headerOf(sent, name));
  });

  it("the echo of the 200 names the dialog: Call-ID and the caller's tag", async () => {
    peer.send(invite());
    const request = await app.request('INVITE');
    const { tokens, message } = await respond(request, '200 OK');
    const onTheWire = await peer.next(/ 200 /);
    const meta = ['application', String(Buffer.byteLength(onTheWire)), 'udp', ...far, TIME, request.tokens[8]];
    const dialogId = 'golden@example.test;from-tag=f1';
    expect(tokens).toEqual([UUID, 'response', expect.any(String), 'OK', ...meta, dialogId, '', 'Msg sent:', '']);
    expect(message).toBe(onTheWire);
  });

  it('the ACK carries the transaction of its INVITE, a BYE one of its own', async () => {
    const { request, toTag } = await answeredCall();
    const dialog = { callId: 'golden@example.test', fromTag: 'f1', toTag };
    const ack = sipRequest(peer, server.sip, { ...dialog, method: 'ACK' });
    peer.send(ack);
    const bye = sipRequest(peer, server.sip, { ...dialog, method: 'BYE', cseq: 2 });
    peer.send(bye);
    expect((await app.request('ACK')).tokens).toEqual(inDialog(ack, request.tokens[8]));
    const { tokens } = await app.request('BYE');
    expect(tokens).toEqual(inDialog(bye, ID));
    expect(tokens[8]).not.toBe(request.tokens[8]);
  });

  it('a CANCEL carries the transaction of its INVITE', async () => {
    const sent = invite();
    peer.send(sent);
    const request = await app.request('INVITE');
    peer.send(
      sent
        .replace(/^INVITE/, 'CANCEL')
        .replace('1 INVITE', '1 CANCEL')
        .replace(/^Contact.*\r\n/m, ''),
    );
    expect((await app.request('CANCEL')).tokens[8]).toBe(request.tokens[8]);
    const [cancelled, terminated] = [await peer.next(/ 200 /, 'CANCEL'), await peer.next(/ 487 /, 'INVITE')];
    expect(headerOf(terminated, 'To')).toBe(headerOf(cancelled, 'To'));
    const late = await respond(request, '200 OK');
    expect(late.tokens.slice(3)).toEqual(['NOK', 'Response not sent due to unknown transaction']);
  });

  it("a BYE of the server's own is unsolicited: nobody acknowledged the 200", async () => {
    await answeredCall();
    const { tokens, message } = await app.request('BYE');
    const dialogId = 'golden@example.test;from-tag=f1';
    const bytes = expect.stringMatching(/^\d+$/);
    const meta = ['application', bytes, 'udp', expect.any(String), expect.any(String), TIME];
    expect(tokens).toEqual([UUID, 'sip', ...meta, 'unsolicited', dialogId, '']);
    expect(headerOf(message, 'Reason')).toMatch(/^SIP ?;cause=200 ?;text="ACK timeout"$/);
  });
});

describe('requests from the application', () => {
  it('the echo of an INVITE, and its responses', async () => {
    const { tokens, message } = await send([`INVITE sip:b@${far.join(':')} SIP/2.0`]);
    const onTheWire = await peer.next(/^INVITE /);
    const bytes = String(Buffer.byteLength(onTheWire));
    expect(tokens).toEqual([
      UUID,
      'response',
      ID,
      'OK',
      'application',
      bytes,
      'udp',
      ...own,
      TIME,
      ID,
      'Msg sent:',
      '',
    ]);
    expect(message).toBe(onTheWire);

    const callId = headerOf(message, 'Call-ID');
    const fromTag = /;tag=([^;\s]+)/.exec(headerOf(message, 'From'))?.[1];
    const ringing = response(onTheWire, '180 Ringing', 't1');
    peer.send(ringing);
    const meta = ['network', String(Buffer.byteLength(ringing)), 'udp', ...far, TIME, tokens[10]];
    const seen = await app.next((frame) => frame.message.startsWith('SIP/2.0 180'));
    expect(seen.tokens).toEqual([UUID, 'sip', ...meta, `${callId};from-tag=${fromTag}`, '']);
  });

  it('the echo of a CANCEL has a transaction of its own; the 487 that of the INVITE', async () => {
    const invited = await send([`INVITE sip:b@${far.join(':')} SIP/2.0`]);
    const onTheWire = await peer.next(/^INVITE /);
    peer.send(response(onTheWire, '180 Ringing', 't1'));
    await app.next((frame) => frame.message.startsWith('SIP/2.0 180'));
    const cancelled = await send([`CANCEL sip:b@${far.join(':')} SIP/2.0`], `${invited.tokens[10]}|`);
    expect(cancelled.tokens.slice(3, 5)).toEqual(['OK', 'application']);
    expect(cancelled.tokens[10]).not.toBe(invited.tokens[10]);
    const cancel = await peer.next(/^CANCEL /);
    peer.send(response(cancel, '200 OK', 't1'));
    peer.send(response(onTheWire, '487 Request Terminated', 't1'));
    const final = await app.next((frame) => frame.message.startsWith('SIP/2.0 487'));
    expect(final.tokens[8]).toBe(invited.tokens[10]);
    expect(app.untaken.filter((frame) => frame.message.includes(' 200 '))).toEqual([]);
  });

  it('a response made by the server itself has 0 bytes and no address', async () => {
    const { tokens } = await send(['OPTIONS sip:b@127.0.0.1:9;transport=tcp SIP/2.0']); // nobody listens on port 9
    expect(tokens[3]).toBe('OK');
    const local = await app.next((frame) => /^SIP\/2\.0 [45]/.test(frame.message));
    expect(local.message).toMatch(/^SIP\/2\.0 503 /);
    expect(local.tokens.slice(3, 7)).toEqual(['0', expect.any(String), '', '']);
    expect(local.tokens[8]).toBe(tokens[10]);
  });

  it.for([
    [['INVITE not-a-uri SIP/2.0'], '|', /^invalid request-uri/],
    [['BYE sip:placeholder SIP/2.0'], '|no-such-dialog;from-tag=x', /unable to find dialog/i],
    [['CANCEL sip:b@127.0.0.1 SIP/2.0'], 'no-such-transaction|', /^unable to cancel unknown transaction id/],
    [['INVITE sips:b@127.0.0.1;transport=tls SIP/2.0'], '|', /^requested protocol\/transport not available/],
    [['SIP/2.0 200 OK'], 'no-such-transaction|', /^Response not sent due to unknown transaction/],
  ] as const)('%j for %j is refused with a reason', async ([lines, ids, reason]) => {
    const { tokens } = await send(lines, ids);
    expect(tokens).toEqual([UUID, 'response', ID, 'NOK', expect.stringMatching(reason)]);
  });

  it('a body without a type is refused, unless it is SDP', async () => {
    const head = `MESSAGE sip:b@${far.join(':')} SIP/2.0`;
    const untyped = await app.commandFrame(`sip||\r\n${head}\r\n\r\nhello`);
    expect(untyped.tokens.slice(3)).toEqual(['NOK', expect.stringMatching(/missing content-type/i)]);
    const sdp = await app.commandFrame(`sip||\r\n${head}\r\n\r\nv=0\r\n`);
    expect(sdp.tokens[3]).toBe('OK');
    expect(headerOf(await peer.next(/^MESSAGE /), 'Content-Type')).toBe('application/sdp');
  });
});

describe('a `|` from the network', () => {
  it.for([
    ['Call-ID', 'a|b|network|x@host', 'f1'],
    ['tag', 'plain@host', 'f|1'],
  ])(
    'in the %s leaves the leader line as long as ever, and the dialog works',
    async ([, callId = '', fromTag = '']) => {
      const { request, toTag } = await answeredCall(callId, fromTag);
      expect(request.tokens).toHaveLength(13);
      peer.send(sipRequest(peer, server.sip, { callId, fromTag, toTag, method: 'ACK' }));
      peer.send(sipRequest(peer, server.sip, { callId, fromTag, toTag, method: 'BYE', cseq: 2 }));
      const bye = await app.request('BYE');
      expect(bye.tokens).toHaveLength(11);
      expect(bye.tokens[9]).not.toBe('');
      expect((await respond(bye, '200 OK')).tokens[3]).toBe('OK');
      await peer.next(/^SIP\/2\.0 200 /, 'BYE');
    },
  );
});

/** The peer's response to a request of the server. */
function response(request: string, status: string, toTag: string): string {
  const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`);
  const to = `To: ${headerOf(request, 'To')};tag=${toTag}`;
  return [`SIP/2.0 ${status}`, ...copied, to, 'Content-Length: 0', '', ''].join('\r\n');
}
