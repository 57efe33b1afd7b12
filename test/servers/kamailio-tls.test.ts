/** The lab over TLS: the same verdicts as over UDP, and neither side takes anybody for the other. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import type { RunResults } from '../../harness/model/results.ts';
import { allocateAddresses, freePort } from '../../harness/processes/addresses.ts';
import { askOverStream } from '../../harness/processes/ask-stream.ts';
import { Authority } from '../../harness/processes/certificates.ts';
import { labCertificates } from '../../harness/runtime/process/lab-certificates.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { ringfence } from '../helpers/cli.ts';
import { scratch } from '../setup/scratch.ts';

const SELECTION = ['--policy', 'ms-sipre', '--policy', 'plain', '--variant', 'target-class-secondary'];
const MORE = ['--variant', 'sensitivity-private-no-diversion', '--variant', 'target-class-secondary-folded'];

async function said(dir: string, ...more: string[]): Promise<string[]> {
  const { exitStatus, stderr } = await ringfence([
    'run',
    ...SELECTION,
    ...MORE,
    '--report',
    dir,
    '--no-allure',
    ...more,
  ]);
  expect({ exitStatus, stderr }).toMatchObject({ exitStatus: 0 });
  const { cells }: RunResults = JSON.parse(await readFile(join(dir, 'results.json'), 'utf8'));
  return cells.map(({ policy, situation, variant, verdict, observed }) =>
    [policy, situation, variant, verdict, observed.outcome, observed.status, observed.calleeRang].join(' '),
  );
}

async function texts(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1')))).join('\n');
}

describe.concurrent('a lab over TLS', () => {
  it('says what one over UDP says, speaks nothing else, and keeps no key', async () => {
    await using own = await scratch();
    const [udp, tls] = [join(own.dir, 'udp'), join(own.dir, 'tls')];
    expect(await said(tls, '--transport', 'tls')).toEqual(await said(udp));
    const traces = await texts(join(tls, 'traces'));
    expect(new Set(traces.match(/SIP\/2\.0\/[A-Z]+/g))).toEqual(new Set(['SIP/2.0/TLS']));
    expect(await texts(tls)).not.toContain('PRIVATE KEY');
  });

  it('has a server and phones that believe each other, and nobody else', async () => {
    await using own = await scratch();
    await using addresses = await allocateAddresses(['server', 'phone']);
    await using certificates = await labCertificates();
    await using others = await Authority.found();
    const { server: host, phone } = addresses.hosts;
    const voicemail = { host: phone, port: await freePort(phone) };
    await using server = await startKamailio({ workDir: own.dir, host, voicemail, tls: certificates.server });
    const { ours } = certificates;
    const ask = (tls: Partial<Parameters<typeof askOverStream>[1]['tls']>) =>
      askOverStream(server.sip, {
        from: phone,
        timeoutMs: 4_000,
        tls: { ca: String(ours.ca), name: String(ours.name), own: null, ...tls },
      });
    const ourCertificate = { certificate: String(ours.cert), key: String(ours.key) };
    expect(String(await ask({ own: ourCertificate }))).toMatch(/^SIP\/2\.0 200 /);
    await expect(ask({})).rejects.toThrow('It may want a certificate of whoever calls');
    const { cert, key } = await others.issue({ names: ['lab.ringfence.invalid'] });
    await expect(ask({ own: { certificate: cert, key } })).rejects.toThrow('it did not accept the handshake');
    await expect(ask({ own: ourCertificate, ca: others.ca })).rejects.toThrow('nobody who is believed vouches for it');

    await using endpoint = await DrachtioServer.start({ sip: { host: phone, transports: ['tls'] }, tls: ours });
    const asPhone = { from: host, timeoutMs: 4_000 };
    const known = { ca: String(ours.ca), name: 'lab.ringfence.invalid' };
    const phoneAt = { ...endpoint.sip, transport: 'tls' } as const;
    await expect(askOverStream(phoneAt, { ...asPhone, tls: { ...known, own: null } })).rejects.toThrow(
      'It may want a certificate of whoever calls',
    );
  });
});
