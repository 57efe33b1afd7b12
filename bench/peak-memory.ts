/** Loaded by `node --import` into every Node process of a measured run: each leaves a file with its peak memory. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

export interface ProcessMemory {
  readonly command: string;
  readonly peakRssMb: number;
}

export const MEMORY_DIR = 'RINGFENCE_BENCH_MEMORY_DIR';

const dir = process.env[MEMORY_DIR];
if (dir !== undefined && isMainThread) {
  process.once('exit', () => {
    const { maxRSS } = process.resourceUsage(); // kilobytes
    const memory: ProcessMemory = {
      command: [basename(process.argv[1] ?? ''), ...process.argv.slice(2, 3)].join(' '),
      peakRssMb: maxRSS / 1024,
    };
    writeFileSync(join(dir, `${process.pid}.json`), JSON.stringify(memory));
  });
}
