/** What a cell's vitest test gets to see. Plain data: it crosses from the run to the test worker in a file. */
import type { CellAttachment, CellResult } from '../model/results.ts';

export interface CellCase {
  readonly result: CellResult;
  readonly situationTitle: string;
  readonly variantTitle: string;
  /** The cell in the report beside Allure's page, relative to it. */
  readonly page: string;
  /** What helps with a cell that went wrong. */
  readonly attachments: readonly CellAttachment[];
}

declare module 'vitest' {
  interface ProvidedContext {
    /** JSON file with an array of CellCase. */
    cellCases: string;
  }
  interface TaskMeta {
    cell?: string;
  }
}
