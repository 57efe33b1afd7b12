import { appendFile, stat } from 'node:fs/promises';
import type { RunRows } from '../model/results.ts';
import { renderSummary, SUMMARY_LIMIT_BYTES } from '../report/summary.ts';

/** Below this a summary says nothing that is worth the lines. */
const SMALLEST_BYTES = 2_000;

/**
 * Adds the run to the summary of GitHub's step, where there is one. Whatever the step wrote there before counts against
 * the limit. What comes after the verdicts cannot change them: a summary that cannot be written is a warning.
 */
export async function appendStepSummary(results: RunRows): Promise<void> {
  const { GITHUB_STEP_SUMMARY: file = '' } = process.env;
  if (file === '') return;
  try {
    await append(results, file);
  } catch (error) {
    const { message } = error as Error;
    process.stderr.write(`warning: the summary of the step, GITHUB_STEP_SUMMARY, was not written: ${message}\n`);
  }
}

async function append(results: RunRows, file: string): Promise<void> {
  const before = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  const room = SUMMARY_LIMIT_BYTES - before;
  if (room >= SMALLEST_BYTES) await appendFile(file, `${renderSummary(results, room)}\n`);
}
