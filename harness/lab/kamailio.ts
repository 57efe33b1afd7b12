import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LabError } from '../errors.ts';
import type { SipAddress, StartedServer, Subscriber } from '../model/server.ts';
import { freePort } from './addresses.ts';
import { provisionKamailio } from './kamailio-provisioning.ts';
import { type StartedProcess, startProcess } from './process.ts';
import { waitForHttp, waitForSip } from './ready.ts';

const CONFIG = fileURLToPath(new URL('../../containers/kamailio/kamailio.cfg', import.meta.url));
const INSTALL = 'apt-get install kamailio';

export interface KamailioOptions {
  /** Existing directory; log and everything else that Kamailio writes go here and nowhere else. */
  readonly workDir: string;
  /** Loopback address that nobody else uses. */
  readonly host: string;
  /** Where voice mail listens, UDP. */
  readonly voicemail: SipAddress;
  /** [MS-SIPRE] 3.9.2: how long a forward target or voice mail may ring. @default 60_000 */
  readonly callForwardingTimerMs?: number;
  /** Milliseconds from start until SIP over UDP and HTTP are answered. @default 5_000 */
  readonly readyTimeoutMs?: number;
  /** Shared memory in MiB: about 15 KiB per ringing leg. @default 128 */
  readonly sharedMemoryMiB?: number;
  /** Program. @default RINGFENCE_KAMAILIO in the environment, else `kamailio` on PATH or in /usr/sbin */
  readonly bin?: string;
  /** Where its modules are (`-L`). @default RINGFENCE_KAMAILIO_MODULES in the environment, else the program's own choice */
  readonly modulesDir?: string;
  /** Changes the text of the configuration, to try a server that behaves otherwise. @default none */
  readonly editConfig?: (config: string) => string;
}

export interface StartedKamailio extends StartedServer {
  readonly pid: number;
  readonly logFile: string;
  /** HTTP, provisioning. */
  readonly provisioning: SipAddress;
  /** What a reader of the results should know, e.g. that nobody tested this version. */
  readonly warnings: readonly string[];
}

/**
 * Starts Kamailio with the lab's configuration and waits until it answers.
 * @throws {LabError} if it is not installed, ends early (with the end of its log), or is not ready in time.
 */
export async function startKamailio(options: KamailioOptions): Promise<StartedKamailio> {
  const { workDir, host, readyTimeoutMs = 5_000, bin = findKamailio() } = options;
  const [version, sipPort] = await Promise.all([kamailioVersion(bin), freePort(host, 5060)]);
  const sip = { host, port: sipPort };
  const provisioning = { host, port: await freePort(host) };
  const logFile = join(workDir, 'kamailio.log');
  // A copy of its own: the report keeps what was run, and Kamailio needs to read nothing but this directory.
  const config = await readFile(CONFIG, 'utf8');
  await writeFile(join(workDir, 'kamailio.cfg'), options.editConfig?.(config) ?? config);
  const child = await startProcess({
    command: bin,
    args: kamailioArgs({
      ...options,
      config: join(workDir, 'kamailio.cfg'),
      sip,
      provisioning,
      modulesDir: options.modulesDir ?? process.env.RINGFENCE_KAMAILIO_MODULES,
    }),
    cwd: workDir,
    logFile,
    killAfterMs: 1_000, // it has nothing to save; under load its shutdown was once seen to hang
    install: INSTALL,
  });
  try {
    const waiting = { timeoutMs: readyTimeoutMs, gone: endOf(child) };
    // UDP workers answer some milliseconds before TCP is open, on 6.0 more often than on 5.6.
    await Promise.all([waitForSip(sip, waiting), waitForHttp(provisioning, waiting)]);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    id: 'kamailio',
    name: 'Kamailio',
    version,
    sip,
    provisioning,
    logFile,
    pid: child.pid,
    warnings: versionWarnings(version),
    exited: endOf(child),
    provision: (subscribers: readonly Subscriber[]) => provisionKamailio(provisioning, subscribers),
    stop: async () => void (await child.stop()),
    [Symbol.asyncDispose]: async () => void (await child.stop()),
  };
}

export interface KamailioArguments {
  /** Path of the configuration. */
  readonly config: string;
  /** Where everything that Kamailio writes goes. */
  readonly workDir: string;
  readonly sip: SipAddress;
  /** HTTP. */
  readonly provisioning: SipAddress;
  readonly voicemail: SipAddress;
  /** @default 60_000 */
  readonly callForwardingTimerMs?: number;
  /** Of what is reserved, the kernel hands out what is used. @default 512 */
  readonly sharedMemoryMiB?: number;
  readonly modulesDir?: string | undefined;
}

/** The command line of a Kamailio of the lab, wherever it runs. */
export function kamailioArgs(options: KamailioArguments): string[] {
  const { config, workDir, sip, provisioning, voicemail, modulesDir } = options;
  const { callForwardingTimerMs = 60_000, sharedMemoryMiB = 512 } = options;
  return [
    ['-DD', '-E', '-f', config, '-w', workDir, '-Y', workDir],
    // A transaction takes some 15 kB, and stays 5 s after its end: 128 MiB were full at 700 calls per second (measured).
    ['-m', String(sharedMemoryMiB), '-M', '16', '-b', '8388608'],
    modulesDir === undefined ? [] : ['-L', modulesDir],
    ['-l', `udp:${sip.host}:${sip.port}`, '-l', `tcp:${sip.host}:${sip.port}`],
    ['-l', `tcp:${provisioning.host}:${provisioning.port}`, '-A', 'LISTEN_GIVEN'],
    ['-A', `VOICEMAIL="sip:${voicemail.host}:${voicemail.port}"`],
    ['-A', `PROVISIONING_PORT=${provisioning.port}`],
    ['-A', `CALL_FORWARDING_TIMER_MS="${callForwardingTimerMs}"`],
  ].flat();
}

async function endOf(child: StartedProcess): Promise<string> {
  const { code, signal, logTail } = await child.exited;
  return `kamailio ended with ${signal ?? `exit status ${code}`}; its log ends:\n${logTail}`;
}

/** An ordinary user's PATH lacks /usr/sbin, where Debian puts it. */
function findKamailio(): string {
  const given = process.env.RINGFENCE_KAMAILIO;
  if (given !== undefined && given !== '') return given;
  const onPath = (process.env.PATH ?? '').split(':').map((dir) => join(dir, 'kamailio'));
  return [...onPath, '/usr/sbin/kamailio', '/usr/local/sbin/kamailio'].find((file) => existsSync(file)) ?? 'kamailio';
}

/** E.g. `5.6.3`. @throws {LabError} if the program cannot be run. */
async function kamailioVersion(bin: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(bin, ['-v'], { timeout: 5_000 });
    return /kamailio\s+(\d[\w.~-]*)/.exec(stdout)?.[1] ?? 'unknown';
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const seen = missing ? 'it is not installed' : (cause as Error).message;
    throw new LabError(`Cannot ask ${bin} for its version: ${seen}. Try: ${INSTALL}`, { cause });
  }
}

function versionWarnings(version: string): string[] {
  if (/^(5\.6|6)\./.test(version)) return [];
  return [`Kamailio ${version} has not been tested with this configuration; 5.6.x and 6.x have.`];
}
