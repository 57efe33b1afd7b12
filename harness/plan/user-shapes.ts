/** What the schemas of users' files are made of. Messages follow "allowed:". */
import * as v from 'valibot';
import { hasControlCharacter } from '../model/header-lines.ts';
import { object } from '../model/shapes.ts';

const KEBAB_CASE = 'kebab-case: lower-case letters, digits and single hyphens, e.g. voicemail-busy';
export const id = v.pipe(v.string(KEBAB_CASE), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, KEBAB_CASE));

const ONE_LINE = 'one line of text';
export const line = v.pipe(
  v.string(ONE_LINE),
  v.check((text) => text.trim() !== '' && !hasControlCharacter(text), ONE_LINE),
);

export function oneOf<const Words extends readonly string[]>(words: Words, also = '') {
  return v.picklist(words, words.join(', ') + also);
}

export function listOf<const Item extends v.GenericSchema>(item: Item) {
  return v.array(item, 'an array');
}

/** A list of these words without repetition. */
export function setOf<const Words extends readonly string[]>(words: Words) {
  return v.pipe(
    listOf(oneOf(words)),
    v.checkItems((word, index, all) => all.indexOf(word) === index, 'each word once'),
  );
}

export function milliseconds(atMost: number) {
  const allowed = `a whole number of milliseconds from 0 to ${atMost}`;
  return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(0, allowed), v.maxValue(atMost, allowed));
}

/** An object with these keys and no other. */
export function exactly<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.entries(entries).map(([key, { type }]) =>
    type === 'exact_optional' ? `${key} (optional)` : key,
  );
  return object(entries, `an object with ${keys.join(', ')}`);
}
