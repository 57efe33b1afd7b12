import { readFileSync } from 'node:fs';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';

interface Flow {
  readonly cell: CellResult;
  readonly messages: readonly SeenMessage[];
}

/** A cell of the sample with its messages. */
export function flowOf(id: string): Flow {
  const cell = sample().cells.find((each) => each.id === id);
  if (cell === undefined) throw new Error(`the sample has no ${id}`);
  return { cell, messages: JSON.parse(readFileSync(`${SAMPLE_DIR}/${cell.trace}`, 'utf8')) as SeenMessage[] };
}
