import type { Shown } from './progress.ts';

/** Measured on two cores at 2,250 cells; see docs/performance.md. */
const RESULTS_MS = 300;
const REPORT_MS_PER_CELL = 0.25;
const ALLURE_MS = 500;
const ALLURE_MS_PER_CELL = 0.5;

/** From the end of the last window to the end of the run. */
export function reportsMs(cells: number, allure: boolean): number {
  return RESULTS_MS + cells * REPORT_MS_PER_CELL + (allure ? ALLURE_MS + cells * ALLURE_MS_PER_CELL : 0);
}

/** What is left of the calls, with what comes after them. */
export function withReports(shown: Shown, cells: number, allure: boolean): Shown {
  const { leftMs } = shown;
  return leftMs === undefined ? shown : { ...shown, leftMs: () => leftMs() + reportsMs(cells, allure) };
}

/** A step after the calls. */
export function afterCalls(text: string, cells: number, allure: boolean): Shown {
  const begun = performance.now();
  return { text, leftMs: () => reportsMs(cells, allure) - (performance.now() - begun) };
}
