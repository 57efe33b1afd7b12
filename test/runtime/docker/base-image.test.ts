/** The base image: a local one, else pulled, else made from packages; and never half of one. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { delimiter } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LabError } from '../../../harness/errors.ts';
import {
  type BaseImageOptions,
  ensureBaseImage,
  imageExists,
  type Suite,
} from '../../../harness/runtime/docker/base-image.ts';
import { type Scratch, scratch } from '../../setup/scratch.ts';
import { describeWithEngine, IMAGES_TIMEOUT_MS } from './with-engine.ts';

/** No registry has it, and no engine: what `mmdebstrap` is for these tests becomes its image. */
const SUITE = `test-${process.pid}` as Suite;
const SEEDED = `ringfence/base:${SUITE}`;

describeWithEngine('ensureBaseImage', ({ docker }) => {
  let bin: Scratch;
  let registry: Server;
  let silentRegistry: string;
  let said: string[];

  beforeEach(async () => {
    bin = await scratch();
    vi.stubEnv('PATH', `${bin.dir}${delimiter}${process.env.PATH}`);
    vi.stubEnv('RINGFENCE_BASE_IMAGE', undefined);
    registry = createServer(() => {}).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    silentRegistry = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
    said = [];
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    registry.close();
    if (await imageExists(docker, SEEDED)) await docker.getImage(SEEDED).remove();
    await bin[Symbol.asyncDispose]();
  });

  const ensure = (over: Partial<BaseImageOptions> = {}): Promise<string> =>
    ensureBaseImage(docker, { suite: SUITE, pullTimeoutMs: 5_000, say: (line) => void said.push(line), ...over });
  const failure = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => new Error('there is one'),
      (error: Error) => error,
    );

  it('takes a local one that is named, and says nothing', { timeout: IMAGES_TIMEOUT_MS }, async () => {
    const local = await ensureBaseImage(docker, { suite: 'trixie', say: () => {} });
    vi.stubEnv('RINGFENCE_BASE_IMAGE', local);
    expect(await ensure()).toBe(local);
    expect(said).toEqual([]);
  });

  it('does not wait for a registry that never answers, nor put another image in place of the one that was named', async () => {
    const error = await failure(ensure({ ref: `${silentRegistry}/base:1`, pullTimeoutMs: 500 }));
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toBe(
      `The base image ${silentRegistry}/base:1 is not on this engine and could not be pulled: no image within 500 ms`,
    );
    expect(said).toEqual([`base image: pulling ${silentRegistry}/base:1`]);
  });

  it('is made from packages when it cannot be pulled, in one line that says why, and only once', async () => {
    vi.stubEnv('RINGFENCE_BASE_IMAGE', ''); // a pipeline that has no value for it
    await bin.script('mmdebstrap', 'cd /etc && tar c passwd');
    expect(await ensure()).toBe(SEEDED);
    expect(said).toEqual([
      `base image: pulling debian:${SUITE}-slim`,
      expect.stringMatching(
        /^base image: .*could not be pulled \(.+\); making ringfence\/base:.* from Debian's packages$/,
      ),
    ]);
    const { Config } = await docker.getImage(SEEDED).inspect();
    expect(Config.Labels).toEqual({ 'ringfence.seeded': SUITE });
    expect(await ensure()).toBe(SEEDED);
    expect(said).toHaveLength(2);
  });

  it.for([
    ['fails, with what it said', 'echo "no such mirror" >&2; exit 25', /mmdebstrap ended with 25\nno such mirror\n/],
    ['fails half-way', 'cd /etc && tar c passwd; exit 25', /mmdebstrap ended with 25/],
    ['makes nothing, and calls that a success', 'exit 0', /mmdebstrap made nothing/],
  ] as const)('is missing, not broken, when mmdebstrap %s', async ([, script, message]) => {
    await bin.script('mmdebstrap', script);
    const error = await failure(ensure());
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toMatch(message);
    expect(await imageExists(docker, SEEDED)).toBe(false);
  });

  it('does not wait for packages longer than the deadline', async () => {
    await bin.script('mmdebstrap', 'exec sleep 60');
    const error = await failure(ensure({ seedTimeoutMs: 500 }));
    expect(error).toBeInstanceOf(LabError);
    expect(error.message).toContain('not ready within 500 ms');
    expect(await imageExists(docker, SEEDED)).toBe(false);
  });

  it('ends when told to, while mmdebstrap works, with the reason it was given', async () => {
    await bin.script('mmdebstrap', 'exec sleep 60');
    const cancel = new AbortController();
    const cancelled = new Error('cancelled');
    const say = (line: string): void => {
      if (line.includes('making')) setImmediate(() => cancel.abort(cancelled));
    };
    expect(await failure(ensure({ say, signal: cancel.signal }))).toBe(cancelled);
    expect(await imageExists(docker, SEEDED)).toBe(false);
  });
});
