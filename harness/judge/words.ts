import type { Expectation } from '../model/results.ts';
import type { Trap } from '../model/scenario.ts';

export const TRAP_NAMES: Readonly<Record<Trap, string>> = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};

export function cite({ claims }: Pick<Expectation, 'claims'>): string {
  return claims.join(', ') || 'the expectation';
}

export function quote(line: string): string {
  return `"${line.replaceAll('\r\n', '\\r\\n')}"`;
}

/** `612 ms after the INVITE`. */
export function after(ms: number): string {
  return `${Math.round(ms)} ms after the INVITE`;
}
