import { randomBytes } from 'node:crypto';

/** Where tags, branches, Call-IDs and frame ids come from. */
export interface IdSource {
  /** That many hexadecimal digits, never the same twice. */
  hex(digits: number): string;
}

const POOL_BYTES = 4096;

/** Unguessable, from the system's generator. */
export function randomIds(): IdSource {
  let pool = '';
  let at = 0;
  return {
    hex(digits) {
      if (at + digits > pool.length) {
        pool = randomBytes(Math.max(POOL_BYTES, digits)).toString('hex');
        at = 0;
      }
      at += digits;
      return pool.slice(at - digits, at);
    },
  };
}

/** The same ids in the same order for the same seed (xorshift32): for tests that compare whole messages. */
export function seededIds(seed: number): IdSource {
  let state = (seed | 0) === 0 ? 0x9e3779b9 : seed | 0;
  const next = (): string => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0).toString(16).padStart(8, '0');
  };
  return {
    hex(digits) {
      let text = '';
      while (text.length < digits) text += next();
      return text.slice(0, digits);
    },
  };
}

/** In the form of RFC 9562. */
export function uuid(ids: IdSource): string {
  const hex = ids.hex(30);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18)}`;
}

/** RFC 3261 8.1.1.7: the cookie says that the branch is unique. */
export function branch(ids: IdSource): string {
  return `z9hG4bK${ids.hex(20)}`;
}
