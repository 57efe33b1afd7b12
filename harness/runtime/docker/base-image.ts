import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type Dockerode from 'dockerode';
import { LabError } from '../../errors.ts';
import { mmdebstrap } from '../../setup/unpacked.ts';
import { oneAtATime } from './one-at-a-time.ts';

export type Suite = 'trixie' | 'bookworm' | 'sid';

export interface BaseImageOptions {
  readonly suite: Suite;
  /** Told how the image is got, in one line, before that takes time. */
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  /** For a registry to deliver. A firewall may let us wait for ever. @default 20_000 */
  readonly pullTimeoutMs?: number;
  /** For Debian's packages to become an image. @default 300_000 */
  readonly seedTimeoutMs?: number;
  /** @default RINGFENCE_BASE_IMAGE in the environment, else `debian:<suite>-slim` */
  readonly ref?: string | undefined;
}

const LINES_SHOWN = 10;

/** These are kept in the image, as Debian's own have them. An image that did not get ready is thrown away, so nothing need be safe from a power failure. */
const FAST = ['--dpkgopt=force-unsafe-io', '--aptopt=Acquire::Languages "none"'];
/** What the lab's images do not need of Debian, nor of what is installed in them. */
const LEFT_OUT = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*'];
/**
 * Told to dpkg once the first packages are unpacked. Of a `--dpkgopt` mmdebstrap (1.3.5) makes a filter in Python that every file
 * of these packages goes through, for a third of all that it computes; with the same image in the end.
 */
const LEAVE_OUT = [
  ...LEFT_OUT.map((path) => `rm -rf "$1"${path}`),
  `printf "path-exclude=%s\\n" ${LEFT_OUT.map((path) => `"${path}"`).join(' ')} >"$1/etc/dpkg/dpkg.cfg.d/ringfence"`,
].join(' && ');

/**
 * The image that all others are built on: a local one; else pulled; else made from Debian's packages, which needs no image
 * registry at all.
 * @returns its reference. @throws {LabError} when it cannot be had in any of these ways
 */
export async function ensureBaseImage(docker: Dockerode, options: BaseImageOptions): Promise<string> {
  const { suite, signal, pullTimeoutMs = 20_000, seedTimeoutMs = 300_000 } = options;
  const given = options.ref ?? (process.env.RINGFENCE_BASE_IMAGE || undefined); // empty where a pipeline has no value for it
  const ref = given ?? `debian:${suite}-slim`;
  const seeded = given === undefined ? `ringfence/base:${suite}` : null;
  const here = async (): Promise<string | null> => {
    if (await imageExists(docker, ref)) return ref;
    return seeded !== null && (await imageExists(docker, seeded)) ? seeded : null;
  };
  const found = await here();
  if (found !== null) return found;
  const deadline = AbortSignal.timeout(pullTimeoutMs + seedTimeoutMs);
  const patience = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  // Made twice it would have two ids, and all that is built on it would be built twice.
  return oneAtATime(await nameOnEngine(docker, ref), patience, async () => {
    return (await here()) ?? (await pulledOrMade(docker, { ...options, ref, seeded, pullTimeoutMs, seedTimeoutMs }));
  });
}

/** @param options.seeded What it is called when it is made; null: the user named another, and it is not made. */
async function pulledOrMade(
  docker: Dockerode,
  options: Pick<BaseImageOptions, 'suite' | 'say' | 'signal'> & {
    readonly ref: string;
    readonly seeded: string | null;
    readonly pullTimeoutMs: number;
    readonly seedTimeoutMs: number;
  },
): Promise<string> {
  const { ref, seeded, suite, say, signal, pullTimeoutMs, seedTimeoutMs } = options;
  say(`base image: pulling ${ref}`);
  const refusal = await pull(docker, ref, pullTimeoutMs, signal);
  if (refusal === null) return ref;
  if (seeded === null) {
    throw new LabError(`The base image ${ref} is not on this engine and could not be pulled: ${refusal}`);
  }
  say(`base image: ${ref} could not be pulled (${refusal}); making ${seeded} from Debian's packages`);
  await seed(docker, { suite, tag: seeded, timeoutMs: seedTimeoutMs, signal });
  return seeded;
}

/** Of an image, among all engines that this machine knows. */
export async function nameOnEngine(docker: Dockerode, ref: string): Promise<string> {
  const { ID: engine } = (await docker.info()) as { readonly ID: string };
  return `${engine} ${ref}`;
}

export async function imageExists(docker: Dockerode, ref: string): Promise<boolean> {
  return docker
    .getImage(ref)
    .inspect()
    .then(
      () => true,
      (error: { statusCode?: number }) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
}

/**
 * An image that the user names: a local one, else pulled.
 * @throws {LabError}
 */
export async function ensurePulled(
  docker: Dockerode,
  ref: string,
  { say, signal, pullTimeoutMs = 120_000 }: Pick<BaseImageOptions, 'say' | 'signal' | 'pullTimeoutMs'>,
): Promise<void> {
  if (await imageExists(docker, ref)) return;
  say(`image: pulling ${ref}`);
  const refusal = await pull(docker, ref, pullTimeoutMs, signal);
  if (refusal === null) return;
  throw new LabError(`The image ${ref} is not on this engine and could not be pulled: ${refusal}`);
}

/** @returns null when the image is here now, else why not, in one line. */
async function pull(docker: Dockerode, ref: string, timeoutMs: number, signal?: AbortSignal): Promise<string | null> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const abortSignal = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    const stream = await docker.pull(ref, { abortSignal });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(stream, (error, events: { error?: string }[] = []) => {
        const failure = error?.message ?? events.find((event) => event.error !== undefined)?.error;
        if (failure === undefined) resolve();
        else reject(new Error(failure));
      });
    });
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    if (deadline.aborted) return `no image within ${timeoutMs} ms`;
    return (error as Error).message.split('\n', 1)[0] ?? 'refused';
  }
}

/** Debian's smallest system as an image. */
async function seed(
  docker: Dockerode,
  options: {
    readonly suite: Suite;
    readonly tag: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { suite, tag, timeoutMs, signal } = options;
  const program = await mmdebstrap(
    'The base image cannot be pulled (RINGFENCE_BASE_IMAGE names one that the engine has), and to make it there is',
  );
  const deadline = AbortSignal.timeout(timeoutMs);
  // What is published of the unreleased suite expires where a mirror stands still.
  const stale = suite === 'sid' ? ['--aptopt=Acquire::Check-Valid-Until "false"'] : [];
  const child = spawn(program, ['--variant=minbase', ...stale, ...FAST, `--extract-hook=${LEAVE_OUT}`, suite, '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000); // not asked to be quiet: then it keeps apt's reasons to itself
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  closed.catch(() => {}); // it may be told to end, or not start, while the engine still reads
  const [repo = tag, version = 'latest'] = tag.split(':');
  const failed = (why: string, cause?: unknown): LabError =>
    new LabError(
      `The base image ${tag} could not be made from Debian's packages: ${why}\n${said.trim().split('\n').slice(-LINES_SHOWN).join('\n')}\n` +
        'Fix what it says, or name another image with RINGFENCE_BASE_IMAGE.',
      { cause },
    );
  try {
    const imported = await docker.importImage(child.stdout, {
      repo,
      tag: version,
      changes: ['CMD ["bash"]', `LABEL ringfence.seeded=${suite}`],
    });
    for await (const piece of imported) if (`${piece}`.includes('"error"')) throw new Error(`${piece}`);
    const [code] = await closed;
    if (code !== 0) throw new Error(`mmdebstrap ended with ${code}`);
    // An engine accepts an empty archive, too.
    const { Size } = await docker.getImage(tag).inspect();
    if (Size === 0) throw new Error('mmdebstrap made nothing');
  } catch (error) {
    child.kill();
    await docker
      .getImage(tag)
      .remove()
      .catch(() => {});
    signal?.throwIfAborted();
    throw failed(deadline.aborted ? `not ready within ${timeoutMs} ms` : (error as Error).message, error);
  }
}
