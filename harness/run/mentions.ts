/** All that a message says of whose it may be. Pure. */
import { detached } from './detached.ts';
import type { Directory } from './directory.ts';
import type { NamedParty } from './identity.ts';

/** Each once, in the order in which they stand. */
export interface Mentions {
  /** By whose words. */
  readonly directory: Directory;
  readonly branches: readonly string[];
  readonly callIds: readonly string[];
  readonly parties: readonly NamedParty[];
}

export function mentionsOf(bytes: Buffer, atEpochMs: number, directory: Directory): Mentions {
  const text = bytes.toString('latin1');
  return {
    directory,
    branches: found(text, /z9hG4bK-[a-z0-9]+-\d+-[a-z]\b/g),
    callIds: found(text, callIdsOf(directory.token)),
    parties: directory.named(text, atEpochMs),
  };
}

/** Begins with what is known, the run's token: a pattern that may begin anywhere is tried at every character of every message. */
function callIdsOf(token: string): RegExp {
  return new RegExp(`${token}g\\d+-[a-z-]+-\\d+@[^\\s;,<>"']+`, 'g');
}

function found(text: string, pattern: RegExp): string[] {
  return Array.from(new Set(text.match(pattern)), detached);
}
