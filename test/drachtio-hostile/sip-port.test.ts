import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { AnsweringApp } from './answering-app.ts';
import { placeCall, sipRequest } from './call.ts';
import { RawControl } from './raw-control.ts';
import { SipPeer } from './sip-peer.ts';
import { torture } from './torture.ts';

const MANY = 1_000;
const ENDLESS_BYTES = 8 * 1024 * 1024;
const CHUNK = Buffer.from('X-Never-Ending: header\r\n'.repeat(2_000));

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

async function expectUnharmed(): Promise<void> {
  await placeCall(caller, victim.server.sip);
}

describe.for(['udp', 'tcp'] as const)('a torture message over %s', (transport) => {
  test.for(torture)('$title', async ({ message, answers }) => {
    await using peer = await SipPeer[transport](victim.server.sip);
    peer.send(message(peer, victim.server.sip));
    if (answers) expect(await peer.next(/^SIP\/2\.0 [2-6]/)).toMatch(answers);
    await expectUnharmed();
  });
});

describe('the SIP port', () => {
  it.for([0, 1, 4, 100, 1_400, 60_000])('takes %i random bytes over UDP and over TCP', async (size) => {
    await using udp = await SipPeer.udp(victim.server.sip);
    await using tcp = await SipPeer.tcp(victim.server.sip);
    for (const peer of [udp, tcp]) peer.send(randomBytes(size));
    await expectUnharmed();
  });

  it('takes a good INVITE with any one byte changed', async () => {
    await using peer = await SipPeer.udp(victim.server.sip);
    const good = Buffer.from(sipRequest(peer, victim.server.sip, { fromTag: 'mutant' }));
    for (let at = 0; at < good.length; at++) {
      const mutant = Buffer.from(good);
      mutant[at] = (at * 151 + 7) & 0xff;
      peer.send(mutant);
      if (at % 50 === 0) await expectUnharmed(); // and keeps the socket buffers from overflowing
    }
    await expectUnharmed();
  });

  it('takes a Content-Length beyond the datagram: 400 (RFC 4475 3.1.2.2)', async () => {
    const good = sipRequest(caller, victim.server.sip, { fromTag: 'torture' });
    caller.send(good.replace('Content-Length: 0', 'Content-Length: 9999'));
    expect(await caller.next(/^SIP\/2\.0 [2-6]/)).toMatch(/^SIP\/2\.0 400 /);
    await expectUnharmed();
  });

  it('answers a double line end over TCP with a single one (RFC 5626 3.5.1)', async () => {
    const socket = connect(victim.server.sip);
    try {
      socket.write('\r\n\r\n');
      const [pong] = await once(socket, 'data', { signal: AbortSignal.timeout(30_000) });
      expect(String(pong)).toBe('\r\n');
    } finally {
      socket.destroy();
    }
  });

  it('a TCP peer that promises a body and never sends it holds up nobody', async () => {
    await using slow = await SipPeer.tcp(victim.server.sip);
    slow.send(sipRequest(slow, victim.server.sip).replace('Content-Length: 0', 'Content-Length: 9999'));
    await expectUnharmed();
  });

  it('a TCP peer whose header section never ends is cut off', async () => {
    await using endless = await SipPeer.tcp(victim.server.sip);
    endless.send('INVITE sip:callee@127.0.0.1 SIP/2.0\r\n');
    for (let sent = 0; sent < ENDLESS_BYTES; sent += CHUNK.length) endless.send(CHUNK);
    expect(await endless.ended).toBe('ended');
    await expectUnharmed();
  });

  it('a call over TCP goes through, split at every byte or joined to the next', async () => {
    await using peer = await SipPeer.tcp(victim.server.sip);
    await placeCall(peer, victim.server.sip);
    for (const byte of sipRequest(peer, victim.server.sip, { method: 'OPTIONS' })) peer.send(byte);
    expect(await peer.next(/^SIP/, 'OPTIONS')).toMatch(/^SIP\/2\.0 200 /);
    const pair = [7, 8].map((cseq) => sipRequest(peer, victim.server.sip, { method: 'OPTIONS', cseq }));
    peer.send(`\r\n\r\n${pair.join('')}`);
    for (const cseq of [7, 8]) {
      expect(await peer.next(/^SIP\/2\.0 200 /, `${cseq} OPTIONS`)).toMatch(new RegExp(`^CSeq: ${cseq} OPTIONS`, 'm'));
    }
  });

  it(`${MANY} TCP connections that say nothing keep nobody from calling`, async () => {
    const crowd = await Promise.all(Array.from({ length: MANY }, () => SipPeer.tcp(victim.server.sip)));
    try {
      await using peer = await SipPeer.tcp(victim.server.sip);
      await placeCall(peer, victim.server.sip);
      await expectUnharmed();
    } finally {
      await Promise.all(crowd.map((one) => one[Symbol.asyncDispose]()));
    }
  });

  it('nothing of all this has ended the control connection of an application', async () => {
    using app = await RawControl.app(victim.server);
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
    const before = victim.answered.length;
    await expectUnharmed();
    expect(victim.answered).toHaveLength(before + 1);
  });
});

describe('odd but lawful: the call goes through', () => {
  it.for([
    ['a `|` in the Call-ID', { callId: 'a|b|network|x@host' }],
    ['a `|` in the tag', { fromTag: 'f|1' }],
    ['a Call-ID of 1,000 characters', { callId: 'c'.repeat(1_000) }],
    ['a Call-ID that is an object property', { callId: '__proto__' }],
    ['a tag that is an object property', { fromTag: 'constructor' }],
    ['the highest CSeq that leaves room for a BYE', { cseq: 1 }],
    ['a header field in compact form', { headers: ['s: short', 'k: timer'] }],
    ['a folded header field', { headers: ['Subject: long', '  and folded'] }],
    ['text beyond ASCII', { headers: ['Subject: Grüße, 你好'], body: 'größer als man denkt ✓\r\n' }],
  ] as const)('%s', async ([, options]) => {
    const before = victim.answered.length;
    await placeCall(caller, victim.server.sip, options);
    expect(victim.answered).toHaveLength(before + 1);
  });
});
