/** What Linux tells of processes, as text -> numbers. Source: proc(5), sections on /proc/[pid]/stat, /proc/[pid]/status and /proc/stat. */

/** USER_HZ: 100 wherever Node runs on Linux. */
const MS_PER_TICK = 10;

export interface ProcStat {
  readonly pid: number;
  readonly parent: number;
  /** With `pid`, names a process: numbers are used again. */
  readonly startTicks: number;
  /** CPU time of the process itself, user and system. */
  readonly selfMs: number;
  /** CPU time of children that it has waited for, and of those that they had. */
  readonly waitedMs: number;
}

/** @param text of `/proc/PID/stat` */
export function parseProcStat(text: string): ProcStat {
  // The name, in brackets, may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]); // as proc(5) counts: 3 is the state
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    startTicks: field(22),
    selfMs: (field(14) + field(15)) * MS_PER_TICK,
    waitedMs: (field(16) + field(17)) * MS_PER_TICK,
  };
}

/** @param text of `/proc/PID/status`. @returns 0 for a process that has no memory any more */
export function parsePeakMb(text: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) / 1024;
}

/**
 * CPU time that programs have used since the start of the machine. Interrupts are nobody's and left out, and so is what
 * the hypervisor took, which is told apart.
 *
 * @param text of `/proc/stat`
 */
export function parseMachineCpu(text: string): { readonly usedMs: number; readonly stolenMs: number } {
  const [user = 0, nice = 0, system = 0, , , , , stolen = 0] =
    /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  return { usedMs: (user + nice + system) * MS_PER_TICK, stolenMs: stolen * MS_PER_TICK };
}
