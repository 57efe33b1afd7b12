import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { answer, audioSdp, Endpoint } from '../../harness/endpoints/endpoint.ts';
import { optionsOf, Pulse, unansweredCall } from '../../harness/run/pulse.ts';

async function endpoint(role: 'canary' | 'phone'): Promise<Endpoint> {
  const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  return Endpoint.start({ role, server, onTrouble: () => {} });
}

describe('a pulse', () => {
  it('goes on while the server answers, and tells when it did', async () => {
    await using asks = await endpoint('canary');
    await using answers = await endpoint('phone');
    const pulse = await Pulse.start({ ask: optionsOf(asks, answers.sip), everyMs: 20 });
    expect(pulse).not.toBeNull();
    await expect.poll(() => pulse?.beats.length).toBeGreaterThan(3);
    const beats = pulse?.stop() ?? [];
    expect(beats[0]?.answeredEpochMs).not.toBeNull();
    for (const { dueEpochMs, answeredEpochMs } of beats) {
      if (answeredEpochMs !== null) expect(answeredEpochMs).toBeGreaterThanOrEqual(dueEpochMs);
    }
  });

  it('is not taken from a server that does not answer', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const server = { host: '127.0.0.1', port: silent.address().port };
    await using asks = await endpoint('canary');
    expect(await Pulse.start({ ask: optionsOf(asks, server), firstWithinMs: 100 })).toBeNull();
    silent.close();
  });

  it('comes from whom the server knows', async () => {
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const asked = once(server, 'message');
    await using asks = await endpoint('canary');
    const ask = optionsOf(asks, { host: '127.0.0.1', port: server.address().port }, 'sip:agnes@example.org');
    const pulse = Pulse.start({ ask, firstWithinMs: 100 });
    expect(String((await asked)[0])).toMatch(/^OPTIONS [\s\S]*\r\nFrom: <sip:agnes@example\.org>;tag=/);
    await pulse;
    server.close();
  });

  it('shows when the server fell silent', async () => {
    await using asks = await endpoint('canary');
    await using answers = await endpoint('phone');
    const pulse = await Pulse.start({ ask: optionsOf(asks, answers.sip), everyMs: 20, lostAfterMs: 50 });
    await answers.stop();
    const beats = () => pulse?.beats ?? [];
    await expect
      .poll(() => beats().filter(({ answeredEpochMs }) => answeredEpochMs === null).length)
      .toBeGreaterThan(3);
    const count = pulse?.stop().length;
    expect(pulse?.stop()).toHaveLength(count ?? -1);
  });

  it('asks nothing more of a server that is behind with an answer, until that may be lost', async () => {
    let asked = 0;
    const ask = (answered: () => void): void => {
      asked += 1;
      if (asked === 1) answered();
    };
    const pulse = await Pulse.start({ ask, everyMs: 10, lostAfterMs: 200 });
    await expect.poll(() => asked).toBeGreaterThan(2);
    const [, behind, again] = pulse?.stop() ?? [];
    expect(behind?.answeredEpochMs).toBeNull();
    expect((again?.dueEpochMs ?? 0) - (behind?.dueEpochMs ?? 0)).toBeGreaterThanOrEqual(200);
  });

  it('is due after what the server is to take for its answer', async () => {
    const pulse = await Pulse.start({ ask: (answered) => answered(), takesMs: 5_000 });
    const [beat] = pulse?.stop() ?? [];
    expect(beat?.dueEpochMs).toBeGreaterThan(beat?.answeredEpochMs ?? Number.POSITIVE_INFINITY);
  });

  it('keeps the first answer of several', async () => {
    let again = (): void => {};
    const pulse = await Pulse.start({
      ask: (answered) => {
        again = answered;
        answered();
      },
    });
    const [first] = (pulse?.stop() ?? []).map(({ answeredEpochMs }) => answeredEpochMs);
    again();
    expect(pulse?.beats[0]?.answeredEpochMs).toBe(first);
  });
});

describe('a call that nobody answers until voice mail does', () => {
  it('is answered when it is', async () => {
    await using asks = await endpoint('canary');
    await using answers = await endpoint('phone');
    const hungUp = Promise.withResolvers<void>();
    answers.app.invite((request, response) => {
      answers.app.createUAS(request, response, { localSdp: audioSdp(answers.sip.host) }, (_error, dialog) =>
        dialog.on('destroy', () => hungUp.resolve()),
      );
    });
    const pulse = await Pulse.start({ ask: unansweredCall(asks, answers.sip, 'sip:alice@plain.test') });
    expect(pulse?.stop()[0]?.answeredEpochMs).not.toBeNull();
    await hungUp.promise;
  });

  it('is not when it is refused', async () => {
    await using asks = await endpoint('canary');
    await using answers = await endpoint('phone');
    answers.app.invite((_request, response) => answer(response, 480));
    const ask = unansweredCall(asks, answers.sip, 'sip:alice@plain.test');
    expect(await Pulse.start({ ask, firstWithinMs: 300 })).toBeNull();
  });
});
