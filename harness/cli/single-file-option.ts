import { UsageError } from '../errors.ts';

/** For `parseArgs`; its own negation of options would take `--no-allure` for one of them. */
export const SINGLE_FILE_OPTIONS = {
  'single-file': { type: 'boolean' },
  'no-single-file': { type: 'boolean' },
} as const;

export const SINGLE_FILE_HELP = `\
  --single-file     the page as one HTML file without links, to be sent alone, however large
  --no-single-file  index.html with data/ beside it  [one file up to 10,000 cells]`;

/** @returns null when neither was asked for. @throws {UsageError} when both were */
export function singleFileOf(
  values: Readonly<Partial<Record<keyof typeof SINGLE_FILE_OPTIONS, boolean | undefined>>>,
): boolean | null {
  if (values['single-file'] === true && values['no-single-file'] === true) {
    throw new UsageError('--single-file and --no-single-file are opposites: leave one of the two out');
  }
  return values['single-file'] === true ? true : values['no-single-file'] === true ? false : null;
}
