/**
 * Who is who on the wire. A cell's identity is its callee: it survives servers that change the Call-ID (B2BUAs). The names of
 * accounts that are made hold the run's token, so that nothing left over from an earlier run is ever taken for this one's;
 * whose the others are at which time, `directory.ts` knows.
 *
 *   alice-k3f9-17        the callee of call 17 of run k3f9; team-k3f9-17 its team phone, and so on
 *   alice-k3f9-c4        the subscriber of canary 4
 */
import type { RoutingList } from '../model/scenario.ts';
import { unescaped } from '../model/user-name.ts';

declare const callKeyBrand: unique symbol;
/** `<run token>-<number>` for a cell, `<run token>-c<number>` for a canary. */
export type CallKey = string & { readonly [callKeyBrand]: true };

const PARTIES = ['alice', 'mobile', 'team', 'delegate', 'forward'] as const;
export type Party = (typeof PARTIES)[number];

/** Which party's address the lab puts into each list of the callee's preamble. */
export const PARTY_OF_LIST: Readonly<Record<RoutingList, Party>> = {
  forwardto: 'forward',
  simultaneous_ring: 'mobile',
  team: 'team',
  delegates: 'delegate',
};

export function cellKey(token: string, index: number): CallKey {
  return `${token}-${index}` as CallKey;
}

export function canaryKey(token: string, index: number): CallKey {
  return `${token}-c${index}` as CallKey;
}

export function isCanaryKey(key: CallKey): boolean {
  return key.includes('-c');
}

/** Who canaries and pulses come from: nobody of the matrix. */
export const CANARY_CALLER = 'sip:canary@outside.test';

/** The user part of a canary's callee, of any run. */
export const CANARY_USER = new RegExp(`(?:${PARTIES.join('|')})-[a-z0-9]+-c\\d+`);

export function userName(party: Party, key: CallKey): string {
  return `${party}-${key}`;
}

/** A party that a text names, and the call it belongs to. */
export interface NamedParty {
  readonly party: Party;
  readonly key: CallKey;
  /** It had the account before, and nobody has it now. */
  readonly past?: boolean;
}

/**
 * Every party of this run that a text names, each once, in whatever field and spelling: servers write users in upper case,
 * escape them (`%61lice-...`), put `+` in front or parameters behind, keep them in Diversion or History-Info alone.
 *
 * @param token of a-z and 0-9
 */
export function partiesNamed(text: string, token: string): NamedParty[] {
  const plain = unescaped(text).toLowerCase();
  if (!plain.includes(token)) return [];
  const pattern = new RegExp(`(?:${PARTIES.join('|')})-${token}-c?\\d+`, 'g');
  const names = new Set(plain.match(pattern));
  return Array.from(names, (name) => {
    const end = name.indexOf('-');
    return { party: name.slice(0, end) as Party, key: name.slice(end + 1) as CallKey };
  });
}
