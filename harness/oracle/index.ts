import type { Expectation } from '../model/results.ts';
import type { HeaderVariant, PolicyId, Scenario } from '../model/scenario.ts';
import { type Statement, TRAPS, UNKNOWN_POLICY } from '../model/words.ts';
import { type Course, courseOf, type TrapOutcome } from './course.ts';
import { type ReadHeader, readHeaders } from './header-reader.ts';
import { combine, type Reading, reading } from './reading.ts';
import { asControl, type FeatureSays, OPEN, type Saying } from './saying.ts';
import { readSensitivity } from './sensitivity.ts';
import { REFUSED_FOR, readStandardHeader } from './standard-headers.ts';
import { readTargetClass } from './target-class.ts';

/**
 * What the sources demand of a call: scenario settings x header fields x policy. Pure, total, and blind to ids: a
 * user's own scenario or header row gets its answer by the same rules.
 *
 * Two steps. `courseOf`: what becomes of the call without any header. `readingOf`: what the headers change of it.
 * Only what a document says or somebody observed is demanded. What rests on inference alone, what no source mentions
 * and what sources contradict each other on is `unspecified`. The one exception is the controls of the lab's own
 * design (claims `lab-...` and `decline-603-goes-on`, evidence `inferred`): they must divert for a cell to prove anything.
 */
export function expectation(
  policy: PolicyId,
  scenario: Scenario,
  variant: Pick<HeaderVariant, 'headers'>,
): Expectation {
  if (policy === UNKNOWN_POLICY) return NOBODY_SAYS;
  const headers = readHeaders(variant.headers);
  const course = courseOf(scenario);
  const effect = readingOf(policy, headers);
  const answer = effect.refused.says === 'as-control' ? routed(course, effect, scenario) : refused(effect, scenario);
  const certain = answer.outcome !== 'unspecified' || answer.callee !== 'unspecified' || answer.statuses.length > 0;
  const elsewhere = elsewhereOf(scenario, effect);
  return {
    ...answer,
    ...(Object.keys(elsewhere).length > 0 && { elsewhere }),
    claims: certain ? [...new Set([...answer.claims, ...(policy === 'plain' ? [] : spelling(variant, headers))])] : [],
  };
}

const NOBODY_SAYS: Expectation = { outcome: 'unspecified', callee: 'unspecified', statuses: [], claims: [] };

/** Kept out of one trap, a call must not end in another that the same header rules out. */
function elsewhereOf(scenario: Scenario, effect: Reading): NonNullable<Expectation['elsewhere']> {
  const outcomes = TRAPS.flatMap((trap) => {
    if (trap === scenario.trap || trap === 'missed-call-inbox') return [];
    const asked = { ...scenario, trap };
    const answer: TrapOutcome =
      effect.refused.says === 'as-control'
        ? trapUnder(courseOf(asked), effect, asked)
        : { outcome: 'suppressed', claims: effect.refused.claims };
    return answer.outcome === 'unspecified'
      ? []
      : [[trap, { outcome: answer.outcome, claims: answer.claims }] as const];
  });
  return Object.fromEntries(outcomes);
}

function readingOf(policy: Statement, headers: readonly ReadHeader[]): Reading {
  if (headers.length === 0) return reading(asControl());
  // `plain` is a server of RFC 3261 and nothing else: what is not in there it does not understand.
  if (policy === 'plain')
    return reading(headers.some(({ name }) => REFUSED_FOR.has(name)) ? OPEN : asControl('rfc3261-unknown-ignored'));
  const valuesOf = (name: string): string[] =>
    headers.filter((each) => each.wellFormed && each.name === name).map((each) => each.value);
  const others = headers.filter((each) => !each.wellFormed || !MICROSOFT.includes(each.name));
  return combine([
    readSensitivity(policy, valuesOf('ms-sensitivity')),
    readTargetClass(policy, valuesOf('ms-target-class')),
    ...others.map(readStandardHeader),
  ]);
}

const MICROSOFT = ['ms-sensitivity', 'ms-target-class'];

function refused(effect: Reading, scenario: Scenario): Expectation {
  const statuses = Array.isArray(effect.refused.says) ? effect.refused.says : [];
  return {
    // Whether a refused call counts as missed is nobody's statement.
    outcome: scenario.trap === 'missed-call-inbox' ? 'unspecified' : 'suppressed',
    callee: 'unspecified',
    statuses,
    claims: effect.refused.claims,
  };
}

function routed(course: Course, effect: Reading, scenario: Scenario): Expectation {
  const { outcome, claims: outcomeClaims } = trapUnder(course, effect, scenario);
  const { callee, claims: calleeClaims } = calleeUnder(course, effect);
  const { statuses, claims: finalClaims } = finalUnder(course, effect);
  return { outcome, callee, statuses, claims: [...outcomeClaims, ...calleeClaims, ...finalClaims] };
}

const UNSPECIFIED: TrapOutcome = { outcome: 'unspecified', claims: [] };

function trapUnder(course: Course, effect: Reading, scenario: Scenario): TrapOutcome {
  const { trap } = course;
  const says = sayingOf(course, effect, scenario);
  if (says.says === 'suppressed') return { outcome: 'suppressed', claims: says.claims };
  // No header adds a destination: what the call does not reach without it, it does not reach with it.
  if (trap.outcome === 'suppressed' && scenario.trap !== 'missed-call-inbox') return trap;
  if (says.says === 'open') return UNSPECIFIED;
  return trap.outcome === 'unspecified' ? trap : { outcome: trap.outcome, claims: [...says.claims, ...trap.claims] };
}

/** A missed call that voice mail notes stands and falls with voice mail being reached. */
function sayingOf(course: Course, effect: Reading, { dials, trap }: Scenario): Saying<FeatureSays> {
  if (dials === 'voice-mail-gruu') return effect.askedForVoicemail;
  const own = effect.features[trap];
  if (course.missedCallBy !== 'voicemail' || own.says === 'suppressed') return own;
  const { voicemail } = effect.features;
  return voicemail.says === 'suppressed' ? { says: 'open', claims: [] } : voicemail;
}

function calleeUnder(course: Course, effect: Reading): { callee: Expectation['callee']; claims: readonly string[] } {
  const { callee, calleePoint } = course;
  if (calleePoint === null || callee.does === 'unspecified') return { callee: callee.does, claims: callee.claims };
  const says = effect.callee[calleePoint];
  if (says.says === 'open') return { callee: 'unspecified', claims: [] };
  if (says.says === 'as-control') return { callee: callee.does, claims: [...says.claims, ...callee.claims] };
  return { callee: says.says, claims: says.claims };
}

function finalUnder({ final, unanswered }: Course, effect: Reading): Course['final'] {
  if (final.statuses.length > 0) {
    return effect.callee.ringing.says === 'as-control' ? final : { statuses: [], claims: [] };
  }
  const says = unanswered === null ? null : effect.unanswered[unanswered];
  return says !== null && Array.isArray(says.says) ? { statuses: says.says, claims: says.claims } : final;
}

/** A row that writes a header in an unusual way rests on SIP's rules of spelling as well. */
function spelling({ headers }: Pick<HeaderVariant, 'headers'>, read: readonly ReadHeader[]): string[] {
  return headers.flatMap((field, index) => {
    if (!MICROSOFT.includes(read[index]?.name ?? '')) return [];
    if (typeof field !== 'string') return [field.spelling === 'folded' ? 'rfc3261-folding' : 'rfc3261-blanks'];
    return /^Ms-(Target-Class|Sensitivity): *[a-z-]+$/.test(field) ? [] : ['rfc3261-case-insensitive'];
  });
}
