import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../harness/errors.ts';
import { allocateAddresses, freePort } from '../harness/processes/addresses.ts';
import { type StartedProcess, startProcess } from '../harness/processes/process.ts';
import type { AppUsage } from './answering-app.ts';
import type { BenchReport } from './report.ts';

export interface DrachtioBenchOptions {
  /** @default 500 */
  readonly callsPerSecond?: number;
  /** For how long calls are started. @default 20 */
  readonly seconds?: number;
  /** Instead of keeping a pace: the same number of calls, as fast as so many at once allow. @default null */
  readonly atOnce?: number | null;
  /** The program under load, e.g. of another checkout. @default answering-app.ts beside this file */
  readonly app?: string;
}

const ANSWERING_APP = join(import.meta.dirname, 'answering-app.ts');
const READY_WITHIN_MS = 15_000;
const SCRIPT = join(import.meta.dirname, 'uac-hung-up-on.xml');
const ANY_RATE = 100_000; // more than anybody answers
const POLL_MS = 20;
const SETTLE_S = 30; // SIPp's own wait for the last calls
/** INVITE, ACK and the 200 to BYE come in; 100, 200 and BYE go out. Whatever is more was sent again. */
const DATAGRAMS_OUT_PER_CALL = 3;

/**
 * SIPp calls an embedded server whose application answers and hangs up. Target: no failed call.
 *
 * CPU and memory are those of the process that holds server and application; SIPp is not counted.
 *
 * @throws {LabError} when SIPp or the server cannot be started
 */
export async function benchDrachtio(options: DrachtioBenchOptions = {}): Promise<BenchReport> {
  const { callsPerSecond = 500, seconds = 20, atOnce = null, app: program = ANSWERING_APP } = options;
  const calls = callsPerSecond * seconds;
  await using resources = new AsyncDisposableStack();
  const { hosts } = resources.use(await allocateAddresses(['server', 'caller']));
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));

  const app = resources.use(
    await startProcess({
      command: process.execPath,
      args: [program, hosts.server],
      cwd: dir,
      logFile: join(dir, 'app.log'),
      killAfterMs: 10_000,
    }),
  );
  const { port } = await firstLine<{ port: number }>(app);
  const sipp = resources.use(
    await startProcess({
      command: 'sipp',
      args: await sippArgs({
        dir,
        caller: hosts.caller,
        target: `${hosts.server}:${port}`,
        callsPerSecond,
        calls,
        atOnce,
      }),
      cwd: dir,
      logFile: join(dir, 'sipp.log'),
      install: 'apt-get install sip-tester',
    }),
  );
  const exit = await sipp.exited;
  const seen = await sippStatistics(join(dir, 'stat.csv'), exit.logTail);
  const used = lastJson<AppUsage>((await app.stop()).logTail);

  return {
    bench: 'drachtio',
    conditions: {
      node: process.version,
      cpu: `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      ...(atOnce === null ? { callsPerSecond, seconds } : { atOnce }),
    },
    measured: {
      calls: seen.created,
      callsPerSecond: Math.round(seen.callsPerSecond),
      answered: seen.successful,
      failed: seen.failed,
      retransmittedByCaller: seen.retransmissions,
      retransmittedByServer: used.datagramsOut - DATAGRAMS_OUT_PER_CALL * seen.created,
      cpuSeconds: round(used.cpuSeconds),
      cpuMsPerCall: round((used.cpuSeconds * 1000) / calls),
      peakRssMb: Math.round(used.peakRssMb),
    },
    missed: [
      ...(seen.successful < calls || seen.failed > 0 ? [`${calls - seen.successful} of ${calls} calls failed`] : []),
      ...(exit.code === 0
        ? []
        : [`sipp ended with code ${exit.code}, signal ${exit.signal}: ${exit.logTail.slice(-300)}`]),
      ...used.errors.map((error) => `the application saw ${error}`),
    ],
  };
}

async function sippArgs(call: {
  dir: string;
  caller: string;
  target: string;
  callsPerSecond: number;
  calls: number;
  atOnce: number | null;
}): Promise<string[]> {
  const { dir, caller, target, callsPerSecond, calls, atOnce } = call;
  const port = await freePort(caller);
  const script = ['-sf', atOnce === null ? SCRIPT : await withoutWait(dir)];
  const addresses = ['-i', caller, '-p', String(port), '-ci', caller, '-mi', caller];
  const load = [
    '-r',
    String(atOnce === null ? callsPerSecond : ANY_RATE),
    '-l',
    String(atOnce ?? calls),
    '-m',
    String(calls),
  ];
  // SIPp's default receive buffer drops datagrams at a few hundred calls a second (measured, 3.6.1).
  const buffers = ['-buff_size', '2097152', '-nostdin'];
  const deadline = ['-timeout', `${Math.ceil(calls / callsPerSecond) + SETTLE_S}s`, '-timeout_error'];
  const statistics = ['-trace_stat', '-stf', join(dir, 'stat.csv'), '-fd', '1'];
  return [...script, ...addresses, ...load, ...buffers, ...deadline, ...statistics, target];
}

/** A call that waits for what may come too late would keep its place from the next one: it ends with its last message. */
async function withoutWait(dir: string): Promise<string> {
  const file = join(dir, 'uac.xml');
  const script = await readFile(SCRIPT, 'latin1');
  await writeFile(file, script.replace(/<timewait [^>]*\/>/, ''), 'latin1');
  return file;
}

interface SippStatistics {
  readonly created: number;
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Over the whole time. */
  readonly callsPerSecond: number;
}

/** Cumulative columns of the last row of a `-trace_stat` file. */
async function sippStatistics(file: string, log: string): Promise<SippStatistics> {
  const text = await readFile(file, 'latin1').catch((cause) => {
    throw new LabError(`sipp placed no call; it said: ${log}`, { cause });
  });
  const [header = '', ...rows] = text.trim().split('\n');
  const names = header.split(';');
  const values = rows.at(-1)?.split(';') ?? [];
  const column = (name: string): number => Number(values[names.indexOf(name)]);
  return {
    created: column('TotalCallCreated'),
    successful: column('SuccessfulCall(C)'),
    failed: column('FailedCall(C)'),
    retransmissions: column('Retransmissions(C)'),
    callsPerSecond: column('CallRate(C)'),
  };
}

async function firstLine<T>(program: StartedProcess): Promise<T> {
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; await delay(POLL_MS)) {
    const log = program.logTail();
    if (log.startsWith('{') && log.includes('\n')) return JSON.parse(log.slice(0, log.indexOf('\n'))) as T;
    if (!program.running) break;
  }
  throw new LabError(`The server under load was not ready within ${READY_WITHIN_MS} ms; it said: ${program.logTail()}`);
}

function lastJson<T>(log: string): T {
  const line = log.trim().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new LabError(`The server under load left no account of itself; it said: ${log}`);
  return JSON.parse(line) as T;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
