/** All that a message says of whose it may be. Pure. */
import { detached } from './detached.ts';
import { type NamedParty, partiesNamed } from './identity.ts';

/** Each once, in the order in which they stand. */
export interface Mentions {
  readonly token: string;
  readonly branches: readonly string[];
  readonly callIds: readonly string[];
  readonly parties: readonly NamedParty[];
}

/** @param token of the run, of a-z and 0-9 */
export function mentionsOf(bytes: Buffer, token: string): Mentions {
  const text = bytes.toString('latin1');
  return {
    token,
    branches: found(text, /z9hG4bK-[a-z0-9]+-\d+-[a-z]\b/g),
    callIds: found(text, callIdsOf(token)),
    parties: partiesNamed(text, token),
  };
}

/** Begins with what is known: a pattern that may begin anywhere is tried at every character of every message. */
function callIdsOf(token: string): RegExp {
  return new RegExp(`${token}g\\d+-[a-z-]+-\\d+@[^\\s;,<>"']+`, 'g');
}

function found(text: string, pattern: RegExp): string[] {
  return Array.from(new Set(text.match(pattern)), detached);
}
