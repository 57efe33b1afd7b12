import { LabError } from '../errors.ts';
import type { Launcher } from './launcher.ts';

/** The environment of a program of the user's that is asked what it is. */
export const DESCRIBE = { RINGFENCE_ACTION: 'describe' } as const;

/** Characters. Whoever prints more has something else in mind, and the disk is not his. */
const MAX_PRINTED = 10_000_000;

export interface DescriptionRequest<T> {
  readonly launcher: Launcher;
  /** Gets what it prints. Its folder exists. */
  readonly logFile: string;
  readonly timeoutMs: number;
  /** The page with its contract, e.g. `docs/callers.md`. */
  readonly page: string;
  /** What its line means. @throws {DescriptionFault} */
  readonly read: (said: Readonly<Record<string, unknown>>) => T;
}

/** What is wrong with a description, as the end of "its answer to describe ...". */
export class DescriptionFault extends Error {}

/**
 * Starts the program, waits for the first line that begins like a JSON object, and ends it. What it prints besides is its own.
 *
 * @throws {LabError} naming the field, or what came instead of a description
 */
export async function describedBy<T>(request: DescriptionRequest<T>): Promise<T> {
  const { launcher, logFile, timeoutMs, page } = request;
  const said = Promise.withResolvers<string>();
  const late = Promise.withResolvers<never>();
  const wrong = (what: string): LabError =>
    new LabError(`${launcher.id} was asked to describe itself: ${what}. See ${page}; its output is in ${logFile}`);
  let printed = 0;
  const onLine = (line: string): void => {
    if (line.startsWith('{')) said.resolve(line);
    printed += line.length + 1;
    if (printed > MAX_PRINTED)
      late.reject(wrong(`no line of JSON in the first ${MAX_PRINTED / 1e6} MB that it printed`));
  };
  const program = await launcher.start({ env: DESCRIBE, logFile, onLine });
  const deadline = setTimeout(() => late.reject(wrong(`no line of JSON in ${timeoutMs} ms`)), timeoutMs);
  void program.exited.then((how) => late.reject(wrong(`no line of JSON; ${how}`)));
  try {
    return readDescription(await Promise.race([said.promise, late.promise]), request);
  } finally {
    clearTimeout(deadline);
    late.promise.catch(() => {}); // it ends some time, whether or not somebody still waits
    await program.stop();
  }
}

/** @throws {LabError} */
export function readDescription<T>(
  line: string,
  {
    launcher,
    page,
    read,
  }: Pick<DescriptionRequest<T>, 'page' | 'read'> & { readonly launcher: { readonly id: string } },
): T {
  const wrong = (what: string): LabError =>
    new LabError(`${launcher.id}: its answer to "describe" ${what}; it said ${visible(line)}. See ${page}`);
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw wrong(`is no JSON (${(cause as Error).message})`);
  }
  try {
    return read(said);
  } catch (error) {
    throw error instanceof DescriptionFault ? wrong(error.message) : error;
  }
}

/** A name or a version, as reports show it. @throws {DescriptionFault} */
export function shortText(field: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= 100 && !/\p{Cc}/u.test(value)) return value;
  throw new DescriptionFault(`needs "${field}", a string of 1 to 100 characters`);
}

/** @throws {DescriptionFault} unless it is a list of these words, with at least one */
export function wordsOf<T extends string>(field: string, value: unknown, words: readonly T[]): ReadonlySet<T> {
  const isWord = (each: unknown): each is T => words.some((word) => word === each);
  if (Array.isArray(value) && value.length > 0 && value.every(isWord)) return new Set(value);
  throw new DescriptionFault(`needs "${field}", a list of ${words.join(', ')}`);
}

/** @throws {DescriptionFault} */
export function countOf(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new DescriptionFault(`needs "${field}", a whole number from 1`);
}

/** @throws {DescriptionFault} */
export function yesOrNo(field: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new DescriptionFault(`needs "${field}", true or false`);
}

function visible(line: string): string {
  return JSON.stringify(line.length > 300 ? `${line.slice(0, 300)}...` : line);
}
