/** Programs that are not ours in the lab's places: a user agent, and a drachtio server that reads its own configuration. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Transport } from '../../../harness/model/words.ts';
import { Authority } from '../../../harness/processes/certificates.ts';
import { ensureImage } from '../../../harness/runtime/docker/build-image.ts';
import type { SiteCertificates } from '../../../harness/runtime/docker/site.ts';
import { type LabCertificates, labCertificates } from '../../../harness/runtime/process/lab-certificates.ts';
import { checksCertificates } from '../../../harness/ua/baresip/configuration.ts';
import { smallRun } from '../../helpers/small-run.ts';
import { scratch } from '../../setup/scratch.ts';
import { describeWithLabs } from './with-engine.ts';

const RUN_TIMEOUT_MS = 300_000;

function siteCertificates(made: LabCertificates): SiteCertificates {
  return { ...made.ua, ours: made.ours, b2bua: made.b2bua, server: made.serverPem };
}

const VARIANTS = ['none', 'target-class-secondary'];

/**
 * Our server behind the interface of the public image: command `drachtio`, configuration in /etc/drachtio.conf.xml, control
 * port in the environment. It stands in for the real one, which needs an image registry.
 */
const STAND_IN = `#!/bin/sh
[ "$1" = drachtio ] || exit 64
config=$(cat /etc/drachtio.conf.xml)
contact=$(printf %s "$config" | sed -n 's|.*<contact>sip:\\([0-9.:]*\\);transport=udp,tcp</contact>.*|\\1|p')
RINGFENCE_SECRET=$(printf %s "$config" | sed -n 's|.*<admin [^>]*secret="\\([^"]*\\)".*|\\1|p')
export RINGFENCE_SECRET
cd /app && exec node harness/cli/main.ts drachtio --sip "$contact" --control "0.0.0.0:$DRACHTIO_ADMIN_TCP_PORT"
`;

describeWithLabs('in containers', { sideBySide: true }, (engine, labs) => {
  it('baresip plays the callees, and what it cannot play is unsupported', { timeout: RUN_TIMEOUT_MS }, async () => {
    const { results, outcome } = await smallRun({
      situations: [
        'voicemail-no-answer',
        'voicemail-busy',
        'voicemail-declined',
        'voicemail-offline',
        'answered-by-callee',
        'team-ring',
      ],
      variants: VARIANTS,
      inTime: true,
      openSite: labs().openSite({ ua: { id: 'image:any/name', image: labs().images.baresip } }),
    });
    expect(outcome.ua).toMatchObject({ id: 'image:any/name', name: 'baresip' });
    const verdicts = Object.fromEntries(
      results.map(({ situation, variant, verdict }) => [`${situation} ${variant}`, verdict]),
    );
    const expected = (situation: string): string => (situation === 'voicemail-declined' ? 'unsupported' : 'pass');
    expect(verdicts).toEqual(
      Object.fromEntries(
        results.map(({ situation, variant }) => [`${situation} ${variant}`, expected(situation)] as const),
      ),
    );
    expect(results.find(({ situation }) => situation === 'voicemail-declined')?.why).toMatch(/^baresip [\d.]+ cannot /);
  });

  it('baresip speaks TCP', { timeout: RUN_TIMEOUT_MS }, async () => {
    const { results, outcome } = await smallRun({
      situations: ['voicemail-no-answer', 'answered-by-callee'],
      variants: VARIANTS,
      transport: 'tcp',
      inTime: true,
      openSite: labs().openSite({ transport: 'tcp', ua: { id: 'baresip', image: labs().images.baresip } }),
    });
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(outcome.warnings.filter((warning) => warning.includes('with its edge'))).toEqual([]);
  });

  it('baresip speaks TLS where it checks certificates, and believes nobody else then', {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    await using certificates = await labCertificates();
    await using others = await Authority.found();
    const forger = { issue: (names: readonly string[]) => others.issue({ names }) };
    const call = (over: Partial<SiteCertificates>) =>
      smallRun({
        situations: ['voicemail-no-answer', 'answered-by-callee'],
        variants: VARIANTS,
        transport: 'tls',
        inTime: true,
        openSite: labs().openSite({
          transport: 'tls',
          tls: { ...siteCertificates(certificates), ...over },
          ua: { id: 'baresip', image: labs().images.baresip },
        }),
      });
    const { results, outcome } = await call({});
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    const speaksTls = !outcome.warnings.some((warning) => warning.includes('speaks UDP with its edge'));
    expect(speaksTls).toBe(checksCertificates(outcome.ua?.version ?? ''));
    if (!speaksTls) return;
    for (const { verdict, why } of (await call(forger)).results)
      expect(`${verdict}: ${why}`).toMatch(/^inconclusive: .*accounts had no 200 to REGISTER/);
  });

  it('a user agent that is no user agent says so at once, with its output', { timeout: RUN_TIMEOUT_MS }, async () => {
    const run = smallRun({
      situations: ['voicemail-no-answer'],
      variants: VARIANTS,
      openSite: labs().openSite({ ua: { id: 'image:sipp', image: labs().images.kamailio } }),
    });
    await expect(run).rejects.toThrow(
      /image:sipp was asked to describe itself: no line of JSON; .*ended with exit status/,
    );
  });

  describe('an application places the calls', () => {
    const image = async (dir: string, more = ''): Promise<string> => {
      const root = new URL('../../../', import.meta.url);
      const files = ['test/callers/plain-caller.ts', 'test/callers/fixtures/plain-application.ts'];
      const sources = files.map((file) => ({ from: fileURLToPath(new URL(file, root)), to: file }));
      const dockerfile = ['ARG BASE', 'FROM $BASE', 'COPY test /app/test', more];
      const entry = 'ENTRYPOINT ["node", "test/callers/fixtures/plain-application.ts"]';
      await writeFile(join(dir, 'Dockerfile'), [...dockerfile, entry, 'CMD []', ''].join('\n'));
      return ensureImage(engine.docker, {
        name: 'ringfence/test-caller',
        sources: [...sources, { from: join(dir, 'Dockerfile'), to: 'Dockerfile' }],
        args: { BASE: labs().images.drachtio },
        on: [labs().images.drachtio],
        say: () => {},
      });
    };
    const run = async (more?: string, transport: Transport = 'udp') => {
      await using context = await scratch();
      await using certificates = transport === 'tls' ? await labCertificates() : null;
      return await smallRun({
        situations: ['voicemail-no-answer', 'voicemail-busy', 'missed-call-hangup-while-ringing'],
        variants: ['as-sent'],
        transport,
        inTime: true,
        openSite: labs().openSite({
          transport,
          tls: certificates === null ? undefined : siteCertificates(certificates),
          caller: { id: 'image:any/dialler', image: await image(context.dir, more) },
        }),
      });
    };
    const ofIt = ({ results }: Awaited<ReturnType<typeof run>>): string[] =>
      results.flatMap(({ variant, situation, verdict, why, observed }) => {
        const came = `${situation}: ${verdict}, ${observed.outcome}`;
        return variant === 'none' ? [] : [verdict === 'inconclusive' ? `${came}, ${why}` : came];
      });

    it('with the header that keeps them out, and without', { timeout: RUN_TIMEOUT_MS }, async () => {
      const cannot = 'missed-call-hangup-while-ringing: unsupported, unknown';
      const secondary = await run('ENV FIXTURE_HEADER="Ms-Target-Class: secondary"');
      expect(secondary.outcome.caller).toEqual({ id: 'image:any/dialler', name: 'plain', version: '7' });
      expect(ofIt(secondary)).toEqual([
        'voicemail-no-answer: pass, suppressed',
        'voicemail-busy: pass, suppressed',
        cannot,
      ]);
      expect(ofIt(await run())).toEqual([
        'voicemail-no-answer: fail, engaged',
        'voicemail-busy: fail, engaged',
        cannot,
      ]);
    });

    it.for(['tcp', 'tls'] as const)(
      'over %s, which its edge speaks',
      { timeout: RUN_TIMEOUT_MS },
      async (transport) => {
        const { results, outcome } = await run('ENV FIXTURE_HEADER="Ms-Target-Class: secondary"', transport);
        const bySituation = results.map(({ situation, variant, verdict }) => `${situation} ${variant}: ${verdict}`);
        expect(bySituation).toContain('voicemail-busy as-sent: pass');
        const raw = [...outcome.observations.values()].flatMap(({ messages }) => messages.map((each) => each.raw));
        expect(new Set(raw.join().match(/SIP\/2\.0\/[A-Z]+/g))).toEqual(
          new Set([`SIP/2.0/${transport.toUpperCase()}`]),
        );
      },
    );
  });

  it('a drachtio server for each endpoint, which our applications do not notice', {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    await using context = await scratch();
    const sources = ['Dockerfile', 'stand-in'].map((name) => ({ from: join(context.dir, name), to: name }));
    await writeFile(join(context.dir, 'stand-in'), STAND_IN, { mode: 0o755 });
    await writeFile(
      join(context.dir, 'Dockerfile'),
      'ARG BASE\nFROM $BASE\nUSER root\nCOPY stand-in /entrypoint\nENTRYPOINT ["/entrypoint"]\nCMD []\n',
    );
    const image = await ensureImage(engine.docker, {
      name: 'ringfence/test-drachtio',
      sources,
      args: { BASE: labs().images.drachtio },
      on: [labs().images.drachtio],
      say: () => {},
    });
    const { results, outcome } = await smallRun({
      situations: ['voicemail-no-answer', 'forward-immediate', 'simultaneous-ring', 'team-ring', 'delegate-ring'],
      variants: VARIANTS,
      inTime: true,
      openSite: labs().openSite({ realDrachtio: { image } }),
    });
    expect(results.map(({ id, verdict, why }) => [id, verdict, why])).toEqual(
      results.map(({ id }) => [id, 'pass', null]),
    );
    expect(outcome.warnings.join()).toMatch(/the record of phone, .*voicemail is what the drachtio server there tells/);
  });
});
