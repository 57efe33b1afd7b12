/** Images are built when, and only when, what goes in has changed; a build that fails says why and leaves nothing. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LabError } from '../../../harness/errors.ts';
import { ensureBaseImage } from '../../../harness/runtime/docker/base-image.ts';
import { type BuildOptions, ensureImage } from '../../../harness/runtime/docker/build-image.ts';
import { type Scratch, scratch } from '../../setup/scratch.ts';
import { describeWithEngine, IMAGES_TIMEOUT_MS } from './with-engine.ts';

describeWithEngine('ensureImage', ({ docker }) => {
  let dir: Scratch;
  let base: string;
  let name: string;
  let said: string[];

  beforeEach(async () => {
    dir = await scratch();
    base = await ensureBaseImage(docker, { suite: 'trixie', say: (line) => void process.stderr.write(`${line}\n`) });
    name = `ringfence-test/${crypto.randomUUID()}`;
    said = [];
  }, IMAGES_TIMEOUT_MS);
  afterEach(async () => {
    const images = await docker.listImages({ filters: { reference: [name] } });
    for (const { RepoTags = [] } of images) for (const tag of RepoTags) await docker.getImage(tag).remove();
    await dir[Symbol.asyncDispose]();
  });

  /** Every build has steps that no other one has, so that the engine's cache cannot answer for it. */
  async function build(steps: string, over: Partial<BuildOptions> = {}): Promise<string> {
    const file = join(dir.dir, 'Dockerfile');
    await writeFile(file, `ARG BASE\nFROM $BASE\nLABEL test=${name}\n${steps}\n`);
    return ensureImage(docker, {
      name,
      sources: [{ from: file, to: 'Dockerfile' }],
      args: { BASE: base },
      on: [],
      say: (line) => void said.push(line),
      ...over,
    });
  }
  const failure = (building: Promise<unknown>): Promise<Error> =>
    building.then(
      () => new Error('it was built'),
      (error: Error) => error,
    );
  /** Steps of this test's builds that are images without a name, and containers that nobody has removed. */
  async function leftOver(): Promise<string[]> {
    const images = await docker.listImages({ filters: { dangling: ['true'], label: [`test=${name}`] } });
    const containers = await docker.listContainers({ all: true, filters: { label: [`test=${name}`] } });
    return [...images, ...containers].map(({ Id }) => Id);
  }

  it('builds once, and again only when a file, an argument or the image below has changed', async () => {
    const folder = join(dir.dir, 'files');
    await mkdir(folder);
    await writeFile(join(folder, 'a'), '1');
    const sources = [
      { from: join(dir.dir, 'Dockerfile'), to: 'Dockerfile' },
      { from: folder, to: 'files' },
    ];
    const steps = 'ARG X=1\nCOPY files /files';
    const first = await build(steps, { sources });
    expect(await build(steps, { sources })).toBe(first);
    expect(said).toEqual([`image: building ${first}`]);

    await writeFile(join(folder, 'a'), '2');
    const changed = await build(steps, { sources });
    const withArgument = await build(steps, { sources, args: { BASE: base, X: '2' } });
    const onAnother = await build(steps, { sources, on: ['sha256:1'] });
    await writeFile(join(folder, 'b'), '');
    const withFile = await build(steps, { sources });
    expect(new Set([first, changed, withArgument, onAnother, withFile]).size).toBe(5);
    expect(said).toHaveLength(5);
    await expect(docker.getImage(changed).inspect()).resolves.toMatchObject({ RepoTags: expect.anything() });
  });

  it('builds once for all who ask at once', async () => {
    const refs = await Promise.all([build('RUN echo once'), build('RUN echo once'), build('RUN echo once')]);
    expect(said).toEqual([`image: building ${refs[0]}`]);
    expect(new Set(refs).size).toBe(1);
  });

  it('puts a file into a folder that there is not, and nothing into a folder of this machine', async () => {
    const folder = join(dir.dir, 'files');
    await mkdir(folder);
    await writeFile(join(folder, 'a'), '1');
    const dockerfile = { from: join(dir.dir, 'Dockerfile'), to: 'Dockerfile' };
    const nested = [dockerfile, { from: join(folder, 'a'), to: 'some/where/a' }];
    const ref = await build('COPY some /some\nRUN test "$(cat /some/where/a)" = 1', { sources: nested });
    await expect(docker.getImage(ref).inspect()).resolves.toMatchObject({ RepoTags: [ref] });
    const within = [dockerfile, { from: folder, to: 'files' }, { from: join(folder, 'a'), to: 'files/below/b' }];
    const error = await failure(build('COPY files /files', { sources: within }));
    expect(error.message).toContain(`files/below/b would be written into ${folder}, which is linked as files`);
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('tells a step that fails with the end of its log, without its colours, and leaves nothing', async () => {
    const coloured = String.raw`RUN printf '\033[31mfirst\n'`;
    const error = await failure(build(`${coloured}\nRUN echo this is why >&2; exit 7`));
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(/could not be built: .*returned a non-zero code: 7; the build's log ends:\n/);
    expect(error.message).toContain('\nfirst\n');
    expect(error.message).toContain('\nthis is why\n');
    expect(error.message).not.toContain('\u001B');
    expect(await leftOver()).toEqual([]);
  });

  it('keeps the layers of an image that is in use when a build on top of them fails', async () => {
    const good = await build('RUN echo shared');
    expect(await failure(build('RUN echo shared\nRUN exit 1'))).toBeInstanceOf(LabError);
    await expect(docker.getImage(good).inspect()).resolves.toMatchObject({ RepoTags: [good] });
    expect(await leftOver()).toEqual([]);
  });

  it('ends a build at its deadline, and leaves nothing', async () => {
    const error = await failure(build('RUN echo first\nRUN echo second; sleep 60', { timeoutMs: 3_000 }));
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toContain('could not be built: not ready within 3000 ms');
    expect(await leftOver()).toEqual([]);
  });

  it.for([
    ['was over', 'die', 1],
    ['had just begun', 'create', 2],
  ] as const)('leaves nothing of a step that %s when its build was given up', async ([, event, nth]) => {
    const cancel = new AbortController();
    const filters = { event: [event], label: [`test=${name}`] };
    const events = (await docker.getEvents({ filters })) as Readable;
    let seen = 0;
    events.on('data', () => {
      if (++seen === nth) cancel.abort(new Error('cancelled'));
    });
    const error = await failure(build('RUN echo first\nRUN sleep 60', { signal: cancel.signal }));
    events.destroy();
    expect(error.message).toBe('cancelled');
    expect(await leftOver()).toEqual([]);
  });

  it('ends a build when told to, with the reason it was given', async () => {
    const cancel = new AbortController();
    const cancelled = new Error('cancelled');
    const building = failure(
      build('RUN sleep 60', {
        signal: cancel.signal,
        say: () => cancel.abort(cancelled),
      }),
    );
    expect(await building).toBe(cancelled);
    expect(await leftOver()).toEqual([]);
  });

  it.for([
    ['an instruction that does not exist', 'FROB', /unknown instruction/],
    ['a missing file', 'COPY nothing /', /nothing/],
  ] as const)('tells of %s', async ([, steps, message]) => {
    const error = await failure(build(steps));
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(message);
    expect(await leftOver()).toEqual([]);
  });
});
