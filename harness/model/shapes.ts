/**
 * What the schemas of this project are made of. Messages complete the sentence "it must be ...". Schemas check and are
 * never asked for a copy: what is right is used as it came.
 */
import * as v from 'valibot';

export const text = v.string('a text');
export const boolean = v.boolean('true or false');
/** JSON can say 1e999. */
export const number = v.pipe(v.number('a number'), v.finite('a number'));

const A_STATUS = 'a SIP status from 100 to 699';
/** A final or provisional SIP status. */
export const status = v.pipe(
  v.number(A_STATUS),
  v.integer(A_STATUS),
  v.minValue(100, A_STATUS),
  v.maxValue(699, A_STATUS),
  v.description('SIP status code.'),
);

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, words.join(' or '));
}

/** @param example What a right value looks like, for the message. */
export function matching(pattern: RegExp, example: string) {
  return v.pipe(v.string(`like ${example}`), v.regex(pattern, `like ${example}`));
}

export function listOf<const Item extends v.GenericSchema>(item: Item) {
  return v.array(item, 'a list');
}

/** Exactly these fields: a field that nobody knows is a misspelt one, or of another version. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries, message = 'an object') {
  return noList(v.strictObject(entries, message), message);
}

/** Any names, one shape of value. */
export function recordOf<const Value extends v.GenericSchema>(value: Value) {
  return noList(v.record(v.string(), value, 'an object'), 'an object');
}

export const orNull = v.nullable;

/** In an {@link object}: a field that may be left out. */
export const optional = v.exactOptional;

/** Says in the JSON Schema what a field is; where it is read, it costs nothing. */
export function described<const Schema extends v.GenericSchema>(schema: Schema, description: string): Schema {
  const pipe = [schema, v.description(description)];
  return { ...schema, pipe };
}

/** valibot takes a list for an object without fields. */
function noList<const Schema extends v.GenericSchema>(schema: Schema, message: string): Schema {
  const list = v.never(message);
  const run: v.GenericSchema['~run'] = (dataset, config) =>
    (Array.isArray(dataset.value) ? list : schema)['~run'](dataset, config);
  return Object.assign({ ...schema }, { '~run': run });
}

/** What a schema lets through. */
export type DataOf<Schema extends v.GenericSchema> = DeepReadonly<v.InferOutput<Schema>>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
