/** Programs that are not ours in the lab's places: a user agent, and a drachtio server that reads its own configuration. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureImage } from '../../../harness/runtime/docker/build-image.ts';
import { smallRun } from '../../helpers/small-run.ts';
import { scratch } from '../../setup/scratch.ts';
import { describeWithLabs } from './with-engine.ts';

const RUN_TIMEOUT_MS = 120_000;
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

describeWithLabs('in containers', (engine, labs) => {
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
