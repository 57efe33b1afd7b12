/**
 * Who is who on the wire. A cell's identity is its callee: it survives servers that change the Call-ID (B2BUAs), and
 * it holds the run's token, so that nothing left over from an earlier run is ever taken for this one's.
 *
 *   alice-k3f9-17        the callee of call 17 of run k3f9; team-k3f9-17 its team phone, and so on
 *   alice-k3f9-c4        the subscriber of canary 4
 */
import type { PolicyId, RoutingList } from '../model/scenario.ts';

declare const callKeyBrand: unique symbol;
/** `<run token>-<number>` for a cell, `<run token>-c<number>` for a canary. */
export type CallKey = string & { readonly [callKeyBrand]: true };

export type Party = 'alice' | 'mobile' | 'team' | 'delegate' | 'forward';

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

export function userName(party: Party, key: CallKey): string {
  return `${party}-${key}`;
}

export function domainOf(policy: PolicyId): string {
  return `${policy}.test`;
}

/** The call that a user name of this run belongs to; null for anybody else. */
export function keyOfUser(user: string, token: string): CallKey | null {
  const parts = /^[a-z]+-([a-z0-9]+)-(c?\d+)$/.exec(user);
  return parts !== null && parts[1] === token ? (`${token}-${parts[2]}` as CallKey) : null;
}
