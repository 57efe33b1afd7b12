import { inspect } from 'node:util';
import { UsageError } from '../errors.ts';

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** RFC 3261 25.1, `token`. */
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** In every INVITE of the lab's caller already; long and compact names (RFC 3261 7.3.3). */
const WRITTEN_BY_CALLER: ReadonlySet<string> = new Set(
  'via v from f to t call-id i cseq contact m allow content-type c content-length l'.split(' '),
);

/** Looks at the parts of a user's file. Every method throws a UsageError that names file, path, what was seen, what is allowed. */
export class Checker {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  fail(path: string, seen: unknown, allowed: string): never {
    const where = path === '' ? this.#file : `${this.#file}: ${path}`;
    throw new UsageError(`${where}: found ${show(seen)}; allowed: ${allowed}`);
  }

  /** A plain object with exactly these keys; `?` marks one that may be left out. */
  object(value: unknown, path: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
    const names = keys.map((key) => key.replace('?', ''));
    const allowed = `an object with ${keys.map((key) => key.replace('?', ' (optional)')).join(', ')}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(path, value, allowed);
    const unknown = Object.keys(value).find((key) => !names.includes(key));
    if (unknown !== undefined) {
      this.fail(inside(path, unknown), (value as Record<string, unknown>)[unknown], `no such key, but ${allowed}`);
    }
    const missing = keys.find((key) => !key.endsWith('?') && !Object.hasOwn(value, key));
    if (missing !== undefined) this.fail(inside(path, missing), undefined, allowed);
    return value as Record<string, unknown>;
  }

  array(value: unknown, path: string): readonly unknown[] {
    if (!Array.isArray(value)) this.fail(path, value, 'an array');
    return value;
  }

  /** An array without repetition, of these words. */
  setOf(value: unknown, path: string, allowed: readonly string[]): void {
    const words = this.array(value, path);
    for (const [index, word] of words.entries()) {
      this.oneOf(word, `${path}[${index}]`, allowed);
      if (words.indexOf(word) !== index) this.fail(`${path}[${index}]`, word, 'each word once');
    }
  }

  oneOf(value: unknown, path: string, allowed: readonly string[], also = ''): void {
    if (typeof value !== 'string' || !allowed.includes(value)) this.fail(path, value, allowed.join(', ') + also);
  }

  id(value: unknown, path: string): void {
    if (typeof value !== 'string' || !ID.test(value)) {
      this.fail(path, value, 'kebab-case: lower-case letters, digits and single hyphens, e.g. voicemail-busy');
    }
  }

  text(value: unknown, path: string): void {
    if (typeof value !== 'string' || value.trim() === '' || hasControlCharacter(value)) {
      this.fail(path, value, 'one line of text');
    }
  }

  boolean(value: unknown, path: string): void {
    if (typeof value !== 'boolean') this.fail(path, value, 'true or false');
  }

  milliseconds(value: unknown, path: string, atMost: number): void {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > atMost) {
      this.fail(path, value, `a whole number of milliseconds from 0 to ${atMost}`);
    }
  }

  headerName(value: unknown, path: string): void {
    if (typeof value !== 'string' || !TOKEN.test(value)) {
      this.fail(path, value, 'a header name that is a token of RFC 3261, e.g. X-No-Voicemail');
    }
    if (WRITTEN_BY_CALLER.has(value.toLowerCase())) {
      this.fail(path, value, 'a header field that the caller does not write itself; a second one would break the call');
    }
  }

  /** Header lines are written by the caller as they stand: a line break would end the field and start another. */
  headerValue(value: unknown, path: string): void {
    if (typeof value !== 'string' || hasControlCharacter(value)) {
      this.fail(
        path,
        value,
        'a value without CR, LF or other control characters; ask for folding with spelling: "folded"',
      );
    }
  }
}

function inside(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? code !== 0x09 : code === 0x7f;
  });
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 1 });
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
