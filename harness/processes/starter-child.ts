/** The process that starts programs, each as the leader of a group of its own. Ends with its parent, and they with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { News, Order, ProgramToStart, SystemError } from './starter-messages.ts';
import { unwatchGroup, watchGroup } from './watchdog.ts';

const running = new Map<number, ChildProcess>();

process.once('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  if ('start' in order) start(order.program, order.start);
  else if ('write' in order) running.get(order.program)?.stdin?.write(order.write);
  else end(running.get(order.program), order.end);
});

function start(program: number, { command, args, cwd, env, logFile, input }: ProgramToStart): void {
  const failed = (error: unknown, at: SystemError['at']): void => {
    const { code, message } = error as NodeJS.ErrnoException;
    tell({ program, failed: { code, message, at } });
  };
  let log: number;
  try {
    log = openSync(logFile, 'a');
  } catch (error) {
    failed(error, 'log');
    return;
  }
  try {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: [input ? 'pipe' : 'ignore', log, log] });
    // A program that ended does not read any more: that it ended is told otherwise.
    child.stdin?.on('error', () => {});
    const { pid } = child;
    if (pid === undefined) {
      child.once('error', (error) => failed(error, 'program'));
      return;
    }
    // Listed in the same tick as the fork: later would leave a gap in which `kill -9` orphans the child.
    watchGroup(pid);
    running.set(program, child);
    child.once('exit', (code, signal) => {
      running.delete(program);
      signalGroup(pid, 'SIGKILL'); // the leader alone ended: whatever it had started has nobody to end it any more
      unwatchGroup(pid);
      tell({ program, ended: { code, signal } });
    });
    tell({ program, pid });
  } catch (error) {
    failed(error, 'program');
  } finally {
    closeSync(log);
  }
}

function end(child: ChildProcess | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child?.pid === undefined) return;
  if (signal === 'SIGTERM') child.kill(signal);
  else signalGroup(child.pid, signal);
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function tell(news: News): void {
  process.send?.(news, () => {}); // a parent that is gone is told of by `disconnect`
}
