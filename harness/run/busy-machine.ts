/** Whether others keep this machine busy: then a lab that is late may be in time a little later. */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/**
 * For so much of the last ten seconds somebody had to wait for a processor, in percent. On two cores a small run and nothing
 * beside it came to 4, beside two busy loops to 14, beside four to 80 (measured).
 */
const BUSY_PERCENT = 30;
/** By load where the system does not tell how long anybody waits: so many are at work, or want to be, for each core. */
const BUSY_LOAD = 1.5;

export function isBusyMachine(): boolean {
  return isBusy({ pressure: pressure(), load: loadavg()[0] ?? 0, cores: availableParallelism() });
}

/** @param pressure Linux's pressure stall information: `some avg10=4.16 avg60=4.31 avg300=23.10 total=10205177870` */
export function isBusy({
  pressure: told,
  load,
  cores,
}: {
  readonly pressure: string;
  readonly load: number;
  readonly cores: number;
}): boolean {
  const percent = /^some avg10=([\d.]+)/m.exec(told)?.[1];
  return percent === undefined ? load > BUSY_LOAD * cores : Number(percent) > BUSY_PERCENT;
}

/** '' where there is none: Linux before 4.20, or without it. */
function pressure(): string {
  try {
    return readFileSync('/proc/pressure/cpu', 'utf8');
  } catch {
    return '';
  }
}
