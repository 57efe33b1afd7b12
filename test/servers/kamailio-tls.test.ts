/** The lab over TLS: the same verdicts as over UDP, and neither side takes anybody for the other. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { allocateAddresses, freePort } from '../../harness/processes/addresses.ts';
import { askOverStream } from '../../harness/processes/ask-stream.ts';
import { Authority } from '../../harness/processes/certificates.ts';
import { labCertificates } from '../../harness/runtime/process/lab-certificates.ts';
import type { ServerSite } from '../../harness/runtime/process/site.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { ringfence } from '../helpers/cli.ts';
import { type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { textsUnder } from '../helpers/texts-under.ts';
import { scratch } from '../setup/scratch.ts';

const CELLS = {
  policies: ['ms-sipre', 'plain'],
  situations: [
    'voicemail-no-answer',
    'forward-no-answer',
    'simultaneous-ring',
    'team-ring',
    'missed-call-hangup-while-ringing',
  ],
  variants: ['none', 'target-class-secondary', 'sensitivity-private-no-diversion', 'target-class-secondary-folded'],
  inTime: true,
} as const;

/** Some hundred were enough for two processes that OpenSSL takes for one. */
const CONNECTIONS = 500;
const CONNECTIONS_AT_ONCE = 32;

/** Of the cells that both labs, however late, could speak of. */
function saidBy({ results }: SmallRunResult, proven: ReadonlySet<string>): string[] {
  return results
    .filter((cell) => proven.has(nameOf(cell)))
    .map((cell) => `${nameOf(cell)} ${cell.verdict} ${cell.observed.outcome}`);
}

function provenBy({ results }: SmallRunResult): Set<string> {
  return new Set(results.filter(({ verdict }) => verdict !== 'inconclusive').map(nameOf));
}

function nameOf({ policy, situation, variant }: SmallRunResult['results'][number]): string {
  return `${policy} ${situation} ${variant}`;
}

describe.concurrent('a lab over TLS', () => {
  it('says what one over UDP says, and speaks nothing else', async () => {
    await using certificates = await labCertificates();
    const { server, ours } = certificates;
    const startServer = (site: ServerSite) => startKamailio({ ...site, tls: server });
    const [tls, udp] = await Promise.all([
      smallRun({ ...CELLS, transport: 'tls', tls: ours, startServer }),
      smallRun(CELLS),
    ]);
    const proven = provenBy(tls).intersection(provenBy(udp));
    expect(proven.size).toBeGreaterThan(tls.results.length / 2);
    expect(saidBy(tls, proven)).toEqual(saidBy(udp, proven));
    const raw = [...tls.outcome.observations.values()].flatMap(({ messages }) => messages.map((each) => each.raw));
    expect(new Set(raw.join().match(/SIP\/2\.0\/[A-Z]+/g))).toEqual(new Set(['SIP/2.0/TLS']));
  });

  it('has a B2BUA, and an application between customer and server, that speak it on both legs', async () => {
    await using certificates = await labCertificates();
    const { server, ours, b2bua } = certificates;
    const startServer = (site: ServerSite) => startKamailio({ ...site, tls: server });
    const over = {
      transport: 'tls',
      tls: ours,
      b2buaTls: b2bua,
      startServer,
      variants: ['target-class-secondary'],
    } as const;
    const runs = await Promise.all([
      smallRun({ ...over, situations: ['voicemail-no-answer'], paths: ['b2bua-set', 'b2bua-drop'], inTime: true }),
      smallRun({ ...over, situations: ['group-agent-voicemail', 'voicemail-without-team'], inTime: true }),
    ]);
    const results = runs.flatMap((run) => run.results);
    expect(results.map(({ id, verdict, why }) => `${id}: ${verdict} ${why}`)).toEqual(
      results.map(({ id }) => `${id}: pass null`),
    );
    const raw = runs.flatMap(({ outcome }) => [...outcome.observations.values()].flatMap(({ messages }) => messages));
    expect(new Set(raw.flatMap((each) => each.raw.match(/SIP\/2\.0\/[A-Z]+/g) ?? []))).toEqual(
      new Set(['SIP/2.0/TLS']),
    );
  });

  it('keeps no key in its report', async () => {
    await using own = await scratch();
    const dir = join(own.dir, 'report');
    const { exitStatus, stdout, stderr } = await ringfence([
      'run',
      'voicemail-busy/none',
      '--transport',
      'tls',
      '--report',
      dir,
      '--no-allure',
    ]);
    expect(exitStatus, `${stdout}${stderr}`).toBe(0);
    expect(await textsUnder(dir)).not.toContain('PRIVATE KEY');
  });

  it('has a server that stays, however many connect at once and leave', async () => {
    await using own = await scratch();
    await using addresses = await allocateAddresses(['server', 'phone']);
    await using certificates = await labCertificates();
    const { server: host, phone } = addresses.hosts;
    const voicemail = { host: phone, port: await freePort(phone) };
    await using server = await startKamailio({ workDir: own.dir, host, voicemail, tls: certificates.server });
    const { ca, name, cert, key } = certificates.ours;
    const tls = { ca: String(ca), name: String(name), own: { certificate: String(cert), key: String(key) } };
    const left = Array.from({ length: CONNECTIONS }).values();
    const comeAndGo = async (): Promise<void> => {
      for (let each = left.next(); !each.done; each = left.next()) {
        const answer = await askOverStream(server.sip, { from: phone, timeoutMs: 30_000, tls });
        expect(String(answer)).toMatch(/^SIP\/2\.0 200 /);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, comeAndGo));
    expect(await readFile(server.logFile, 'utf8')).not.toMatch(/CRITICAL|ALERT/);
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
        timeoutMs: 30_000,
        tls: { ca: String(ours.ca), name: String(ours.name), own: null, ...tls },
      });
    const ourCertificate = { certificate: String(ours.cert), key: String(ours.key) };
    expect(String(await ask({ own: ourCertificate }))).toMatch(/^SIP\/2\.0 200 /);
    await expect(ask({})).rejects.toThrow('it may want a certificate of whoever calls');
    const { cert, key } = await others.issue({ names: ['lab.ringfence.invalid'] });
    await expect(ask({ own: { certificate: cert, key } })).rejects.toThrow('it did not accept the handshake');
    await expect(ask({ own: ourCertificate, ca: others.ca })).rejects.toThrow('nobody who is believed vouches for it');

    await using endpoint = await DrachtioServer.start({ sip: { host: phone, transports: ['tls'] }, tls: ours });
    const asPhone = { from: host, timeoutMs: 30_000 };
    const known = { ca: String(ours.ca), name: 'lab.ringfence.invalid' };
    const phoneAt = { ...endpoint.sip, transport: 'tls' } as const;
    await expect(askOverStream(phoneAt, { ...asPhone, tls: { ...known, own: null } })).rejects.toThrow(
      'it may want a certificate of whoever calls',
    );
  });
});
