/** What goes wrong with containers: before the lab is up, and while calls are under way. */

import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Wait } from 'testcontainers';
import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../../harness/model/results.ts';
import { ensureImage } from '../../../harness/runtime/docker/build-image.ts';
import { ensurePulled } from '../../../harness/runtime/docker/index.ts';
import { LabContainer } from '../../../harness/runtime/docker/lab-container.ts';
import { runs } from '../../../harness/runtime/docker/started.ts';
import { KAMAILIO } from '../../../harness/servers/kamailio/kamailio.ts';
import { placedInTime, type SmallRunResult, smallRun } from '../../helpers/small-run.ts';
import { scratch } from '../../setup/scratch.ts';
import { type ContainerLabs, describeWithLabs, IMAGES_TIMEOUT_MS, labelled } from './with-engine.ts';

const RUN_TIMEOUT_MS = 300_000;
const QUESTION = { situations: ['voicemail-no-answer'], variants: ['none', 'target-class-secondary'] };

describeWithLabs('a lab in containers', { sideBySide: false }, (engine, labs) => {
  const leftBehind = (): Promise<string[]> => labelled(engine, runLabel(labs()));

  it('says with the end of its log what died at its start, and leaves nothing', {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    const dead = await imageOf(
      engine.docker,
      labs().images.kamailio,
      'ENTRYPOINT ["sh", "-c", "echo bad config at line 7; exit 9", "-"]',
    );
    const run = smallRun({ ...QUESTION, openSite: labs().openSite({ images: { ...labs().images, server: dead } }) });
    await expect(run).rejects.toThrow(
      /Kamailio container ended with exit status 9; its log ends:\nbad config at line 7/,
    );
    expect(await leftBehind()).toEqual([]);
  });

  it('says how a real drachtio server ended that died at its start', { timeout: RUN_TIMEOUT_MS }, async () => {
    const dead = await imageOf(
      engine.docker,
      labs().images.kamailio,
      'ENTRYPOINT ["sh", "-c", "sleep 1; echo no such option; exit 64", "-"]',
    );
    const run = smallRun({ ...QUESTION, openSite: labs().openSite({ realDrachtio: { image: dead } }) });
    await expect(run).rejects.toThrow(
      /drachtio server on .* did not get ready: the drachtio of \w+ container ended with exit status 64; its log ends:\nno such option$/,
    );
    expect(await leftBehind()).toEqual([]);
  });

  it('says how a container ended that the engine takes for running for a moment yet', async () => {
    await using container = await LabContainer.start({
      name: 'dying',
      image: labs().images.sipp,
      labels: labs().owner.labels,
      network: 'none',
      entrypoint: ['sh', '-c', 'read -r _; echo out of memory; exit 9'],
      input: true,
      ready: runs(),
      startTimeoutMs: 20_000,
    });
    expect(await container.ended(0)).toBeNull();
    const input = await container.input();
    input.write('\n');
    expect(await container.ended(20_000)).toBe(
      'the dying container ended with exit status 9; its log ends:\nout of memory',
    );
  });

  it('says what never got ready', { timeout: RUN_TIMEOUT_MS }, async () => {
    const deaf = await imageOf(
      engine.docker,
      labs().images.kamailio,
      'ENTRYPOINT ["sh", "-c", "echo thinking; exec sleep 60", "-"]',
    );
    const openSite = labs().openSite({
      images: { ...labs().images, server: deaf },
      server: { ...KAMAILIO, readyTimeoutMs: 3_000 },
    });
    await expect(smallRun({ ...QUESTION, openSite })).rejects.toThrow(
      /did not get ready[\s\S]*its log ends:\nthinking/,
    );
    expect(await leftBehind()).toEqual([]);
  });

  it('has read what a container said last before that is removed', { timeout: RUN_TIMEOUT_MS }, async () => {
    const container = await LabContainer.start({
      name: 'speaker',
      image: labs().images.sipp,
      labels: labs().owner.labels,
      network: 'none',
      command: ['sh', '-c', 'echo the last words; exec sleep 60'],
      ready: Wait.forLogMessage('the last words'),
      startTimeoutMs: 20_000,
    });
    await container.stop(0);
    expect(await container.exited).toBe(
      'the speaker container ended with exit status 137; its log ends:\nthe last words',
    );
    expect(await leftBehind()).toEqual([]);
  });

  describe('in which a container dies while calls are under way', () => {
    it('ends the run when it was the server, and keeps what was seen', { timeout: RUN_TIMEOUT_MS }, async () => {
      const { outcome, results } = await whileCalling('kamailio');
      expect(outcome).toMatchObject({
        ended: 'failed',
        trouble: expect.stringMatching(/ended during the run: the Kamailio container ended with exit status 137/),
      });
      expect(verdictsOf(results)).toEqual(['inconclusive', 'inconclusive']);
      expect(await leftBehind()).toEqual([]);
    });

    it('makes calls inconclusive when it was the phones and voice mail', { timeout: RUN_TIMEOUT_MS }, async () => {
      const { outcome, results } = await whileCalling('drachtio');
      expect(outcome.ended).toBe('complete');
      expect(verdictsOf(results)).toEqual(['inconclusive', 'inconclusive']);
      expect(results[0]?.why).toMatch(/SIP servers is lost[\s\S]*drachtio container ended with exit status 137/);
    });

    it('makes calls inconclusive when it was the callers', { timeout: RUN_TIMEOUT_MS }, async () => {
      const { results } = await whileCalling('sipp');
      expect(verdictsOf(results)).toEqual(['inconclusive', 'inconclusive']);
      expect(results.map(({ why }) => why).join()).toMatch(/SIPp/);
    });

    it('judges the calls that were over before', { timeout: RUN_TIMEOUT_MS }, async () => {
      let drachtio = '';
      const place = () =>
        smallRun({
          situations: ['voicemail-immediate', 'team-ring'],
          variants: ['target-class-secondary', 'both-headers'],
          policies: ['ms-sipre'],
          // One call a second: when those of the first situation are read, the last has begun a second ago, and its window is not over
          // before the engine has carried out the order.
          rate: 1,
          batchCells: 12, // a quarter of it in the first
          canaryEveryMs: 250,
          slackMs: 2_000,
          openSite: labs().openSite(),
          onLab: async () => {
            drachtio = await containerOf(labs().images.drachtio);
          },
          onRead: ([cell]) => {
            if (cell?.scenario.id === 'voicemail-immediate') void engine.docker.getContainer(drachtio).kill();
          },
        });
      const finished = (run: SmallRunResult) =>
        run.results.filter(({ situation }) => situation === 'voicemail-immediate');
      const { results } = await placedInTime(place, finished);
      // Those in between end in between.
      expect(results.map(({ situation, variant, verdict }) => [situation, variant, verdict])).toEqual([
        ['voicemail-immediate', 'none', 'pass'],
        ['voicemail-immediate', 'target-class-secondary', 'pass'],
        ['voicemail-immediate', 'both-headers', 'pass'],
        ['team-ring', 'none', expect.any(String)],
        ['team-ring', 'target-class-secondary', expect.any(String)],
        ['team-ring', 'both-headers', 'inconclusive'],
      ]);
    });
  });

  /** Runs the question and kills one container as soon as calls are being placed. */
  async function whileCalling(image: 'kamailio' | 'drachtio' | 'sipp') {
    return smallRun({
      ...QUESTION,
      canaryTimeoutMs: 1_500,
      openSite: labs().openSite(),
      onProgress: ({ phase }) => {
        if (phase === 'calls')
          void containerOf(labs().images[image]).then((id) => engine.docker.getContainer(id).kill());
      },
    });
  }

  /** The container of this run that was begun last from an image: the pod is of SIPp's, too. */
  async function containerOf(image: string): Promise<string> {
    const own = await engine.docker.listContainers({ filters: { label: [runLabel(labs())], ancestor: [image] } });
    const newest = own.toSorted((a, b) => b.Created - a.Created || a.Ports.length - b.Ports.length)[0];
    if (newest === undefined) throw new Error(`no container of ${image}`);
    return newest.Id;
  }

  describe('whose image does not build', () => {
    it('shows the end of the build, and leaves nothing behind', { timeout: IMAGES_TIMEOUT_MS }, async () => {
      await using context = await scratch();
      await writeFile(
        join(context.dir, 'Dockerfile'),
        'ARG BASE\nFROM $BASE\nUSER root\nRUN echo the disk is full && exit 7\n',
      );
      const build = ensureImage(engine.docker, {
        name: 'ringfence/test-broken',
        sources: [{ from: join(context.dir, 'Dockerfile'), to: 'Dockerfile' }],
        args: { BASE: labs().images.sipp },
        on: [],
        say: () => {},
      });
      await expect(build).rejects.toThrow(
        /ringfence\/test-broken could not be built: .*returned a non-zero code: 7[\s\S]*the disk is full/,
      );
      // Other tests have containers and images of their own beside it.
      const [containers, images] = await Promise.all([
        engine.docker.listContainers({ all: true }),
        engine.docker.listImages(),
      ]);
      expect(containers.filter(({ Command }) => Command.includes('the disk is full'))).toEqual([]);
      expect(images.filter(({ RepoTags }) => RepoTags?.some((tag) => tag.includes('test-broken')))).toEqual([]);
    });

    it('is built again only when something in it has changed', { timeout: IMAGES_TIMEOUT_MS }, async () => {
      await using context = await scratch();
      const built: string[] = [];
      const image = async (text: string): Promise<string> => {
        await writeFile(join(context.dir, 'Dockerfile'), 'ARG BASE\nFROM $BASE\nCOPY file /file\n');
        await mkdir(join(context.dir, 'in'), { recursive: true });
        await writeFile(join(context.dir, 'in/file'), text);
        return await ensureImage(engine.docker, {
          name: 'ringfence/test-changing',
          sources: [
            { from: join(context.dir, 'Dockerfile'), to: 'Dockerfile' },
            { from: join(context.dir, 'in/file'), to: 'file' },
          ],
          args: { BASE: labs().images.sipp },
          on: [],
          say: (line) => built.push(line),
        });
      };
      const content = crypto.randomUUID();
      const [first, again, changed] = [await image(content), await image(content), await image(`${content}!`)];
      expect(again).toBe(first);
      expect(changed).not.toBe(first);
      expect(built).toEqual([`image: building ${first}`, `image: building ${changed}`]);
      await Promise.all([first, changed].map((ref) => engine.docker.getImage(ref).remove({ force: true })));
    });
  });

  it('does not wait for ever for a registry', { timeout: RUN_TIMEOUT_MS }, async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const pulled = ensurePulled(engine.docker, `127.0.0.1:${port}/never:1`, { say: () => {}, pullTimeoutMs: 500 });
    await expect(pulled).rejects.toThrow(`could not be pulled: no image within 500 ms`);
    silent.close();
  });
});

function runLabel({ owner }: ContainerLabs): string {
  return `ringfence.run=${owner.labels['ringfence.run']}`;
}

function verdictsOf(results: readonly CellResult[]): string[] {
  return results.map(({ verdict }) => verdict);
}

/** Another image on top of one. */
async function imageOf(docker: Parameters<typeof ensureImage>[0], base: string, line: string): Promise<string> {
  await using context = await scratch();
  const file = join(context.dir, 'Dockerfile');
  await writeFile(file, `ARG BASE\nFROM $BASE\n${line}\n`);
  return await ensureImage(docker, {
    name: 'ringfence/test-variant',
    sources: [{ from: file, to: 'Dockerfile' }],
    args: { BASE: base },
    on: [base],
    say: () => {},
  });
}
