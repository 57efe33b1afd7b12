import { inspect } from 'node:util';
import { UsageError } from '../errors.ts';

/** Looks at a value found at a place such as `cells[3].verdict`, and throws a {@link ShapeError} if it is not as it should be. */
export type Shape = (value: unknown, place: string) => void;

/** A value that is not what its place demands. */
export class ShapeError extends UsageError {
  readonly place: string;

  constructor(place: string, expected: string, found: unknown) {
    super(`${place || 'the file'} must be ${expected}, found ${show(found)}`);
    this.place = place;
  }
}

export const text: Shape = (value, place) => {
  if (typeof value !== 'string') throw new ShapeError(place, 'a text', value);
};

export const number: Shape = (value, place) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(place, 'a number', value);
};

export const boolean: Shape = (value, place) => {
  if (typeof value !== 'boolean') throw new ShapeError(place, 'true or false', value);
};

/** A final or provisional SIP status. */
export const status: Shape = (value, place) => {
  if (!Number.isInteger(value) || (value as number) < 100 || (value as number) > 699) {
    throw new ShapeError(place, 'a SIP status from 100 to 699', value);
  }
};

export function oneOf(words: readonly string[]): Shape {
  return (value, place) => {
    if (typeof value !== 'string' || !words.includes(value)) throw new ShapeError(place, words.join(' or '), value);
  };
}

/** @param example What a right value looks like, for the message. */
export function matching(pattern: RegExp, example: string): Shape {
  return (value, place) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw new ShapeError(place, `like ${example}`, value);
  };
}

export function orNull(shape: Shape): Shape {
  return (value, place) => {
    if (value !== null) shape(value, place);
  };
}

export function listOf(shape: Shape): Shape {
  return (value, place) => {
    if (!Array.isArray(value)) throw new ShapeError(place, 'a list', value);
    for (const [index, item] of value.entries()) shape(item, `${place}[${index}]`);
  };
}

const optionals = new WeakSet<Shape>();

/** In an {@link object}: a field that may be left out. */
export function optional(shape: Shape): Shape {
  const own: Shape = (value, place) => shape(value, place);
  optionals.add(own);
  return own;
}

/** Exactly these fields: a field that nobody knows is a misspelt one, or of another version. */
export function object(fields: Readonly<Record<string, Shape>>): Shape {
  const names = Object.keys(fields);
  return (value, place) => {
    const found = asObject(value, place);
    for (const name of names) {
      const shape = fields[name];
      if (Object.hasOwn(found, name)) shape?.(found[name], inside(place, name));
      else if (shape === undefined || !optionals.has(shape)) {
        throw new ShapeError(inside(place, name), 'there', undefined);
      }
    }
    const unknown = Object.keys(found).find((name) => !Object.hasOwn(fields, name));
    if (unknown !== undefined) throw new ShapeError(inside(place, unknown), 'left out', found[unknown]);
  };
}

/** Any names, one shape of value. */
export function recordOf(shape: Shape): Shape {
  return (value, place) => {
    for (const [name, item] of Object.entries(asObject(value, place))) shape(item, inside(place, name));
  };
}

function asObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(place, 'an object', value);
  }
  return value as Record<string, unknown>;
}

function inside(place: string, name: string): string {
  const key = /^[\w$]+$/.test(name) ? name : JSON.stringify(name);
  return place === '' ? key : `${place}.${key}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const shown = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80 });
  return shown.length > 120 ? `${shown.slice(0, 120)}...` : shown;
}
