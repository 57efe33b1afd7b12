/** What a cell's vitest test gets to see. Plain data: it crosses to another process, and to a thread of that. */
import type { CellResult, CellRow } from '../model/results.ts';

export interface CellCase
  extends Pick<
    CellRow,
    'id' | 'server' | 'policy' | 'situation' | 'feature' | 'variant' | 'verdict' | 'why' | 'rerun'
  > {
  readonly expected: Pick<CellResult['expected'], 'outcome' | 'claims'>;
  readonly observed: Pick<CellResult['observed'], 'outcome' | 'status'>;
  readonly situationTitle: string;
  readonly variantTitle: string;
  /** The cell in the report beside Allure's page, relative to it. */
  readonly page: string;
  /** What was asked before the verdict of a cell that went wrong, a line each. */
  readonly checks: readonly string[];
  /** What helps with a cell that went wrong. */
  readonly attachments: readonly CellAttachment[];
}

/** A file that helps with a cell that went wrong. */
export interface CellAttachment {
  readonly name: string;
  /** MIME type. */
  readonly contentType: string;
  readonly file: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    cellCases: readonly CellCase[];
  }
  interface TaskMeta {
    cell?: string;
  }
}
