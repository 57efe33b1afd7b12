/**
 * Messages that RFC 3261 allows but nobody expects, and messages that it does not allow, in the spirit of RFC 4475. The
 * name of a file says what has to become of it: `understood-`, `<status>-` or `silent-`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { sipRequest } from '../drachtio-hostile/call.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';

const dir = join(import.meta.dirname, 'torture');
const corpus = readdirSync(dir).toSorted();

let server: DrachtioServer;
let app: RawControl;

// A server each: all messages have the same branch, and would pass for repetitions of each other.
beforeEach(async () => {
  server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  app = await RawControl.app(server, ['invite', 'register', 'options']);
});
afterEach(async () => {
  app?.[Symbol.dispose]();
  await server?.stop();
});

/** A request that is understood, answered with 486 by the application: whatever came before it has been dealt with. */
async function expectServed(peer: SipPeer): Promise<void> {
  peer.send(sipRequest(peer, server.sip, { method: 'OPTIONS' }));
  const { tokens } = await app.request('OPTIONS');
  expect(await app.command(`sip|${tokens[8]}|\r\nSIP/2.0 486 Busy Here\r\n\r\n`)).toContain('OK');
  await peer.next(/^SIP\/2\.0 486 /, 'OPTIONS');
}

it('is a corpus', () => expect(corpus.length).toBeGreaterThan(40));

describe('over UDP', () => {
  it.for(corpus)('%s', async (file) => {
    await using peer = await SipPeer.udp(server.sip);
    const message = readFileSync(join(dir, file));
    peer.send(message);
    const status = /^\d{3}/.exec(file)?.[0];
    if (status !== undefined) expect(await peer.next(/^SIP/)).toMatch(new RegExp(`^SIP/2\\.0 ${status} `));
    if (file.startsWith('understood-')) {
      const { tokens, message: passedUp } = await app.request('INVITE');
      const { start, end } = extent(message);
      expect(tokens[3]).toBe(String(end - start));
      expect(passedUp).toBe(message.toString('utf8', start, end));
      await app.command(`sip|${tokens[8]}|\r\nSIP/2.0 486 Busy Here\r\n\r\n`);
      await peer.next(/^SIP\/2\.0 486 /);
    }
    await expectServed(peer);
    expect(peer.startLines.filter((line) => !line.startsWith('SIP/2.0 100 '))).toEqual([]);
    expect(app.untaken).toEqual([]);
  });
});

describe('over TCP the server lives on', () => {
  it.for(corpus)('%s', async (file) => {
    await using peer = await SipPeer.tcp(server.sip);
    peer.send(readFileSync(join(dir, file)));
    await using other = await SipPeer.udp(server.sip);
    await expectServed(other);
    await using another = await SipPeer.tcp(server.sip);
    await expectServed(another);
  });
});

/** Where the message in a datagram begins and ends: line ends before it, and what is behind its body, are no part of it. */
function extent(datagram: Buffer): { start: number; end: number } {
  const text = datagram.toString('latin1');
  const start = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0;
  const head = text.indexOf('\r\n\r\n', start) + 4;
  const length = /^(?:content-length|l)[ \t]*:\s*(\d+)/im.exec(text.slice(start, head))?.[1];
  return { start, end: length === undefined ? datagram.length : head + Number(length) };
}
