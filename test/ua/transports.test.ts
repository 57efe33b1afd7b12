/** Real phones over TCP and TLS, in a real lab. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { Authority } from '../../harness/processes/certificates.ts';
import { type Launcher, programLauncher } from '../../harness/processes/launcher.ts';
import { labCertificates } from '../../harness/runtime/process/lab-certificates.ts';
import type { ServerSite, UaTls } from '../../harness/runtime/process/site.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { checksCertificates } from '../../harness/ua/baresip/configuration.ts';
import { ringfence } from '../helpers/cli.ts';
import { type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

const FILES = {
  baresip: fileURLToPath(new URL('../../harness/ua/baresip/main.ts', import.meta.url)),
  linphone: fileURLToPath(new URL('../../docs/examples/linphone-phone.ts', import.meta.url)),
} as const;
const PHONES = ['baresip', 'linphone'] as const;
type Phone = (typeof PHONES)[number];

const QUESTION = {
  situations: ['voicemail-no-answer', 'answered-by-callee'],
  variants: ['none', 'target-class-secondary'],
  inTime: true,
};

async function real(phone: Phone, context: TestContext): Promise<Launcher> {
  const { state } = await findTool(phone);
  if (state !== 'found') context.skip(`${phone} is not installed`);
  return programLauncher(phone, { command: process.execPath, args: [FILES[phone]], env: {} });
}

async function overTls(ua: Launcher, change: (given: UaTls) => UaTls = (given) => given): Promise<SmallRunResult> {
  await using certificates = await labCertificates();
  const { server, ours } = certificates;
  const startServer = (site: ServerSite) => startKamailio({ ...site, tls: server });
  const uaTls = change(certificates.ua);
  return await smallRun({ ...QUESTION, ua, transport: 'tls', tls: ours, uaTls, startServer, uaReadyTimeoutMs: 12_000 });
}

function said({ outcome, results }: SmallRunResult): string[] {
  expect(outcome.trouble).toBeNull();
  return results.map(({ id, verdict, why }) => `${id.replace(/tcp|tls/, '')} ${verdict} ${why}`);
}

function saidOfEdge({ outcome }: SmallRunResult): string[] {
  return outcome.warnings.filter((warning) => warning.includes('with its edge'));
}

/** Of the phone's own messages, by what they went. */
function spoken({ outcome }: SmallRunResult): Set<string> {
  const messages = [...outcome.observations.values()].flatMap((seen) => seen.messages);
  const ofPhone = messages.filter(({ from, to }) => from === 'phone' || to === 'phone');
  return new Set(ofPhone.flatMap(({ raw }) => raw.match(/SIP\/2\.0\/[A-Z]+/) ?? []));
}

describe.concurrent.for(PHONES)('%s', (phone) => {
  it('gets the same verdicts over TCP and TLS, and speaks nothing else', async (context) => {
    const ua = await real(phone, context);
    const startServer = (site: ServerSite) => startKamailio({ ...site, transport: 'tcp' });
    const tcp = await smallRun({ ...QUESTION, ua, transport: 'tcp', startServer });
    expect(tcp.results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(saidOfEdge(tcp)).toEqual([]);
    expect(spoken(tcp)).toEqual(new Set(['SIP/2.0/TCP']));
    const tls = await overTls(ua);
    expect(said(tls)).toEqual(said(tcp));
    expect(spoken(tls)).toEqual(new Set(['SIP/2.0/TLS']));
    const speaksTls = phone === 'linphone' || checksCertificates(tls.outcome.ua?.version ?? '');
    expect(saidOfEdge(tls)).toEqual(
      speaksTls
        ? []
        : [expect.stringMatching(/^baresip \S+ speaks UDP with its edge, and the edge TLS with the server/)],
    );
  });

  it('believes nobody whom the authority of the run does not vouch for, and nobody of another name', async (context) => {
    const ua = await real(phone, context);
    const found = await findTool(phone);
    if (phone === 'baresip' && found.state === 'found' && !checksCertificates(found.version))
      context.skip(`baresip ${found.version} takes any certificate, and so does not speak TLS here`);
    await using others = await Authority.found();
    const changes: readonly ((given: UaTls) => UaTls)[] = [
      (given) => ({ ...given, issue: (names) => others.issue({ names }) }),
      (given) => ({ ...given, issue: () => given.issue(['192.0.2.1']) }),
    ];
    const runs = await Promise.all(changes.map((change) => overTls(ua, change)));
    for (const result of runs.flatMap(({ results }) => results)) {
      const why = expect.stringMatching(/accounts had no 200 to REGISTER/);
      expect(result).toMatchObject({ verdict: 'inconclusive', why });
    }
  });
});

it('is a usage error for a baresip that takes any certificate', async (context) => {
  const found = await findTool('baresip');
  if (found.state !== 'found' || checksCertificates(found.version)) context.skip('there is no such baresip here');
  await using place = await scratch();
  const options = ['--transport', 'tls', '--ua', 'baresip', '--report', place.dir];
  const { exitStatus, stderr } = await ringfence(['run', 'voicemail-busy', ...options]);
  expect(exitStatus).toBe(2);
  expect(stderr).toMatch(/baresip \S+ speaks TLS and takes any certificate .*leave --ua out/);
});
