/** What `./ringfence bench` measures: one row of its table each. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly better: 'less' | 'more';
  /** For a quiet machine with two cores; absent where a number is only to be compared. */
  readonly target?: number;
}

const SECONDS = { unit: 's', digits: 1, better: 'less' } as const;
const CELLS_PER_S = { unit: 'cells/s', digits: 0, better: 'more' } as const;
const CPU_PER_CELL = { title: 'CPU of all processes, per proven cell', unit: 'ms', digits: 2, better: 'less' } as const;
const LARGEST = { title: 'peak memory of the largest process', unit: 'MB', digits: 0, better: 'less' } as const;
const UNPROVEN = { title: 'cells not proven', unit: '', digits: 0, better: 'less', target: 0 } as const;
const MS = { unit: 'ms', digits: 0, better: 'less' } as const;

/** The rows of each part, in the order of the table. */
export const ROWS = {
  matrix: [
    { id: 'matrix.seconds', title: 'whole command', ...SECONDS, target: 10 },
    { id: 'matrix.cellsPerSecond', title: 'cells', ...CELLS_PER_S },
    { id: 'matrix.cpuMsPerCell', ...CPU_PER_CELL, target: 5 },
    { id: 'matrix.largestMb', ...LARGEST, target: 600 },
    { id: 'matrix.unproven', ...UNPROVEN },
  ],
  bare: [
    { id: 'bare.seconds', title: 'whole command', ...SECONDS, target: 8 },
    { id: 'bare.cellsPerSecond', title: 'cells', ...CELLS_PER_S },
    { id: 'bare.cpuMsPerCell', ...CPU_PER_CELL, target: 5 },
    { id: 'bare.largestMb', ...LARGEST, target: 600 },
    { id: 'bare.unproven', ...UNPROVEN },
  ],
  selection: [
    { id: 'selection.seconds', title: 'whole command', ...SECONDS, target: 5 },
    { id: 'selection.labReadyMs', title: 'server, phones and voice mail up and connected', ...MS, target: 1_000 },
    { id: 'selection.unproven', ...UNPROVEN },
  ],
  long: [
    { id: 'long.cellsPerSecond', title: 'cells', ...CELLS_PER_S, target: 300 },
    { id: 'long.cpuMsPerCell', ...CPU_PER_CELL, target: 5 },
    { id: 'long.largestMb', ...LARGEST, target: 600 },
    { id: 'long.unproven', ...UNPROVEN },
  ],
  report: [
    { id: 'report.seconds', title: 'ringfence report', ...SECONDS },
    { id: 'report.largestMb', title: 'peak memory of it', unit: 'MB', digits: 0, better: 'less' },
    { id: 'report.renderMs', title: 'rendering alone, with all results in memory', ...MS },
    { id: 'report.firstPaintMs', title: 'first paint of index.html', ...MS, target: 1_000 },
    { id: 'report.slowestFilterMs', title: 'slowest filter', ...MS, target: 100 },
  ],
  drachtio: [
    { id: 'drachtio.callsPerSecond', title: 'calls', unit: 'calls/s', digits: 0, better: 'more' },
    {
      id: 'drachtio.cpuMsPerCall',
      title: 'CPU of server and application, per call',
      unit: 'ms',
      digits: 2,
      better: 'less',
    },
    { id: 'drachtio.failed', title: 'calls failed', unit: '', digits: 0, better: 'less', target: 0 },
  ],
} as const satisfies Readonly<Record<string, readonly Row[]>>;

export type PartId = keyof typeof ROWS;
export type RowId = (typeof ROWS)[PartId][number]['id'];
/** What one measurement of a part gave; a row that it could not give is missing. */
export type Numbers = Readonly<Partial<Record<RowId, number>>>;

export const PARTS = Object.keys(ROWS) as PartId[];

export function rowsOf(part: PartId): readonly (Row & { readonly id: RowId })[] {
  return ROWS[part];
}

/** @throws {TypeError} for a row without a target, which is a slip of ours */
export function targetOf(row: RowId): number {
  const target = PARTS.flatMap(rowsOf).find(({ id }) => id === row)?.target;
  if (target === undefined) throw new TypeError(`${row} has no target`);
  return target;
}

export function isMet({ better, target }: Row, value: number): boolean {
  if (target === undefined) return true;
  return better === 'less' ? value <= target : value >= target;
}
