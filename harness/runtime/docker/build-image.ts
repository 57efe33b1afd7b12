import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type Dockerode from 'dockerode';
import * as tar from 'tar-fs';
import { LabError } from '../../errors.ts';
import { imageExists, nameOnEngine } from './base-image.ts';
import { oneAtATime } from './one-at-a-time.ts';

/** A file or folder of this machine, and its place in the build's context. */
export interface Source {
  /** Absolute. */
  readonly from: string;
  readonly to: string;
  /** Stands for its contents where reading them takes long, e.g. a version. */
  readonly identity?: string;
}

export interface BuildOptions {
  /** E.g. `ringfence/sipp`; the tag is made of what goes in. */
  readonly name: string;
  /** Everything that goes in, Dockerfile included. */
  readonly sources: readonly Source[];
  readonly args: Readonly<Record<string, string>>;
  /** Ids of the images it is built on: when they change, it is another image. */
  readonly on: readonly string[];
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  /** @default 180_000 */
  readonly timeoutMs?: number;
}

const LOG_LINES_SHOWN = 15;
const GONE_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 20;
const IMAGE_ID = /^ ---> ([0-9a-f]{12})$/;
const RUNNING_IN = /^ ---> Running in ([0-9a-f]{12})$/;

/**
 * Builds an image, unless one with the same contents is there.
 * Testcontainers' own builder tells nothing of a build that fails (12.2: "Failed to build image"), so this is ours.
 * @returns its reference. @throws {LabError} with the end of the build's log
 */
export async function ensureImage(docker: Dockerode, options: BuildOptions): Promise<string> {
  const { name, sources, args, on, signal, timeoutMs = 180_000 } = options;
  const ref = `${name}:${await fingerprint(sources, args, on)}`;
  if (await imageExists(docker, ref)) return ref;
  const deadline = AbortSignal.timeout(timeoutMs);
  const patience = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  // Built twice it would have two ids, and so would all that is built on it.
  return oneAtATime(await nameOnEngine(docker, ref), patience, async () => {
    if (!(await imageExists(docker, ref))) await build(docker, ref, { ...options, timeoutMs });
    return ref;
  });
}

async function build(docker: Dockerode, ref: string, options: BuildOptions & { timeoutMs: number }): Promise<void> {
  const { name, sources, args, say, signal, timeoutMs } = options;
  say(`image: building ${ref}`);
  const deadline = AbortSignal.timeout(timeoutMs);
  const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  const log: string[] = [];
  const context = await mkdtemp(join(tmpdir(), 'ringfence-image-'));
  try {
    for (const source of sources) await linkInto(context, source, sources);
    const stream = await docker.buildImage(tar.pack(context, { dereference: true }), {
      t: ref,
      buildargs: { ...args },
      forcerm: true,
      abortSignal,
    });
    await followed(docker, stream, log);
  } catch (cause) {
    await removeUnfinished(docker, log);
    signal?.throwIfAborted();
    const why = deadline.aborted ? `not ready within ${timeoutMs} ms` : (cause as Error).message;
    const story = log.slice(-LOG_LINES_SHOWN).join('\n');
    throw new LabError(`The image ${name} could not be built: ${why}; the build's log ends:\n${story}`, { cause });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** By a link, which is read when the context is sent: nothing large is copied, and nothing may be put below a link. */
async function linkInto(context: string, { from, to }: Source, sources: readonly Source[]): Promise<void> {
  const above = sources.find((other) => to.startsWith(`${other.to}/`));
  if (above !== undefined) throw new Error(`${to} would be written into ${above.from}, which is linked as ${above.to}`);
  const place = join(context, to);
  await mkdir(dirname(place), { recursive: true });
  await symlink(from, place);
}

async function followed(docker: Dockerode, stream: NodeJS.ReadableStream, log: string[]): Promise<void> {
  let failure: string | undefined;
  const onEvent = (event: { stream?: string; error?: string }): void => {
    for (const line of stripVTControlCharacters(event.stream ?? '').split('\n')) {
      if (line.trim() !== '') log.push(line.trimEnd());
    }
    failure ??= event.error; // followProgress does not call these an error
  };
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()), onEvent);
  });
  if (failure !== undefined) throw new Error(failure);
}

/**
 * The steps before the one that failed are images without a name. The last of them that this build has made goes, and the
 * engine removes those below it that nothing else needs. One "Using cache" is not ours: another build may stand on it.
 */
async function removeUnfinished(docker: Dockerode, log: readonly string[]): Promise<void> {
  const made = log.findLast((line, at) => IMAGE_ID.test(line) && !log[at - 1]?.endsWith('Using cache'));
  const id = IMAGE_ID.exec(made ?? '')?.[1];
  // What the step has printed comes after it.
  const running = RUNNING_IN.exec(log.findLast((line) => IMAGE_ID.test(line) || RUNNING_IN.test(line)) ?? '')?.[1];
  try {
    if (running !== undefined) await gone(docker, running);
    const last = (running === undefined ? undefined : await committedFrom(docker, running)) ?? id;
    if (last === undefined) return;
    const image = docker.getImage(last);
    const { RepoTags, Parent } = await image.inspect();
    if (RepoTags.length === 0 && Parent !== '') await removed(image);
  } catch {
    // Gone, or in use by another build by now; what went wrong is told by the caller.
  }
}

/**
 * A step that was over when the build was given up becomes an image all the same, and the build does not tell of it.
 *
 * @returns its id; undefined where there is none, and by engines that do not say what an image was made of (API 1.45 and later)
 */
async function committedFrom(docker: Dockerode, container: string): Promise<string | undefined> {
  const unnamed = await docker.listImages({ filters: { dangling: ['true'] } });
  const told = await Promise.all(
    unnamed.map(({ Id }) =>
      docker
        .getImage(Id)
        .inspect()
        .catch(() => null),
    ),
  );
  return told.find((image) => image?.Container?.startsWith(container))?.Id;
}

/**
 * A build that was given up ends its step's container by itself, a moment later. It is asked for again and again: whoever waits for the
 * removal of one that is being removed already may wait for ever (Docker 20.10).
 */
async function gone(docker: Dockerode, container: string): Promise<void> {
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  const isThere = (): Promise<boolean> =>
    docker
      .getContainer(container)
      .inspect()
      .then(() => true)
      .catch(() => false);
  while (performance.now() < deadlineMs && (await isThere())) await delay(ASK_EVERY_MS);
}

/**
 * The engine may have begun the next step on it before it knew, whose container it ends by itself as well. What stands on it for good,
 * an image, is somebody else's.
 */
async function removed(image: Dockerode.Image): Promise<void> {
  const deadlineMs = performance.now() + GONE_WITHIN_MS;
  const isHeld = ({ statusCode, message }: Error & { readonly statusCode?: number }): boolean =>
    statusCode === 409 && /used by (running|stopped) container/.test(message);
  for (;;) {
    const trouble = await image.remove().then(
      () => null,
      (error: Error) => error,
    );
    if (trouble === null) return;
    if (!isHeld(trouble) || performance.now() >= deadlineMs) throw trouble;
    await delay(ASK_EVERY_MS);
  }
}

/** Twelve digits that stand for everything the image is made of. */
async function fingerprint(
  sources: readonly Source[],
  args: Readonly<Record<string, string>>,
  on: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([Object.entries(args).toSorted(), on]));
  for (const { from, to, identity } of sources) {
    hash.update(`\0${to}\0${identity ?? ''}`);
    if (identity !== undefined) continue;
    for (const file of await filesOf(from)) hash.update(`\0${relative(from, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
