import { readFileSync } from 'node:fs';

/** What the kernel says of a process, proc(5). */
export interface ProcessStat {
  /** PF_EXITING and others. */
  readonly flags: number;
  /** When it was started, in the kernel's units. */
  readonly startTicks: string;
  /** As wait(2) tells it: the low seven bits are the signal that ended it. 0 of one that lives. */
  readonly exitCode: number;
}

/** @returns null of one that is not there, and where there is no /proc */
export function statOf(pid: number): ProcessStat | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // Field 2 is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): string => fields[number - 3] ?? '';
  return { flags: Number(field(9)), startTicks: field(22), exitCode: Number(field(52)) };
}
