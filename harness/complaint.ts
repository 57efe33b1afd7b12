import { inspect } from 'node:util';
import * as v from 'valibot';

/** What is wrong with a value that came from outside, and where. */
export interface Complaint {
  /** `cells[3].verdict`; '' for the value itself. */
  readonly place: string;
  /** The same as a list: names of fields, numbers of items. */
  readonly path: readonly (string | number)[];
  /** Completes "it must be ...". */
  readonly expected: string;
  readonly found: string;
}

/**
 * Looks at a value once more that a schema did not let through.
 *
 * @param place Where the value stands, such as `cells[3]`.
 * @param depth How much of an object is shown. @default 0
 */
export function complaintAbout(schema: v.GenericSchema, value: unknown, place = '', depth = 0): Complaint {
  const { issues = [] } = v.safeParse(schema, value);
  // A misspelt name tells more than what it makes missing.
  const issue = issues.find(isSurplus) ?? issues[0];
  if (issue === undefined) throw new Error(`nothing is wrong at ${place}`);
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const found = isOfKey(issue) ? issue.path?.at(-1)?.value : issue.input;
  return { place: path.reduce<string>(inside, place), path, expected: expected(issue), found: shown(found, depth) };
}

function expected(issue: v.BaseIssue<unknown>): string {
  if (isSurplus(issue)) return 'left out';
  return isOfKey(issue) ? 'there' : issue.message;
}

/** A field that is missing, or one too many: the field's own value was not looked at. */
function isOfKey({ path }: v.BaseIssue<unknown>): boolean {
  return path?.at(-1)?.origin === 'key';
}

function isSurplus(issue: v.BaseIssue<unknown>): boolean {
  return isOfKey(issue) && issue.expected === 'never';
}

function inside(place: string, key: string | number): string {
  if (typeof key === 'number') return `${place}[${key}]`;
  const name = /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
  return place === '' ? name : `${place}.${name}`;
}

function shown(value: unknown, depth: number): string {
  if (value === undefined) return 'nothing';
  const text = inspect(value, { depth, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 150 });
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
