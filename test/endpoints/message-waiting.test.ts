/** Phones that are told of messages: whom they ask, when again, and what is noted of what they are told, asked or not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { Endpoint } from '../../harness/endpoints/endpoint.ts';
import { MessageCounts } from '../../harness/endpoints/message-counts.ts';
import { MessageWaiting } from '../../harness/endpoints/message-waiting.ts';
import { PhoneBank } from '../../harness/endpoints/phone.ts';
import { Speech } from '../../harness/endpoints/speech.ts';
import { parseMessage, type SipMessage } from '../../harness/sip/index.ts';
import { Answered } from '../helpers/answered.ts';

interface Habits {
  /** Answers a SUBSCRIBE. @default 200 */
  readonly status?: number;
  readonly expires?: string;
  /** Of the NOTIFY that follows; null: none does. */
  readonly summary: string | null;
}

/** Somebody who tells phones of messages. */
class Notifier implements Disposable {
  /** Users of the SUBSCRIBEs, in order. */
  readonly asked: string[] = [];
  readonly #socket = createSocket('udp4');
  readonly #answered = new Answered();
  readonly #habits: Habits;
  #branch = 0;

  constructor(habits: Habits) {
    this.#habits = habits;
    this.#socket.on('message', (bytes, { address, port }) => {
      const message = parseMessage(bytes);
      if (message.kind !== 'request' || message.method !== 'SUBSCRIBE') return;
      const [before] = this.#answered.again(message) ?? [];
      if (before !== undefined) {
        this.#socket.send(before, port, address);
        return;
      }
      const answer = this.#answerTo(message);
      this.#answered.note(message, answer);
      this.#socket.send(answer, port, address);
      const { summary, status = 200 } = habits;
      if (summary !== null && status === 200) this.notify({ host: address, port }, userOf(message), summary);
    });
  }

  async listen(): Promise<{ host: string; port: number }> {
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return { host: '127.0.0.1', port: this.#socket.address().port };
  }

  notify(to: { host: string; port: number }, user: string, summary: string, event = 'Event: message-summary'): void {
    this.#branch += 1;
    const { port } = this.#socket.address();
    const lines = [
      `NOTIFY sip:${user}@${to.host}:${to.port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKn${this.#branch}`,
      'Max-Forwards: 70',
      `From: <sip:${user}@plain.test>;tag=n`,
      `To: <sip:${user}@plain.test>`,
      `Call-ID: told-${this.#branch}`,
      'CSeq: 1 NOTIFY',
      event,
      'Subscription-State: active',
      'Content-Type: application/simple-message-summary',
      `Content-Length: ${summary.length}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${summary}`, to.port, to.host);
  }

  #answerTo(message: SipMessage): string {
    this.asked.push(userOf(message));
    const { status = 200, expires } = this.#habits;
    const same = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${message.header(name)}`);
    const granted = expires === undefined ? [] : [`Expires: ${expires}`];
    return [
      `SIP/2.0 ${status} Whatever`,
      ...same,
      `To: ${message.header('To')};tag=n`,
      ...granted,
      'Content-Length: 0\r\n\r\n',
    ].join('\r\n');
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

function userOf(message: SipMessage): string {
  return /sip:([^@]+)@/.exec(message.header('To') ?? '')?.[1] ?? '';
}

async function phones(habits: Habits) {
  const notifier = new Notifier(habits);
  const server = await notifier.listen();
  const own = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  const endpoint = await Endpoint.start({ role: 'phone', server: own, onTrouble: () => {} });
  const counts = new MessageCounts();
  const waiting = new MessageWaiting(endpoint, counts);
  // What comes to a phone passes by its bank.
  void new PhoneBank(endpoint, () => 'ring', waiting);
  const subscribe = (user: string, timeoutMs = 5_000) =>
    waiting.subscribe([{ user, domain: 'plain.test', password: 'x' }], server, timeoutMs);
  return {
    notifier,
    at: endpoint.sip,
    counts,
    subscribe,
    [Symbol.asyncDispose]: async () => {
      await endpoint.stop();
      notifier[Symbol.dispose]();
    },
  };
}

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const EMPTY = 'Messages-Waiting: no\r\nVoice-Message: 0/0\r\n';
const ONE = 'Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n';

describe('phones that are told of messages', () => {
  it('ask, know a count from then on, and see it rise', async () => {
    await using us = await phones({ summary: EMPTY });
    await us.subscribe('bob');
    expect(us.counts.latest('bob', 'message-waiting')).toMatchObject({ before: null, messages: 0 });
    us.notifier.notify(us.at, 'bob', ONE);
    expect(await us.counts.above(0, 'bob', 'message-waiting', soon())).toMatchObject({ before: 0, messages: 1 });
  });

  it('do not ask again while they are told, and then know the count at that moment', async () => {
    await using us = await phones({ summary: ONE });
    await us.subscribe('bob');
    await us.subscribe('bob');
    expect(us.notifier.asked).toEqual(['bob']);
    expect(us.counts.counts.map(({ before, messages }) => [before, messages])).toEqual([
      [null, 1],
      [1, 1],
    ]);
  });

  it('ask again where it was granted for a moment only', async () => {
    await using brief = await phones({ summary: ONE, expires: '1' });
    await brief.subscribe('bob');
    await expect.poll(() => brief.subscribe('bob').then(() => brief.notifier.asked.length)).toBe(2);
  });

  it.for([489, 403])('know nothing where they are refused with %s', async (status) => {
    await using us = await phones({ status, summary: ONE });
    await us.subscribe('bob');
    expect(us.counts.latest('bob', 'message-waiting')).toBeNull();
  });

  it('know nothing where they are told nothing in time', async () => {
    await using us = await phones({ summary: null });
    await us.subscribe('bob', 200);
    expect(us.counts.latest('bob', 'message-waiting')).toBeNull();
  });

  it('take what they did not ask for, also in compact form, and nothing else for it', async () => {
    await using us = await phones({ summary: null });
    us.notifier.notify(us.at, 'bob', ONE, 'Event: presence');
    us.notifier.notify(us.at, 'bob', 'Voice-Message: soon');
    us.notifier.notify(us.at, 'bob', ONE, 'o: message-summary');
    expect(await us.counts.next('bob', 'message-waiting', soon())).toMatchObject({ before: null, messages: 1 });
    expect(us.counts.counts).toHaveLength(1);
  });
});

describe('counts', () => {
  it('are let go, but for the last of each', () => {
    const counts = new MessageCounts();
    for (const messages of [0, 1, 2]) counts.note('bob', 'message-waiting', messages);
    counts.note('bob', 'mailbox', 7);
    counts.forget(Number.POSITIVE_INFINITY);
    expect(counts.counts.map(({ by, messages }) => [by, messages])).toEqual([
      ['message-waiting', 2],
      ['mailbox', 7],
    ]);
  });

  it('are not waited for longer than they may take', async () => {
    const counts = new MessageCounts();
    counts.note('bob', 'mailbox', 1);
    expect(await counts.above(1, 'bob', 'mailbox', AbortSignal.timeout(1))).toBeNull();
    expect(await counts.above(0, 'bob', 'mailbox', AbortSignal.abort())).toMatchObject({ messages: 1 });
  });
});

describe('speech', () => {
  it('is PCMU in RTP, 20 ms each, to where audio is wanted', async () => {
    const ear = createSocket('udp4');
    ear.bind(0, '127.0.0.1');
    await once(ear, 'listening');
    using speech = await Speech.open('127.0.0.1');
    speech.speakTo(`v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio ${ear.address().port} RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\n`);
    const [first] = (await once(ear, 'message')) as [Buffer];
    const [second] = (await once(ear, 'message')) as [Buffer];
    expect([first.length, first[0], first[1]]).toEqual([172, 0x80, 0]);
    expect(second.readUInt16BE(2) - first.readUInt16BE(2)).toBe(1);
    expect(second.readUInt32BE(4) - first.readUInt32BE(4)).toBe(160);
    ear.close();
  });

  it('goes nowhere where no audio is wanted', async () => {
    using speech = await Speech.open('127.0.0.1');
    speech.speakTo('v=0\r\nm=audio 0 RTP/AVP 0\r\n');
    await expect(Speech.open('192.0.2.1')).rejects.toThrow();
  }, 5_000);
});
