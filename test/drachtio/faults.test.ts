/** What a test tool adds: a record of every byte, and messages that get lost, late, doubled or changed. */
import { describe, expect, it } from 'vitest';
import { DrachtioServer, type HookVerdict, seededIds, type WireRecord } from '../../harness/drachtio/index.ts';
import { LabError } from '../../harness/errors.ts';
import { sipRequest } from '../drachtio-hostile/call.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { reply, Stage } from './stage.ts';

const isOptions = (bytes: Buffer): boolean => bytes.toString('latin1', 0, 8) === 'OPTIONS ';

describe('the recorder', () => {
  it('has what was on the wire, byte for byte, garbage included', async () => {
    const records: WireRecord[] = [];
    await using stage = await Stage.set({ recorder: (record) => records.push(record) });
    const garbage = Buffer.from([0, 255, 13, 10, 42]);
    stage.peer.send(garbage);
    const options = sipRequest(stage.peer, stage.server.sip, { method: 'OPTIONS', body: 'größer', headers: ['l : 7'] });
    stage.peer.send(options);
    const response = await stage.peer.next(/^SIP/);
    expect(records.map(({ direction, bytes }) => [direction, bytes.toString('latin1')])).toEqual([
      ['in', garbage.toString('latin1')],
      ['in', Buffer.from(options).toString('latin1')],
      ['out', response],
    ]);
    const [first] = records;
    expect(first).toMatchObject({ protocol: 'udp', local: stage.server.sip, remote: stage.peer.local });
    expect(Math.abs((first?.atEpochMs ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it('has TCP cut into messages', async () => {
    const records: WireRecord[] = [];
    await using stage = await Stage.set({ recorder: (record) => records.push(record) }, 'tcp');
    const dance = sipRequest(stage.peer, stage.server.sip, { method: 'DANCE' });
    const jump = sipRequest(stage.peer, stage.server.sip, { method: 'JUMP' });
    stage.peer.send(dance + jump);
    await stage.peer.next(/^SIP\/2\.0 501 /, 'JUMP');
    const received = records.filter(({ direction }) => direction === 'in').map(({ bytes }) => bytes.toString());
    expect(received).toEqual([dance, jump]);
    expect(records.every(({ protocol }) => protocol === 'tcp')).toBe(true);
  });
});

describe('hooks', () => {
  it('a dropped request is sent again, a dropped response asked for again', async () => {
    let lostRequests = 0;
    let lostResponses = 0;
    await using stage = await Stage.set({
      timers: { t1Ms: 10 },
      hooks: {
        onSend: ({ bytes }): HookVerdict => (isOptions(bytes) && lostRequests++ < 2 ? 'drop' : 'pass'),
        onReceive: ({ bytes }): HookVerdict =>
          bytes.toString('latin1', 0, 11) === 'SIP/2.0 200' && lostResponses++ < 1 ? 'drop' : 'pass',
      },
    });
    await stage.send([`OPTIONS ${stage.target} SIP/2.0`]);
    const options = await stage.peer.next(/^OPTIONS /);
    stage.peer.send(reply(options, '200 OK', 'x'));
    expect(await stage.peer.next(/^OPTIONS /)).toBe(options);
    stage.peer.send(reply(options, '200 OK', 'x'));
    await stage.response('200');
    expect([lostRequests, lostResponses]).toEqual([expect.any(Number), 2]);
    expect(lostRequests).toBeGreaterThan(2);
  });

  it('a doubled request is one transaction', async () => {
    await using stage = await Stage.set({ hooks: { onReceive: () => ({ copies: 3 }) } });
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'MESSAGE' }));
    const request = await stage.app.request('MESSAGE');
    await stage.respond(request, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /);
    expect(stage.app.untaken).toEqual([]);
  });

  it('bytes can be changed, and come late', async () => {
    await using stage = await Stage.set({
      hooks: {
        onSend: ({ bytes }) =>
          isOptions(bytes)
            ? { bytes: Buffer.from(bytes.toString().replace('Max-Forwards: 70', 'Max-Forwards: 07')) }
            : 'pass',
        onReceive: () => ({ delayMs: 30 }),
      },
    });
    await stage.send([`OPTIONS ${stage.target} SIP/2.0`]);
    const options = await stage.peer.next(/^OPTIONS /);
    expect(options).toMatch(/^Max-Forwards: 07\r$/m);
    const answeredAt = performance.now();
    stage.peer.send(reply(options, '200 OK', 'x'));
    await stage.response('200');
    expect(performance.now() - answeredAt).toBeGreaterThan(25);
  });
});

it('the same seed gives the same ids', async () => {
  const sent: string[][] = [];
  for (const seed of [42, 42, 43]) {
    await using stage = await Stage.set({ ids: seededIds(seed) });
    await stage.send([`OPTIONS ${stage.target} SIP/2.0`]);
    const options = await stage.peer.next(/^OPTIONS /);
    sent.push([...options.matchAll(/(?:branch=|tag=|^Call-ID: )([\w-]+)/gm)].map(([, id = '']) => id));
  }
  expect(sent[0]).toHaveLength(3);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[2]).not.toEqual(sent[0]);
});

describe('addresses', () => {
  it('port 0: one that UDP and TCP share', async () => {
    await using server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
    for (const transport of ['udp', 'tcp'] as const) {
      await using peer = await SipPeer[transport](server.sip);
      peer.send(sipRequest(peer, server.sip, { method: 'OPTIONS' }));
      await peer.next(/^SIP\/2\.0 503 /);
    }
  });

  it('taken or foreign: the error names the address and what to do', async () => {
    await using server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
    const { port } = server.sip;
    for (const options of [{ sip: { host: '127.0.0.1', port } }, { sip: { host: '127.0.0.1' }, control: { port } }]) {
      const start = DrachtioServer.start(options);
      await expect(start).rejects.toThrow(LabError);
      await expect(start).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${port}.*choose another port`));
    }
    await expect(DrachtioServer.start({ sip: { host: '192.0.2.1' } })).rejects.toThrow(
      /192\.0\.2\.1.*choose one of its own/,
    );
  });

  it('are free again after stop, which can be called twice', async () => {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
    await server.stop();
    await server.stop();
    await using again = await DrachtioServer.start({ sip: server.sip, control: server.control });
    expect(again.sip).toEqual(server.sip);
  });

  it.for(['', 'a|b', 'a\r\nb'])('the secret %j is refused', async (secret) => {
    await expect(DrachtioServer.start({ sip: { host: '127.0.0.1' }, secret })).rejects.toThrow(/secret/);
  });
});
