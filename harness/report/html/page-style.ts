import { readFileSync } from 'node:fs';

/** The order matters where rules are of equal weight; narrow screens have the last word. */
const STYLE_SHEETS = [
  'base.css',
  'bar.css',
  'verdicts.css',
  'matrix.css',
  'sections.css',
  'answer.css',
  'across.css',
  'dialog.css',
  'ladder.css',
  'narrow.css',
  'print.css',
];

/** The page's style sheet. @param more for pages that show more than a report: they come last */
export function pageStyle(...more: readonly string[]): string {
  return [...STYLE_SHEETS, ...more]
    .map((name) => readFileSync(new URL(`style/${name}`, import.meta.url), 'utf8'))
    .join('');
}
