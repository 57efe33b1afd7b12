/** What a cell's vitest test gets to see. Plain data: it crosses from the run to the test worker in a file. */
import type { Observation } from '../model/observation.ts';
import type { CellAttachment, CellResult } from '../model/results.ts';

export interface CellCase {
  readonly result: CellResult;
  readonly situationTitle: string;
  readonly variantTitle: string;
  /** The cell in the report beside Allure's page, relative to it. */
  readonly page: string;
  /** What helps with a cell that went wrong. */
  readonly attachments: readonly CellAttachment[];
  /** For a scenario with an `assert` function: where it is, and what it is to look at. */
  readonly assertion: { readonly file: string; readonly seen: Observation } | null;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** JSON file with an array of CellCase. */
    cellCases: string;
    /** Whether Allure's reporter listens. */
    allure: boolean;
  }
  interface TaskMeta {
    cell?: string;
    /** The scenario's own assertion failed: its message. */
    assertionFailed?: string;
  }
}
