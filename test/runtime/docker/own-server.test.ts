/** A server of the user's as an image: asked in a pod of its own, and started in the lab's with the file of its accounts. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { programLauncher } from '../../../harness/processes/launcher.ts';
import { ensureImage } from '../../../harness/runtime/docker/build-image.ts';
import { inPod } from '../../../harness/runtime/docker/index.ts';
import { describeServer, ownServer } from '../../../harness/servers/own/own-server.ts';
import { onServer } from '../../../harness/servers/server.ts';
import { scenarios } from '../../../scenarios/index.ts';
import { smallRun } from '../../helpers/small-run.ts';
import { scratch } from '../../setup/scratch.ts';
import { describeWithLabs, IMAGES_TIMEOUT_MS } from './with-engine.ts';

const FOLDER = fileURLToPath(new URL('../../../containers/kamailio-stock', import.meta.url));
const SITUATIONS = ['voicemail-no-answer', 'voicemail-busy', 'voicemail-offline', 'answered-by-callee', 'team-ring'];
const VARIANTS = ['none', 'target-class-secondary'];
const say = (): void => {};

describeWithLabs('a server of the user in a container', { sideBySide: true }, (engine, labs) => {
  it('containers/kamailio-stock', { timeout: IMAGES_TIMEOUT_MS + 300_000 }, async () => {
    const { images } = labs();
    const image = await ensureImage(engine.docker, {
      name: 'ringfence/kamailio-stock',
      sources: ['Dockerfile', 'serve'].map((to) => ({ from: join(FOLDER, to), to })),
      args: { BASE: images.kamailio },
      on: [(await engine.docker.getImage(images.kamailio).inspect()).Id],
      say,
    });
    await using place = await scratch();
    const id = `image:${image}`;
    const logFile = join(place.dir, 'describe.log');
    const description = await inPod({ id, image, role: 'server', say }, (launcher) =>
      describeServer(launcher, { logFile }),
    );
    const own = ownServer({ kind: 'image', description, expect: null });
    const called = scenarios.filter((scenario) => SITUATIONS.includes(scenario.id));
    const server = { own, id, scenarios: VARIANTS.flatMap(() => called.map((each) => onServer(own, each))) };
    const { results, outcome } = await smallRun({
      own: { server: own, launcher: programLauncher(id, { command: 'nobody', args: [] }) },
      situations: SITUATIONS,
      variants: VARIANTS,
      inTime: true,
      openSite: labs().openSite({ server, images: { ...images, server: image } }),
    });
    expect(outcome).toMatchObject({ ended: 'complete', server: { id: 'image:kamailio-stock' } });
    for (const { situation, verdict, why } of results) {
      expect(`${verdict} ${why}`).toMatch(situation === 'team-ring' ? /^unsupported .*has team-ring/ : /^pass/);
    }
  });

  it('an image that is no server says so, with its output', { timeout: 300_000 }, async () => {
    await using place = await scratch();
    const { kamailio: image } = labs().images;
    const asked = inPod({ id: 'image:kamailio', image, role: 'server', say }, (launcher) =>
      describeServer(launcher, { logFile: join(place.dir, 'describe.log') }),
    );
    await expect(asked).rejects.toThrow(/image:kamailio was asked to describe itself: no line of JSON/);
  });
});
