import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { Endpoint } from '../../harness/endpoints/endpoint.ts';
import { Pulse } from '../../harness/run/pulse.ts';

async function endpoint(role: 'caller' | 'phone'): Promise<Endpoint> {
  const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  return Endpoint.start({ role, server, onTrouble: () => {} });
}

describe('a pulse', () => {
  it('goes on while the server answers, and tells when it did', async () => {
    await using asks = await endpoint('caller');
    await using answers = await endpoint('phone');
    const pulse = await Pulse.start({ endpoint: asks, server: answers.sip, everyMs: 20 });
    expect(pulse).not.toBeNull();
    await expect.poll(() => pulse?.beats.length).toBeGreaterThan(3);
    const beats = pulse?.stop() ?? [];
    expect(beats[0]?.answeredEpochMs).not.toBeNull();
    for (const { sentEpochMs, answeredEpochMs } of beats) {
      if (answeredEpochMs !== null) expect(answeredEpochMs).toBeGreaterThanOrEqual(sentEpochMs);
    }
  });

  it('is not taken from a server that does not answer', async () => {
    const silent = createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const server = { host: '127.0.0.1', port: silent.address().port };
    await using asks = await endpoint('caller');
    expect(await Pulse.start({ endpoint: asks, server, firstWithinMs: 100 })).toBeNull();
    silent.close();
  });

  it('shows when the server fell silent', async () => {
    await using asks = await endpoint('caller');
    await using answers = await endpoint('phone');
    const pulse = await Pulse.start({ endpoint: asks, server: answers.sip, everyMs: 20 });
    await answers.stop();
    const beats = () => pulse?.beats ?? [];
    await expect
      .poll(() => beats().filter(({ answeredEpochMs }) => answeredEpochMs === null).length)
      .toBeGreaterThan(3);
    const count = pulse?.stop().length;
    expect(pulse?.stop()).toHaveLength(count ?? -1);
  });
});
