import { createSocket, type Socket } from 'node:dgram';
import { readFileSync, watch, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../errors.ts';
import { withMaxForwards } from '../../model/header-lines.ts';
import type { SipAddress } from '../../model/server.ts';
import { TONE } from '../../model/tone.ts';
import { nowEpochMs } from '../../now.ts';
import { type ProcessExit, startProcess } from '../../processes/process.ts';
import type { CallerMessage, CallerRecord, CallerTask, CallsUnderWay, PlannedCall } from '../caller.ts';
import { callScript, SPEECH_FILE } from './call-script.ts';
import { thrownCalls } from './sipp-errors.ts';
import { readSippTrace } from './sipp-trace.ts';

/** A SIPp process, wherever it runs. */
export interface SippProcess {
  /** Settles when it has ended and what it wrote is in the run's directory; never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** How far the clock of its machine is ahead of ours. @default as far as this machine's wall clock is */
  readonly clockAheadMs?: number;
  /** Idempotent. */
  stop(): Promise<unknown>;
}

/** Starts SIPp in `dir`, which holds its script and injection files. @throws {LabError} when there is no SIPp. */
export type SippLauncher = (run: { readonly args: readonly string[]; readonly dir: string }) => Promise<SippProcess>;

export interface SippRunOptions extends CallerTask {
  readonly launch: SippLauncher;
  readonly local: SipAddress;
  /** Where SIPp takes orders over UDP, see {@link SippRun.setRate}; null: nowhere. */
  readonly control: SipAddress | null;
}

/** Its injection file. */
const CALLS = 'calls.csv';
const READING_MS = 5;
/** Between two readings of one clock, in two processes. */
const SAME_CLOCK_MS = 50;
const FINISHED = new Set([0, 1]); // 1: at least one call did not follow the script (3.6.1); the trace says which
const RECEIVE_BUFFER_BYTES = 2_097_152; // SIPp's default loses datagrams at a few hundred calls per second (measured)

/**
 * One SIPp process that places many calls. Its exit status is a hint, never evidence: 3.6.1 exits 0 after SIGTERM in
 * mid-call, and 1 for an unreadable script as well as for a failed call. What counts is the trace of messages.
 */
export class SippRun implements CallsUnderWay, AsyncDisposable {
  /** Settles when SIPp has ended and its trace is read; never rejects. */
  readonly result: Promise<CallerRecord>;
  readonly #process: SippProcess;
  readonly #options: SippRunOptions;
  readonly #socket: Socket | null;
  #overdue = false;
  /** By us. */
  #endedEarly = false;
  /** It takes no orders any more. */
  #stopped = false;
  #deadline: NodeJS.Timeout | undefined;
  #rate: number;
  /** Calls that should not have begun yet. */
  #remaining: number;
  #sinceMs = performance.now();

  private constructor(process: SippProcess, begun: Clocks, options: SippRunOptions) {
    this.#process = process;
    this.#options = options;
    this.#rate = options.rate;
    this.#remaining = options.calls.length;
    this.#socket = options.control === null ? null : createSocket('udp4').unref();
    this.#socket?.on('error', () => {}); // SIPp may have ended: then there is nothing to set
    this.result = this.#watch(begun, options);
  }

  /** @throws {LabError} when SIPp is not installed. */
  static async start(options: SippRunOptions): Promise<SippRun> {
    await mkdir(options.dir, { recursive: true });
    await writeCallFiles(options);
    const begun = readClocks();
    const hide = answersChallenge(options.calls) ? passwordsIn(options.dir) : null;
    const sipp = await options.launch({ args: sippArgs(options), dir: options.dir });
    void sipp.exited.then(hide);
    return new SippRun(sipp, begun, options);
  }

  /** Calls begun per second from now on. SIPp takes whole numbers. Without a control address nothing changes. */
  setRate(perSecond: number): void {
    const rate = Math.max(1, Math.round(perSecond));
    const { control } = this.#options;
    if (control === null || rate === this.#rate || this.#stopped) return;
    this.#remaining = Math.max(0, this.#remaining - this.#begunSince());
    this.#sinceMs = performance.now();
    this.#rate = rate;
    this.#socket?.send(`cset rate ${rate}\n`, control.port, control.host, () => {});
    this.#arm();
  }

  /** Calls that should not have begun yet, by its rate; 0 when it has ended. */
  get left(): number {
    return this.#stopped ? 0 : Math.max(0, this.#remaining - this.#begunSince());
  }

  #begunSince(): number {
    return ((performance.now() - this.#sinceMs) / 1000) * this.#rate;
  }

  /** From now to the end of the last call, at this rate. */
  #arm(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => {
        this.#overdue = true;
        void this.#process.stop();
      },
      (this.#remaining / this.#rate) * 1000 + this.#options.lastCallMs,
    );
  }

  /** Ends SIPp; the messages so far are kept. Idempotent. */
  async stop(): Promise<void> {
    this.#endedEarly ||= !this.#stopped;
    this.#stopped = true;
    await this.#process.stop();
    await this.result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(begun: Clocks, { dir }: SippRunOptions): Promise<CallerRecord> {
    this.#arm();
    const { exited, clockAheadMs } = this.#process;
    const exit = await exited;
    this.#stopped = true;
    clearTimeout(this.#deadline);
    this.#socket?.close();
    const log = await readFile(join(dir, 'messages.log')).catch((error: NodeJS.ErrnoException) => error);
    if (log instanceof Error) {
      if (this.#endedEarly) {
        return {
          messages: [],
          trouble: 'the run was ended before SIPp had placed a call',
          died: false,
          clockTrouble: null,
        };
      }
      const why = log.code === 'ENOENT' ? lastLines(exit.logTail) : log.message;
      const trouble = `SIPp placed no call (${ending(exit)}): ${why}`;
      return { messages: [], trouble, died: this.#died(exit), clockTrouble: null };
    }
    const ended = readClocks();
    const aheadMs = clockAheadMs ?? begun.wallAheadMs;
    const messages = readSippTrace(log).map((each) => ({ ...each, atEpochMs: each.atEpochMs - aheadMs }));
    const errors = await readFile(join(dir, 'errors.log'), 'latin1').catch(() => ''); // absent where all went well
    return {
      messages,
      trouble: this.#trouble(exit),
      died: this.#died(exit),
      clockTrouble: clockTrouble(messages, begun, ended),
      thrown: thrownCalls(errors).map((each) => ({ ...each, atEpochMs: each.atEpochMs - aheadMs })),
    };
  }

  #died(exit: ProcessExit): boolean {
    return !this.#overdue && !this.#endedEarly && !(exit.code !== null && FINISHED.has(exit.code));
  }

  #trouble(exit: ProcessExit): string | null {
    if (this.#overdue) return `SIPp did not finish its calls within ${this.#options.lastCallMs} ms of the last one`;
    if (this.#endedEarly) return 'the run was ended before SIPp had finished its calls';
    if (exit.code !== null && FINISHED.has(exit.code)) return null;
    return `SIPp ended with ${ending(exit)}: ${lastLines(exit.logTail)}`;
  }
}

interface Clocks {
  readonly epochMs: number;
  /** How far this machine's wall clock is ahead of the one that everything of ours is stamped by. */
  readonly wallAheadMs: number;
}

function readClocks(): Clocks {
  const epochMs = nowEpochMs();
  const wallAheadMs = Date.now() - epochMs;
  // Both are read in whole milliseconds at best.
  return { epochMs, wallAheadMs: Math.abs(wallAheadMs) < READING_MS ? 0 : wallAheadMs };
}

/** What a process stamped, it stamped between its start and its end. */
function clockTrouble(messages: readonly CallerMessage[], begun: Clocks, ended: Clocks): string | null {
  const setBy = ended.wallAheadMs - begun.wallAheadMs;
  if (Math.abs(setBy) > SAME_CLOCK_MS)
    return `this machine's clock was set by ${Math.round(setBy)} ms during the calls`;
  const first = messages[0]?.atEpochMs ?? begun.epochMs;
  const last = messages.at(-1)?.atEpochMs ?? ended.epochMs;
  const byMs = Math.round(Math.max(begun.epochMs - first, last - ended.epochMs));
  if (byMs <= SAME_CLOCK_MS) return null;
  const how = first < begun.epochMs ? 'began before it was started' : 'went on after it had ended';
  return `SIPp's clock and ours do not agree: by its own stamps it ${how}, by ${byMs} ms`;
}

/** What SIPp needs from its environment: the trace's times have no zone. */
export const SIPP_ENVIRONMENT = { TZ: 'UTC', TERM: 'dumb' } as const;

/** SIPp as a child process of this one. */
export function sippProgram(bin: string): SippLauncher {
  return ({ args, dir }) =>
    startProcess({
      command: bin,
      args,
      cwd: dir,
      env: { ...process.env, ...SIPP_ENVIRONMENT },
      logFile: join(dir, 'sipp.log'),
      install: 'apt-get install sip-tester',
    });
}

/** Script, injection file and one file per set of header lines, all in the run's directory. */
async function writeCallFiles({ dir, plan, calls }: SippRunOptions): Promise<void> {
  const fileOf = new Map<string, string>();
  const rows = calls.map((call) => {
    // Never empty: an empty line would end the header section.
    const lines = withMaxForwards(call.headers).join('\r\n');
    const file = fileOf.get(lines) ?? `headers-${fileOf.size}.txt`;
    fileOf.set(lines, file);
    return [call.callee, call.domain, file, ...authentication(call)].join(';');
  });
  await Promise.all([
    plan.speaks === true && writeFile(join(dir, SPEECH_FILE), Buffer.concat(Array.from({ length: 50 }, () => TONE))),
    writeFile(join(dir, 'caller.xml'), callScript(plan, { answersChallenge: answersChallenge(calls) })),
    writeFile(join(dir, CALLS), `SEQUENTIAL\n${rows.join('\n')}\n`, { mode: 0o600 }),
    ...[...fileOf].map(([lines, file]) => writeFile(join(dir, file), lines, 'latin1')),
  ]);
}

function answersChallenge(calls: readonly PlannedCall[]): boolean {
  return calls.some(({ credentials }) => credentials !== undefined);
}

/**
 * What was run is kept, but for the passwords: SIPp has read all of its injection file when it begins its record.
 *
 * @returns takes them out at once
 */
function passwordsIn(dir: string): () => void {
  const file = join(dir, CALLS);
  const hide = (): void => {
    watcher.close();
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/ password=[^\]]*/g, ' password=(not kept)'));
  };
  const watcher = watch(dir, (_event, name) => {
    if (name === 'messages.log') hide();
  });
  return hide;
}

/** @throws {LabError} for what an injection file or a keyword of SIPp cannot hold */
function authentication({ credentials }: PlannedCall): string[] {
  if (credentials === undefined) return [];
  const { username, password } = credentials;
  if ([username, password].every((each) => /^[^\s;[\]"'\\]+$/.test(each))) {
    return [`[authentication username=${username} password=${password}]`];
  }
  throw new LabError(
    `SIPp cannot answer a challenge as ${JSON.stringify(username)}: neither name nor password may be empty, or have blanks, quotes, brackets, ; or \\ in it`,
  );
}

function sippArgs({ local, remote, control, transport, plan, calls, rate, concurrency }: SippRunOptions): string[] {
  return [
    [`${remote.host}:${remote.port}`],
    ['-sf', 'caller.xml', '-inf', CALLS],
    ['-i', local.host, '-p', String(local.port), '-ci', local.host, '-mi', local.host],
    control === null ? [] : ['-cp', String(control.port)],
    ['-t', transport === 'udp' ? 'u1' : 't1'],
    ['-m', String(calls.length), '-l', String(concurrency)],
    ['-r', String(rate), '-rp', '1000'],
    ['-cid_str', `${plan.token}-${plan.caller}-%u@%s`],
    ['-buff_size', String(RECEIVE_BUFFER_BYTES)],
    // OPTIONS, UPDATE, INFO and NOTIFY that a server sends inside a call are answered, and do not end it.
    ['-aa'],
    ['-nostdin', '-trace_msg', '-message_file', 'messages.log', '-trace_err', '-error_file', 'errors.log'],
  ].flat();
}

function ending(exit: ProcessExit): string {
  return exit.signal === null ? `exit status ${exit.code}` : `signal ${exit.signal}`;
}

function lastLines(log: string): string {
  return log.trim().split('\n').slice(-3).join(' ').trim() || 'it said nothing';
}
