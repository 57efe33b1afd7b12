/** Where did the call go, and who ended it? */
import type { Leg, Observation } from '../model/observation.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Outcome } from './case.ts';
import { after } from './words.ts';

/**
 * `engaged` when the trap was reached, `suppressed` when the call ran its course without, `unknown` when it was never
 * placed, never ended, or ended with somebody whom nobody knows.
 */
export function outcomeOf(scenario: Scenario, seen: Observation): Outcome {
  if (seen.startedAtEpochMs === null) return 'unknown';
  if (trapReached(scenario.trap, seen)) return 'engaged';
  if (seen.caller.finalStatus === null || unexplainedEnd(seen) !== null) return 'unknown';
  return 'suppressed';
}

export function trapReached(trap: Trap, seen: Observation): boolean {
  if (trap === 'missed-call-inbox') return seen.notifications.some((entry) => entry.kind === 'missed-call');
  return reachedBy(seen).some(({ role }) => role === trap);
}

/** Whoever the call came to, as legs show it, or what a voice mail inside of the server left of it; and when. */
export function reachedBy({ legs, innerVoicemail }: Observation): Pick<Leg, 'role' | 'startMs'>[] {
  const arrivals = innerVoicemail?.arrivals ?? [];
  return [...legs, ...arrivals.slice(0, 1).map(({ atMs }) => ({ role: 'voicemail' as const, startMs: atMs }))];
}

/**
 * When it first came to one of these, since its INVITE; Infinity where it did not. What a voice mail inside of the server leaves shows
 * long after its answer.
 */
export function cameTo({ legs, caller }: Observation, isOne: (role: Leg['role']) => boolean): number {
  return Math.min(
    ...legs.flatMap(({ role, startMs }) => (isOne(role) ? [startMs] : [])),
    ...caller.answers.flatMap(({ by, atMs }) => (by !== null && isOne(by) ? [atMs] : [])),
  );
}

export function phoneLegs(seen: Observation): Leg[] {
  return seen.legs.filter((leg) => leg.role === 'phone');
}

/**
 * A call that somebody took without a leg on record, or that the caller was sent away with, has not ended where the record
 * ends. One clause; null when the record has the end.
 */
export function unexplainedEnd({ caller, innerVoicemail }: Observation): string | null {
  const nobodys = caller.answers.find(({ by }) => by === null);
  if (nobodys !== undefined) {
    const doubt = innerVoicemail?.doubt == null ? '' : ` (${innerVoicemail.doubt})`;
    return `the caller was answered ${after(nobodys.atMs)}, and no leg on record answered: who took the call is not known${doubt}`;
  }
  const [sent] = caller.redirections;
  if (sent === undefined) return null;
  const where = sent.to === '' ? '' : ` to ${sent.to}`;
  return `the caller was sent elsewhere${where} (${sent.by}, ${after(sent.atMs)}) and did not follow: a redirection is no refusal`;
}

/** How a call ended whose end is explained. */
export function endOf({ finalStatus, cancelledMs, answers }: Observation['caller']): string {
  const who = answers.flatMap(({ by }) => {
    if (by === null) return [];
    return [by === 'phone' ? "the callee's own phone" : TRAP_NAMES[by]];
  });
  if (who.length > 0) return `answered by ${[...new Set(who)].join(' and ')}`;
  return finalStatus === 487 && cancelledMs !== null ? 'the caller gave up' : `it ended with ${finalStatus}`;
}

type Beside = 'simultaneous-ring' | 'team' | 'delegate';
const BESIDE: ReadonlySet<Leg['role']> = new Set<Beside>(['simultaneous-ring', 'team', 'delegate']);

/** They ring beside the callee's own phone: when one of them answers, the others stop. */
export function isBeside(role: Leg['role']): role is Beside {
  return BESIDE.has(role);
}

/** They come one after the other: what rings beside the callee's phone is none of them. */
export const NEXT: ReadonlySet<Leg['role']> = new Set(['voicemail', 'forward-target']);
