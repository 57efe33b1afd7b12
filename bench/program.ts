import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LabError } from '../harness/errors.ts';
import { startProcess } from '../harness/processes/process.ts';
import { MEMORY_DIR, type ProcessMemory } from './peak-memory.ts';

export interface ProgramUse {
  readonly seconds: number;
  readonly peakRssMb: number;
}

/**
 * Runs a Node program to its end, and says what it took.
 *
 * @param args Its file and arguments.
 * @param dir For its log and its account of memory.
 * @throws {LabError} when it ends with another status than 0 or 1
 */
export async function programUse(args: readonly string[], dir: string, timeoutMs: number): Promise<ProgramUse> {
  const own = await mkdtemp(join(dir, 'program-'));
  const probe = pathToFileURL(join(import.meta.dirname, 'peak-memory.ts')).href;
  const began = performance.now();
  await using program = await startProcess({
    command: process.execPath,
    args: ['--import', probe, ...args],
    cwd: own,
    env: { ...process.env, [MEMORY_DIR]: own },
    logFile: join(own, 'program.log'),
  });
  const timer = setTimeout(() => void program.stop(), timeoutMs);
  const { code, signal, logTail } = await program.exited.finally(() => clearTimeout(timer));
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0 && code !== 1) {
    throw new LabError(`${args.join(' ')} ended with code ${code}, signal ${signal}; it said:\n${logTail}`);
  }
  const [account] = (await readdir(own)).filter((name) => name.endsWith('.json'));
  if (account === undefined) throw new LabError(`${args.join(' ')} left no account of its memory`);
  const { peakRssMb } = JSON.parse(await readFile(join(own, account), 'utf8')) as ProcessMemory;
  return { seconds, peakRssMb };
}
