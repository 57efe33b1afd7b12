import type { CellResult } from '../model/results.ts';
import type { Feature, Trap } from '../model/scenario.ts';

/** Of results that do not say: the trap that the built-in situations of a feature have. */
const USUAL: Readonly<Record<Feature, Trap>> = {
  voicemail: 'voicemail',
  forwarding: 'forward-target',
  'simultaneous-ring': 'simultaneous-ring',
  'team-ring': 'team',
  'delegate-ring': 'delegate',
  'missed-call-notification': 'missed-call-inbox',
};

/** The trap that the cell's situation sets: a user's may be another than the usual one of its feature. */
export function trapOf({ trap, feature, proof }: Pick<CellResult, 'trap' | 'feature' | 'proof'>): Trap {
  return trap ?? proof?.canary.trap ?? USUAL[feature];
}

/** Where a trap listens. A missed-call notification goes to voice mail's account too, but is no INVITE. */
export function roleOf(trap: Trap): Exclude<Trap, 'missed-call-inbox'> {
  return trap === 'missed-call-inbox' ? 'voicemail' : trap;
}
