import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { type StartedProcess, startProcess } from '../../harness/processes/process.ts';
import { childrenRunning, groupMembers, isRunning, untilGone, WAIT_MS } from './processes.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const WATCHDOG = fileURLToPath(new URL('../../harness/processes/watchdog.sh', import.meta.url));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-process-'));
});
afterAll(() => rm(dir, { recursive: true }));

let logs = 0;
async function shell(script: string, options: { killAfterMs?: number } = {}): Promise<StartedProcess> {
  logs += 1;
  return startProcess({ command: 'sh', args: ['-c', script], cwd: dir, logFile: join(dir, `${logs}.log`), ...options });
}

async function stubborn(): Promise<StartedProcess> {
  const started = await startProcess({
    command: 'sh',
    args: [fixture('stubborn.sh')],
    cwd: dir,
    logFile: join(dir, `stubborn-${logs++}.log`),
    killAfterMs: 100,
  });
  await vi.waitFor(() => expect(started.logTail()).toMatch(/child \d+/), WAIT_MS);
  return started;
}

describe('startProcess', () => {
  it('reports exit code and the end of the log, standard error included', async () => {
    const { exited } = await shell('echo to stdout; echo to stderr >&2; exit 3');
    expect(await exited).toEqual({ code: 3, signal: null, logTail: 'to stdout\nto stderr\n' });
  });

  it('keeps only the last lines of a long log, whole ones', async () => {
    const { exited } = await shell('i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done');
    const { logTail } = await exited;
    expect(logTail.length).toBeLessThanOrEqual(4_000);
    expect(logTail).toMatch(/^line \d+\n/);
    expect(logTail).toMatch(/line 1999\n$/);
  });

  it('shows no control character of the log but line feed and tab', async () => {
    const { exited } = await shell(String.raw`printf 'a\033[2J\tb\r\0\302\233c\n'`);
    expect((await exited).logTail).toBe('a\u{FFFD}[2J\tb\u{FFFD}\u{FFFD}\u{FFFD}c\n');
  });

  it('names the program and what to install when it is missing', async () => {
    const options = { command: 'no-such-program', args: [], cwd: dir, logFile: join(dir, 'missing.log') };
    await expect(startProcess({ ...options, install: 'apt-get install it' })).rejects.toThrow(LabError);
    await expect(startProcess({ ...options, install: 'apt-get install it' })).rejects.toThrow(
      'Cannot start no-such-program: it is not installed. Try: apt-get install it',
    );
  });

  it('says so when the working directory is missing, not the program', async () => {
    const started = startProcess({ command: 'sh', args: [], cwd: join(dir, 'nowhere'), logFile: join(dir, 'x.log') });
    await expect(started).rejects.toThrow(/Cannot start sh: its working directory .*nowhere does not exist/);
  });
});

describe('stop', () => {
  it('ends a program with SIGTERM, twice is once', async () => {
    const started = await shell('exec sleep 60');
    const [first, second] = await Promise.all([started.stop(), started.stop()]);
    expect(first).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(second).toBe(first);
    expect(await started.stop()).toBe(first);
  });

  it('kills a program that ignores SIGTERM, and its children', async () => {
    const started = await stubborn();
    const members = groupMembers(started.pid);
    expect(members.length).toBeGreaterThanOrEqual(2);
    expect(await started.stop()).toMatchObject({ signal: 'SIGKILL' });
    await untilGone(members);
  });

  it('leaves nothing of the group when the program ends before its children', async () => {
    const started = await shell('sleep 60 & sleep 60 & echo started');
    await started.exited;
    await vi.waitFor(() => expect(groupMembers(started.pid)).toEqual([]), WAIT_MS);
  });

  it('is what disposal does', async () => {
    let pid = 0;
    {
      await using started = await shell('exec sleep 60');
      pid = started.pid;
      expect(isRunning(pid)).toBe(true);
    }
    expect(isRunning(pid)).toBe(false);
  });
});

describe('the process that starts programs', () => {
  it('takes them with it, which is told; the next one is started by another', async () => {
    const started = await stubborn();
    const members = groupMembers(started.pid);
    process.kill(onlyChild(process.pid, 'starter-child.ts'), 'SIGKILL');
    expect(await started.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(started.running).toBe(false);
    await untilGone(members);
    expect(await (await shell('exit 4')).exited).toMatchObject({ code: 4, signal: null });
  });

  it('keeps nobody from his end, and is waited for: what a program took is counted with what its owner did', async () => {
    const owner = ['-c', '"$0" "$@"; echo "ended with $?"; times', process.execPath, fixture('computes.ts'), dir];
    const { stdout } = await promisify(execFile)('sh', owner);
    expect(stdout).toContain('ended with 5\n');
    // What Node.js takes to start is a part of what the program computes.
    const [program = 0] = userSeconds(await readFile(join(dir, 'computes.log'), 'utf8'));
    const [, ownerAndProgram] = userSeconds(stdout);
    expect(program).toBeGreaterThan(0);
    expect(ownerAndProgram).toBeGreaterThan(program);
  });

  it('says so when there can be no log', async () => {
    const options = { command: 'sh', args: [], cwd: dir, logFile: join(dir, 'no', 'such.log') };
    await expect(startProcess(options)).rejects.toMatchObject({ code: 'ENOENT', message: /such\.log/ });
  });
});

describe('kill -9 of the owner', () => {
  it('leaves no process', async () => {
    const { owner, members } = await abandoning();
    owner.kill('SIGKILL');
    await untilGone(members);
  });

  it('leaves none either when somebody had killed the watchdog before', async () => {
    const { owner, starter, members } = await abandoning();
    const watchdog = onlyChild(starter, 'watchdog.sh');
    process.kill(watchdog, 'SIGKILL');
    await vi.waitFor(() => expect(onlyChild(starter, 'watchdog.sh')).not.toBe(watchdog), WAIT_MS);
    owner.kill('SIGKILL');
    await untilGone(members);
  });
});

describe('the watchdog', () => {
  it('spares a group that was taken off its list', async () => {
    const [listed, delisted] = ['sleep', 'sleep'].map((command) =>
      spawn(command, ['60'], { detached: true, stdio: 'ignore' }),
    );
    const [doomed, spared] = [listed?.pid as number, delisted?.pid as number];
    const watchdog = spawn('sh', [WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    watchdog.stdin?.end(`+ ${spared}\n+ ${doomed}\n- ${spared}\n- 999999\n`);
    await once(watchdog, 'exit');
    await untilGone([doomed]);
    expect(isRunning(spared)).toBe(true);
    process.kill(spared, 'SIGKILL');
  });

  it('gives a group time to end by itself', async () => {
    const log = join(dir, 'farewell');
    const script = `trap 'sleep 0.3; echo farewell >> ${log}; exit 0' TERM; echo up >> ${log}; while :; do sleep 0.1; done`;
    const polite = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
    await vi.waitFor(async () => expect(await readFile(log, 'utf8')).toBe('up\n'), WAIT_MS);
    const watchdog = spawn('sh', [WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    watchdog.stdin?.end(`+ ${polite.pid}\n`);
    await once(polite, 'exit');
    expect(await readFile(log, 'utf8')).toBe('up\nfarewell\n');
  });
});

/** What `times` of sh prints: its own, then that of those that it has waited for. */
function userSeconds(printed: string): number[] {
  return Array.from(
    printed.matchAll(/^(\d+)m([\d.]+)s /gm),
    ([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds),
  );
}

/** @throws when there is none, or several: a signal to process 0 would be one to our own group */
function onlyChild(parent: number, program: string): number {
  const [child, ...others] = childrenRunning(parent, program);
  if (child === undefined || others.length > 0) throw new Error(`${others.length} children more than one: ${program}`);
  return child;
}

async function abandoning() {
  const cwd = await mkdtemp(join(dir, 'abandoned-'));
  const owner = spawn(process.execPath, [fixture('abandons-children.ts'), cwd], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(owner.stdout), 'line');
  const { leaders } = JSON.parse(line) as { leaders: number[] };
  for (const name of ['one', 'two']) {
    await vi.waitFor(
      async () => expect(await readFile(join(cwd, `${name}.log`), 'utf8')).toMatch(/child \d+/),
      WAIT_MS,
    );
  }
  const members = leaders.flatMap(groupMembers);
  expect(members.length).toBeGreaterThanOrEqual(4);
  return { owner, starter: onlyChild(owner.pid as number, 'starter-child.ts'), members };
}
