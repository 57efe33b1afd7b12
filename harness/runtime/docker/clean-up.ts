import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import { lives } from '../../processes/lives.ts';
import { inOwnSession } from '../../processes/own-session.ts';
import { statOf } from '../../processes/stat.ts';

/** On every container, network and volume of ours. */
const RUN = 'ringfence.run';
const OWNER = 'ringfence.owner';

const WATCHDOG = fileURLToPath(new URL('watchdog.ts', import.meta.url));
const SWEEPS = 5;
const SWEEP_AGAIN_MS = 200;

/**
 * Who owns what a run makes in the engine: this process. When it ends, in order or by `kill -9`, a watchdog removes what
 * carries the run's label; and what even the watchdog could not remove, a power cut's remains, the next run does.
 */
export class Owner implements AsyncDisposable {
  readonly labels: Readonly<Record<string, string>>;
  readonly #docker: Dockerode;
  readonly #run: string;
  readonly #watchdog: ChildProcess;

  private constructor(docker: Dockerode, run: string, watchdog: ChildProcess) {
    this.#docker = docker;
    this.#run = run;
    this.#watchdog = watchdog;
    this.labels = { [RUN]: run, [OWNER]: ownerText(process.pid) };
  }

  /** Starts the watchdog and removes what dead owners of this machine have left behind. */
  static async start(docker: Dockerode): Promise<Owner> {
    const run = randomUUID();
    // It holds the reading end of a pipe whose only writer we are: its end is our end, whatever ended us.
    const watchdog = inOwnSession(() =>
      spawn(process.execPath, [WATCHDOG, run], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] }),
    );
    watchdog.on('error', () => {}); // then only an orderly end, and the next run, clean up
    watchdog.stdin?.on('error', () => {}); // EPIPE of a watchdog that somebody killed
    watchdog.unref();
    (watchdog.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null)?.unref?.();
    const owner = new Owner(docker, run, watchdog);
    await sweepAbandoned(docker);
    return owner;
  }

  /** Removes everything of the run. Idempotent. */
  async sweep(): Promise<void> {
    await sweepRun(this.#docker, this.#run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sweep();
    this.#watchdog.stdin?.end();
  }
}

/**
 * Removes all containers, networks and volumes of a run, again until there is nothing left: a start may have been under way, and
 * an engine that is busy with a container at times fails to remove it ("directory not empty"). Nothing else is touched.
 *
 * @throws what the engine answered, when it did so each time
 */
export async function sweepRun(docker: Dockerode, run: string): Promise<void> {
  let trouble: Error | null = null;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const swept = await removeLabelled(docker, `${RUN}=${run}`);
    trouble = swept.trouble;
    if (swept.found === 0 && sweep > 0) return;
    await new Promise((resolve) => setTimeout(resolve, swept.found === 0 ? 0 : SWEEP_AGAIN_MS));
  }
  if (trouble !== null) throw trouble;
}

/**
 * Removes what carries our labels and whose owner, a process of this machine, lives no more. What the engine cannot remove keeps
 * nobody from a run of their own: the next one tries again.
 */
export async function sweepAbandoned(docker: Dockerode): Promise<void> {
  const filters = { label: [OWNER] };
  const [containers, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
  ]);
  const owned = [...containers, ...networks].map(({ Labels = {} }) => Labels);
  const dead = owned.filter((labels) => isDead(labels[OWNER] ?? '')).map((labels) => labels[RUN]);
  for (const run of new Set(dead)) if (run !== undefined) await removeLabelled(docker, `${RUN}=${run}`);
}

/** `trouble`: of one that could not be removed; all others are. */
async function removeLabelled(
  docker: Dockerode,
  label: string,
): Promise<{ readonly found: number; readonly trouble: Error | null }> {
  const filters = { label: [label] };
  const containers = await docker.listContainers({ all: true, filters });
  const troubles = await Promise.all(
    containers.map(({ Id }) => troubleOf(docker.getContainer(Id).remove({ force: true, v: true }))),
  );
  const networks = await docker.listNetworks({ filters });
  troubles.push(...(await Promise.all(networks.map(({ Id }) => troubleOf(docker.getNetwork(Id).remove())))));
  return { found: containers.length + networks.length, trouble: troubles.find((each) => each !== null) ?? null };
}

/** 404: gone; 409: somebody is removing it; 403: a network that still has a container, which the next sweep finds gone. */
async function troubleOf(removal: Promise<unknown>): Promise<Error | null> {
  return removal.then(
    () => null,
    (error: Error & { readonly statusCode?: number }) =>
      [403, 404, 409].includes(error.statusCode ?? 0) ? null : error,
  );
}

/** `host pid start`: a process id alone may belong to another process by now. */
function ownerText(pid: number): string {
  return `${hostname()} ${pid} ${statOf(pid)?.startTicks ?? 'unknown'}`;
}

function isDead(owner: string): boolean {
  const [host, pid, start] = owner.split(' ');
  if (host !== hostname()) return false; // somebody else's machine, who knows
  if (start === 'unknown') return !lives(Number(pid));
  return statOf(Number(pid))?.startTicks !== start;
}
