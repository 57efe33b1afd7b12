import type { Trap } from '../model/scenario.ts';
import type { WayToTrap } from './server.ts';

const RULES: Readonly<Record<Trap | 'phone', WayToTrap['rules']>> = {
  voicemail: { flags: ['forward_immediate'], lists: [] },
  'forward-target': { flags: ['forward_immediate', 'enablecf'], lists: ['forwardto'] },
  'simultaneous-ring': { flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] },
  team: { flags: ['team_ring'], lists: ['team'] },
  delegate: { flags: ['delegate_ring'], lists: ['delegates'] },
  'missed-call-inbox': { flags: [], lists: [] },
  phone: { flags: [], lists: [] },
};

/** Of a server that obeys every rule: the phone rings and is never answered, and the rules decide. */
export function wayByRules(trap: Trap | 'phone'): WayToTrap {
  return { rules: RULES[trap], phone: trap === 'phone' ? 'answer' : 'ring' };
}
