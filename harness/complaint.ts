import { inspect } from 'node:util';
import * as v from 'valibot';

/** What is wrong with a value that came from outside, and where. */
export interface Complaint {
  /** From the value inwards: names of fields, numbers of items. */
  readonly path: readonly (string | number)[];
  /** The path as it is written, such as `cells[3].verdict`; '' for the value itself. */
  readonly place: string;
  /** `missing`: the field is not there. `surplus`: nobody knows it. `value`: what is there is wrong. */
  readonly kind: 'missing' | 'surplus' | 'value';
  /** The schema's message: what there should be; of a missing or surplus field, what the object around it should be. */
  readonly expected: string;
  readonly found: string;
}

/**
 * Looks once more at a value that a schema did not let through.
 *
 * @param place Where the value stands, such as `cells[3]`.
 * @param depth How much of an object is shown. @default 0
 */
export function complaintAbout(schema: v.GenericSchema, value: unknown, place = '', depth = 0): Complaint {
  const { issues = [] } = v.safeParse(schema, value);
  // A misspelt name tells more than what it makes missing.
  const issue = issues.find((each) => kindOf(each) === 'surplus') ?? issues[0];
  if (issue === undefined) throw new Error('the schema lets the value through');
  const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const found = issue.path === undefined ? issue.input : issue.path.at(-1)?.value;
  return {
    path,
    place: path.reduce<string>(inside, place),
    kind: kindOf(issue),
    expected: issue.message,
    found: shown(found, depth),
  };
}

function kindOf({ path, expected }: v.BaseIssue<unknown>): Complaint['kind'] {
  if (path?.at(-1)?.origin !== 'key') return 'value';
  return expected === 'never' ? 'surplus' : 'missing';
}

function inside(place: string, key: string | number): string {
  if (typeof key === 'number') return `${place}[${key}]`;
  const name = /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
  return place === '' ? name : `${place}.${name}`;
}

function shown(value: unknown, depth: number): string {
  if (value === undefined) return 'nothing';
  const text = inspect(value, { depth, compact: true, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 150 });
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
