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

const BRANCH = /z9hG4bK-[a-z0-9]+-\d+-[a-z]\b/g;
const callIdOf = new Map<string, RegExp>();

/** @param token of the run, of a-z and 0-9 */
export function mentionsOf(bytes: Buffer, token: string): Mentions {
  const text = bytes.toString('latin1');
  let callId = callIdOf.get(token);
  if (callId === undefined) {
    // Begins with what is known: a pattern that may begin anywhere is tried at every character of every message.
    callId = new RegExp(`${token}g\\d+-[a-z-]+-\\d+@[^\\s;,<>"']+`, 'g');
    callIdOf.set(token, callId);
  }
  return { token, branches: found(text, BRANCH), callIds: found(text, callId), parties: partiesNamed(text, token) };
}

function found(text: string, pattern: RegExp): string[] {
  const marks: string[] = [];
  for (const mark of text.match(pattern) ?? []) if (!marks.includes(mark)) marks.push(detached(mark));
  return marks;
}
