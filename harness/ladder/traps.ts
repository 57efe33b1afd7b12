import type { Feature, Trap } from '../model/scenario.ts';

/** Where the trap of a feature listens. A missed-call notification goes to voice mail's account too, but is no INVITE. */
export const TRAP_OF_FEATURE: Readonly<Record<Feature, Exclude<Trap, 'missed-call-inbox'>>> = {
  voicemail: 'voicemail',
  forwarding: 'forward-target',
  'simultaneous-ring': 'simultaneous-ring',
  'team-ring': 'team',
  'delegate-ring': 'delegate',
  'missed-call-notification': 'voicemail',
};

/** What a reader calls them. */
export const TRAP_NAMES: Readonly<Record<Trap, string>> = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};
