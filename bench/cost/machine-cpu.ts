import { existsSync, readFileSync } from 'node:fs';
import { parseMachineCpu, parseProcStat } from './proc.ts';

/** Who else had the machine's CPUs, on average over a measurement; null where there is no /proc. */
export interface Others {
  /** CPUs that all other programs of this machine used. */
  readonly otherCpus: number | null;
  /** CPUs that the hypervisor kept from this machine. */
  readonly stolenCpus: number | null;
}

export const HAS_PROC = existsSync('/proc/self/stat');

/**
 * Begins to watch. The function that it returns tells what has been used since then.
 *
 * @returns a function that takes the CPU time of what was measured, in milliseconds; by default that of all children that
 * this process has waited for meanwhile
 */
export function watchMachine(): (cpuMs?: number) => { readonly waitedMs: number; readonly others: Others } {
  const before = use();
  return (cpuMs) => {
    const after = use();
    if (before === null || after === null) return { waitedMs: 0, others: { otherCpus: null, stolenCpus: null } };
    const waitedMs = after.waitedMs - before.waitedMs;
    const ours = (cpuMs ?? waitedMs) + after.ownMs - before.ownMs;
    const elapsedMs = after.atMs - before.atMs;
    const otherCpus = Math.max(0, after.usedMs - before.usedMs - ours) / elapsedMs;
    return { waitedMs, others: { otherCpus, stolenCpus: (after.stolenMs - before.stolenMs) / elapsedMs } };
  };
}

function use() {
  if (!HAS_PROC) return null;
  const { user, system } = process.cpuUsage();
  const { waitedMs } = parseProcStat(readFileSync('/proc/self/stat', 'utf8'));
  return {
    atMs: performance.now(),
    ...parseMachineCpu(readFileSync('/proc/stat', 'utf8')),
    waitedMs,
    ownMs: (user + system) / 1e3,
  };
}
