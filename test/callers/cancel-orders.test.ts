/** RFC 3261 9.1 and 9.2: what answers a CANCEL and what ends its INVITE come in any order, over TCP in one read. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CallPlan } from '../../harness/callers/caller.ts';
import { SippRun, sippProgram } from '../../harness/callers/sipp/sipp-run.ts';
import { freePort } from '../../harness/processes/addresses.ts';
import { parseMessage, type SipMessage, SipRequest } from '../../harness/sip/index.ts';
import { MessageStream } from '../../harness/sip/stream.ts';
import { scratch } from '../setup/scratch.ts';

const HOST = '127.0.0.1';
const REFUSED = '487 Request Terminated';
const ANSWERED = '200 OK';
const PATIENCE_MS = 200;

/** A proxy answers a CANCEL itself, with a To tag of its own (RFC 3261 16.10). */
function response(to: SipRequest, line: string): string {
  const tag = to.method === 'CANCEL' ? 'proxy' : 'peer';
  const copied = to.fields
    .filter(({ name }) => /^(via|from|to|call-id|cseq)$/i.test(name))
    .map(({ name, value }) => `${name}: ${value}${/^to$/i.test(name) && !/;tag=/.test(value) ? `;tag=${tag}` : ''}`);
  const contact = to.method === 'CANCEL' ? [] : [`Contact: <sip:peer@${HOST}>`];
  return [`SIP/2.0 ${line}`, ...copied, ...contact, 'Content-Length: 0', '', ''].join('\r\n');
}

const ORDERS = ['final first', 'CANCEL first', 'final alone'] as const;

/** What a callee's server says to a message, all at once. */
function answersTo(final: string, order: (typeof ORDERS)[number]): (message: SipMessage) => string[] {
  let invite: SipRequest | undefined;
  return (message) => {
    if (!(message instanceof SipRequest)) return [];
    if (message.method === 'INVITE') {
      invite = message;
      return [response(message, '180 Ringing')];
    }
    if (message.method === 'BYE') return [response(message, '200 OK')];
    if (message.method !== 'CANCEL' || invite === undefined) return [];
    const said = [response(invite, final), response(message, '200 canceling')];
    if (order === 'CANCEL first') return said.toReversed();
    return order === 'final alone' ? said.slice(0, 1) : said;
  };
}

/** @param silentMs from the first message on it stands still, and then answers all that has come */
async function peer(transport: 'udp' | 'tcp', answers: (message: SipMessage) => string[], silentMs = 0) {
  let awake: Promise<unknown> | undefined;
  const answered = async (bytes: Buffer, send: (text: string) => void): Promise<void> => {
    awake ??= silentMs === 0 ? Promise.resolve() : setTimeout(silentMs);
    await awake;
    for (const text of answers(parseMessage(bytes))) send(text);
  };
  if (transport === 'udp') {
    const socket = createSocket('udp4');
    socket.on('message', (bytes, from) => {
      void answered(bytes, (text) => socket.send(text, from.port, from.address));
    });
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return { port: socket.address().port, close: () => socket.close() };
  }
  const server = createServer((connection) => {
    const stream = new MessageStream();
    connection.on('error', () => {}); // SIPp ends as it likes
    connection.on('data', (chunk: Buffer) => {
      connection.cork();
      const all: Promise<void>[] = [];
      stream.push(chunk, (bytes) => all.push(answered(bytes, (text) => connection.write(text))));
      void Promise.all(all).then(() => connection.uncork());
    });
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port, close: () => server.close() };
}

/** The requests of a call of SIPp's, each with its Request-URI and its To tag. */
async function requestsOf(
  transport: 'udp' | 'tcp',
  port: number,
  plan: Pick<CallPlan, 'caller' | 'patienceMs'>,
): Promise<string[]> {
  await using place = await scratch();
  const sipp = await SippRun.start({
    launch: sippProgram('sipp'),
    dir: place.dir,
    local: { host: HOST, port: await freePort(HOST) },
    remote: { host: HOST, port },
    transport,
    plan: { ...plan, uriParameters: '', hangUpAfterRingingMs: 50, talkMs: 50, token: 'orders' },
    calls: [{ callee: 'alice', domain: 'plain.test', headers: [] }],
    rate: 10,
    concurrency: 1,
    lastCallMs: 15_000,
    control: null,
  });
  const { messages, trouble } = await sipp.result;
  expect(trouble).toBeNull();
  return messages
    .filter(({ direction }) => direction === 'sent')
    .map(({ bytes }) => {
      const [, line, tag = ''] = /^(\S+ \S+).*?\r\nTo:[^\r]*?(;tag=\w+)?\r\n/s.exec(bytes.toString('latin1')) ?? [];
      return `${line}${tag}`;
    });
}

const AOR = 'sip:alice@plain.test';

describe.concurrent.each(['udp', 'tcp'] as const)('over %s', (transport) => {
  describe.each([REFUSED, ANSWERED])('%s to the INVITE', (final) => {
    it.each(ORDERS)('%s', async (order) => {
      const callee = await peer(transport, answersTo(final, order));
      const sent = await requestsOf(transport, callee.port, { caller: 'hang-up-while-ringing', patienceMs: 3000 });
      callee.close();
      // Over UDP a busy machine repeats some.
      expect([...new Set(sent)]).toEqual([
        `INVITE ${AOR}`,
        `CANCEL ${AOR}`,
        ...(final === REFUSED
          ? [`ACK ${AOR};tag=peer`]
          : [`ACK sip:peer@${HOST};tag=peer`, `BYE sip:peer@${HOST};tag=peer`]),
      ]);
    });
  });

  it('a caller whose patience is over before anything has come waits for a provisional', async () => {
    const answers = answersTo(REFUSED, 'CANCEL first');
    const callee = await peer(transport, answers, 4 * PATIENCE_MS);
    const sent = await requestsOf(transport, callee.port, { caller: 'patient', patienceMs: PATIENCE_MS });
    callee.close();
    // Over UDP it has sent the INVITE again meanwhile.
    expect([...new Set(sent)]).toEqual([`INVITE ${AOR}`, `CANCEL ${AOR}`, `ACK ${AOR};tag=peer`]);
    expect(sent.filter((request) => request.startsWith('CANCEL'))).toHaveLength(1);
  });
});
