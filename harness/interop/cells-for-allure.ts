import type { CellCase } from './cell-case.ts';

/** The file that vitest runs, in this package; Allure knows a cell by it. */
export const CELL_TESTS = 'harness/interop/cells.interop.ts';

/** What has Allure's results of cells written. */
export interface CellsForAllure extends AsyncDisposable {
  /** @throws {LabError} when one was lost on the way */
  run(cases: readonly CellCase[]): Promise<void>;
}
