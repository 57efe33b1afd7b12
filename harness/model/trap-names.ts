import type { Trap } from './scenario.ts';

/** What people call them, within a sentence. */
export const TRAP_NAMES: Readonly<Record<Trap, string>> = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};
