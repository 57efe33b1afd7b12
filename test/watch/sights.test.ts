import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import { readHep } from '../../harness/watch/hep.ts';
import { LabSight } from '../../harness/watch/lab-sight.ts';
import { RunSight, type WatchedMatrix } from '../../harness/watch/run-sight.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { sample } from '../results/sample.ts';

const SERVER = { host: '127.1.2.9', port: 5060 };
const PHONE = { host: '127.1.2.3', port: 5062 };
const SOFTPHONE = { host: '127.0.0.1', port: 40_000 };

const lab = (): LabSight =>
  new LabSight(({ host }) => (host === SERVER.host ? 'server' : host === PHONE.host ? 'phone' : null));

function sip(startLine: string, callId: string, cseq: string): Buffer {
  return Buffer.from(`${startLine}\r\nCall-ID: ${callId}\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`, 'latin1');
}

function invite(callId: string, atEpochMs = 0): Parameters<LabSight['take']>[0] {
  return { atEpochMs, from: SOFTPHONE, to: SERVER, bytes: sip('INVITE sip:a@x SIP/2.0', callId, '1 INVITE') };
}

describe('the calls of a lab', () => {
  it('are told by who placed them; somebody else is told by where he is', () => {
    const sight = lab();
    sight.take(invite('c'));
    sight.take({ ...invite('c', 5), from: SERVER, to: PHONE });
    sight.take({ ...invite('c', 6), from: SERVER, to: { host: '127.0.0.1', port: 41_000 } });
    expect(sight.stateFor(null).messages.map(({ from, to, atMs }) => `${from} > ${to} ${atMs}`)).toEqual([
      'caller > server 0',
      'server > phone 5',
      'server > 127.0.0.1:41000 6',
    ]);
  });

  it('are in order of time, whoever of the server tells first', () => {
    const sight = lab();
    sight.take(invite('c'));
    sight.take({ atEpochMs: 9, from: SERVER, to: SOFTPHONE, bytes: sip('SIP/2.0 180 Ringing', 'c', '1 INVITE') });
    sight.take({ atEpochMs: 8, from: PHONE, to: SERVER, bytes: sip('SIP/2.0 180 Ringing', 'c', '1 INVITE') });
    expect(sight.stateFor(null).messages.map(({ atMs }) => atMs)).toEqual([0, 8, 9]);
  });

  it('have the final response to their first request, and after a challenge the next one', () => {
    const sight = lab();
    const answer = (status: string, cseq: string): void =>
      sight.take({ atEpochMs: 1, from: SERVER, to: SOFTPHONE, bytes: sip(`SIP/2.0 ${status}`, 'c', cseq) });
    const status = (): number | null | undefined => sight.stateFor(null).calls[0]?.status;
    sight.take(invite('c'));
    answer('180 Ringing', '1 INVITE');
    expect(status()).toBeNull();
    answer('407 Proxy Authentication Required', '1 INVITE');
    expect(status()).toBe(407);
    sight.take({ ...invite('c'), bytes: sip('INVITE sip:a@x SIP/2.0', 'c', '2 INVITE') });
    answer('200 OK', '2 INVITE');
    answer('481 Gone', '3 BYE');
    expect(status()).toBe(200);
  });

  it('are no registrations, and nothing that is no SIP', () => {
    const sight = lab();
    for (const method of ['REGISTER', 'OPTIONS', 'SUBSCRIBE', 'NOTIFY'])
      sight.take({ ...invite('r'), bytes: sip(`${method} sip:x SIP/2.0`, method, `1 ${method}`) });
    sight.take({ ...invite('x'), bytes: Buffer.from('\r\n\r\n') });
    sight.take({ ...invite('y'), bytes: sip('SIP/2.0 200 OK', 'y', '1 INVITE') });
    expect(sight.stateFor(null)).toEqual({ calls: [], messages: [], left: 0, call: null });
  });

  it('are the latest, each with so many messages, however long the lab stays up', () => {
    const sight = lab();
    for (let call = 0; call < 100; call += 1)
      for (let message = 0; message < 400; message += 1) sight.take(invite(`c${call}`, message));
    const { calls, messages, left } = sight.stateFor(null);
    expect(calls.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => 100 - index));
    expect([calls[0]?.messages, messages.length, left]).toEqual([400, 300, 100]);
    expect(sight.stateFor('95').call).toBe(95);
    expect(sight.stateFor('7').call).toBe(100);
  });
});

describe('the tables of a run', () => {
  it('are followed from server to server; what one of them lacks holds nobody up', () => {
    const matrixOf = (id: string): WatchedMatrix => ({
      server: { id, name: id },
      cells: plan({ server: id, transport: 'udp', policies: ['ms-sipre', 'plain'], scenarios, variants }),
      scenarios,
      variants,
    });
    const [first, second] = [matrixOf('one'), matrixOf('two')];
    const sight = new RunSight([first, second]);
    expect(sight.stateFor(null).table).toBe(0);
    sight.called(first.cells.slice(0, 3));
    expect(sight.stateFor(null).table).toBe(0);
    sight.called(second.cells.slice(0, 3));
    expect(sight.stateFor(null).table).toBe(2);
    sight.judged(resultsOf(second.cells.filter(({ policy }) => policy === 'ms-sipre')));
    expect(sight.stateFor(null).table).toBe(3);
    sight.judged(resultsOf(second.cells));
    expect(sight.stateFor(null).table).toBe(3);
    expect(sight.stateFor('1').table).toBe(1);
    for (const none of ['9', '-1', 'x', '1.5', '']) expect(sight.stateFor(none).table, none).toBe(3);
  });
});

/** All of them pass. */
function resultsOf(cells: readonly Cell[]): CellResult[] {
  const [template] = sample().cells;
  if (template === undefined) throw new Error('the sample has no cell to copy');
  return cells.map(({ id, server, policy, scenario, variant, transport, path }) => ({
    ...template,
    id,
    server,
    policy,
    transport,
    path,
    verdict: 'pass',
    situation: scenario.id,
    variant: variant.id,
  }));
}

/** As Kamailio sends it. */
function hep(chunks: readonly (readonly [type: number, data: Buffer, vendor?: number])[]): Buffer {
  const body = chunks.map(([type, data, vendor = 0]) => {
    const head = Buffer.alloc(6);
    head.writeUInt16BE(vendor, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(6 + data.length, 4);
    return Buffer.concat([head, data]);
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(6 + body.reduce((sum, part) => sum + part.length, 0));
  return Buffer.concat([Buffer.from('HEP3'), length, ...body]);
}

describe('HEP', () => {
  const number = (value: number, bytes: 2 | 4): Buffer => {
    const data = Buffer.alloc(bytes);
    data.writeUIntBE(value, 0, bytes);
    return data;
  };
  const whole = [
    [3, Buffer.from([127, 0, 0, 1])],
    [4, Buffer.from([127, 1, 2, 9])],
    [7, number(40_000, 2)],
    [8, number(5060, 2)],
    [9, number(1_700_000_000, 4)],
    [10, number(250_000, 4)],
    [15, Buffer.from('INVITE')],
  ] as const;

  it('says what came from whom to whom, and when; what others have put in is passed over', () => {
    expect(readHep(hep([[15, Buffer.from('no'), 7], ...whole]))).toEqual({
      atEpochMs: 1_700_000_000_250,
      from: SOFTPHONE,
      to: SERVER,
      bytes: Buffer.from('INVITE'),
    });
  });

  it('is nothing where anything is missing, cut short or of another length', () => {
    for (const [type] of whole) expect(readHep(hep(whole.filter((chunk) => chunk[0] !== type))), `${type}`).toBeNull();
    const datagram = hep(whole);
    for (let length = 0; length < datagram.length; length += 1)
      expect(readHep(datagram.subarray(0, length)), `${length}`).toBeNull();
    expect(readHep(hep([...whole.slice(1), [3, Buffer.from([1, 2, 3])]]))).toBeNull();
    const endless = Buffer.from(datagram);
    endless.writeUInt16BE(0, 10);
    expect(readHep(endless)).toBeNull();
  });
});
