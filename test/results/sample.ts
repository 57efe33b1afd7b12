import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunResults } from '../../harness/model/results.ts';
import { parseResults } from '../../harness/results/read.ts';

/** The results file of `reports/sample/`: every verdict and oddity. */
export const SAMPLE_DIR = fileURLToPath(new URL('../../reports/sample', import.meta.url));

export function sample(): RunResults {
  const file = `${SAMPLE_DIR}/results.json`;
  return parseResults(readFileSync(file, 'utf8'), file);
}
