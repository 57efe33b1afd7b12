import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SIPP_ENVIRONMENT, type SippLauncher } from '../../callers/sipp/sipp-run.ts';
import { READY_WITHIN_MS } from '../../processes/ready.ts';
import { PROGRAMS } from '../../setup/programs.ts';
import type { ContainerExec, LabContainer } from './lab-container.ts';
import type { Pod } from './pod.ts';
import { runs } from './started.ts';

/** A volume of the image: what was written there can be fetched even when the container has died. */
const WORK_DIR = '/work';
/** The image's user. */
const USER_ID = 10_001;

export interface SippContainer {
  readonly container: LabContainer;
  readonly launch: SippLauncher;
  readonly version: string;
}

/**
 * A container that does nothing by itself; each SIPp is a program executed in it. As the first process of a container of
 * its own, each would have process id 1 and count the same Call-IDs.
 * @throws {LabError}
 */
export async function startSippContainer(options: {
  readonly pod: Pod;
  readonly image: string;
  /** See `SippProcess.clockAheadMs`. */
  readonly clockAheadMs: () => number;
}): Promise<SippContainer> {
  const container = await options.pod.start({
    name: 'SIPp',
    image: options.image,
    writable: ['/tmp'],
    ready: runs(),
    startTimeoutMs: READY_WITHIN_MS,
  });
  const { output } = await container.exec(['sipp', '-v']);
  const version = PROGRAMS.sipp.version.exec(await text(output))?.[1] ?? 'unknown';
  return { container, version, launch: launcher(container, options.clockAheadMs) };
}

function launcher(container: LabContainer, clockAheadMs: () => number): SippLauncher {
  return async ({ args, dir }) => {
    const name = basename(dir);
    const inside = `${WORK_DIR}/${name}`;
    const program = ['sh', '-c', 'echo $$ >sipp.pid; exec sipp "$@" >sipp.log 2>&1', 'sipp', ...args];
    const run = await begin(container, dir, { name, program }).catch((error: Error) => error);
    if (run instanceof Error) {
      // It was alive when the lab came up, so this happened in mid-run: those calls were not placed, others were.
      const exited = Promise.resolve({ code: null, signal: 'SIGKILL' as const, logTail: run.message });
      return { exited, stop: () => exited };
    }
    const exited = run.exited.then(async (code) => {
      const story = await fetched(container, inside, dir);
      return { code, signal: code === null ? ('SIGKILL' as const) : null, logTail: story };
    });
    let stopping: Promise<unknown> | undefined;
    const stop = (): Promise<unknown> => {
      stopping ??= killed(container, inside).then(() => exited);
      return stopping;
    };
    return { exited, stop, clockAheadMs: clockAheadMs() };
  };
}

async function begin(
  container: LabContainer,
  dir: string,
  { name, program }: { readonly name: string; readonly program: readonly string[] },
): Promise<ContainerExec> {
  await container.copyIn(dir, { volume: WORK_DIR, name, owner: USER_ID });
  const run = await container.exec(program, { workingDir: `${WORK_DIR}/${name}`, env: SIPP_ENVIRONMENT });
  run.output.resume();
  return run;
}

/** @returns what SIPp printed, or why nothing could be fetched: then there is no trace, which says so itself. */
async function fetched(container: LabContainer, inside: string, dir: string): Promise<string> {
  try {
    await mkdir(dir, { recursive: true });
    await container.copyOut(inside, dir);
    return '';
  } catch (error) {
    const story = `its files could not be fetched: ${(error as Error).message}\n`;
    await writeFile(join(dir, 'sipp.log'), story);
    return story;
  }
}

/** A program executed in a container cannot be signalled from outside, so another one does it there. */
const KILL = `pid=$(cat sipp.pid); kill -TERM "$pid"; tenths=0
while kill -s 0 "$pid" && [ "$tenths" -lt 20 ]; do sleep 0.1; tenths=$((tenths + 1)); done
kill -KILL "$pid"`;

async function killed(container: LabContainer, inside: string): Promise<void> {
  const kill = await container.exec(['sh', '-c', KILL], { workingDir: inside }).catch(() => null);
  if (kill !== null) await text(kill.output); // else the container has ended, and SIPp with it
}
