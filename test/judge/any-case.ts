/** Cases of every sort: calls and controls in which anything may be wrong, and mostly little is. */
import fc from 'fast-check';
import type { Case } from '../../harness/judge/judge.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import type { Expectation } from '../../harness/model/results.ts';
import { TRAPS } from '../../harness/model/words.ts';
import {
  diverted,
  leg,
  missedCall,
  rangAlone,
  scenario,
  suppressed,
  voicemailAnswered,
} from '../helpers/observations.ts';

const HEADER = 'Ms-Target-Class: secondary';
const STATUSES = [200, 302, 400, 480, 486, 487, 603];

/** Seldom anything else than what is usual. */
function mostly<Value>(usual: Value, ...others: readonly fc.Arbitrary<Value>[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

const ms = fc.integer({ min: 0, max: 2500 });
const sighting = mostly<Observation['canary']['before']>(
  { sentMs: -300, reachedMs: -290 },
  fc.constant(null),
  fc.constant({ sentMs: 2000, reachedMs: null }),
);
const anyLeg: fc.Arbitrary<Leg> = fc
  .record({
    role: fc.constantFrom<Leg['role'][]>(
      'phone',
      'voicemail',
      'team',
      'delegate',
      'forward-target',
      'simultaneous-ring',
    ),
    startMs: ms,
    endMs: fc.option(ms),
    rang: fc.boolean(),
    result: fc.constantFrom<Leg['result'][]>('answered', 'cancelled', 'refused', 'open'),
    status: fc.option(fc.constantFrom(...STATUSES)),
  })
  .map(({ role, ...over }) => leg(role, { ...over, answered: over.result === 'answered' }));
const legs = fc.oneof(
  fc.constantFrom([rangAlone], [rangAlone, voicemailAnswered], [], [leg('phone', { startMs: 3, endMs: 93 })]),
  fc.array(anyLeg, { maxLength: 3 }),
);
const stray = fc.record({
  atMs: ms,
  at: fc.constantFrom<Observation['strays'][number]['at'][]>('caller', 'phone', 'voicemail', 'team'),
  kind: fc.constantFrom<Observation['strays'][number]['kind'][]>('call', 'notice', 'bytes'),
  text: fc.constant('INVITE sip:x@y SIP/2.0'),
});

function caller(base: Observation): fc.Arbitrary<Observation['caller']> {
  const usual = base.caller;
  return fc.record({
    headersSent: mostly<readonly string[]>([], fc.constant([HEADER])),
    provisionals: mostly(
      usual.provisionals,
      fc.array(fc.record({ status: fc.constantFrom(180, 181, 183), atMs: ms, known: fc.boolean() }), { maxLength: 2 }),
    ),
    finalStatus: mostly(usual.finalStatus, fc.option(fc.constantFrom(...STATUSES))),
    answers: mostly(
      usual.answers,
      fc.constant([{ atMs: 612, by: null, knownBy: null }]),
      fc.constant([{ atMs: 612, by: 'phone' as const, knownBy: 'time' as const }]),
    ),
    redirections: mostly(usual.redirections, fc.constant([{ atMs: 20, by: '302', to: '<sip:x@y>' }])),
    finalMs: fc.constant(usual.finalMs),
    cancelledMs: mostly(usual.cancelledMs, ms),
    byeMs: fc.constant(null),
  });
}

function observation(base: Observation): fc.Arbitrary<Observation> {
  return fc.record({
    cell: fc.constant(base.cell),
    startedAtEpochMs: mostly(base.startedAtEpochMs, fc.constant(null)),
    caller: caller(base),
    legs: mostly(base.legs, legs, legs),
    misdirected: mostly<readonly Leg[]>([], fc.constant([leg('phone', { user: 'bob-test-1' })])),
    notifications: mostly(
      base.notifications,
      fc.constantFrom([missedCall], [{ ...missedCall, kind: 'other' as const }]),
    ),
    strays: mostly<Observation['strays']>([], fc.array(stray, { minLength: 1, maxLength: 2 })),
    headersAtPhone: mostly<Observation['headersAtPhone']>(
      { lost: [], added: [] },
      fc.constantFrom(null, { lost: ['ms-target-class'], added: [] }, { lost: [], added: ['ms-sensitivity'] }),
    ),
    window: mostly(base.window, fc.constant({ ...base.window, closedMs: null })),
    lateMs: mostly(base.lateMs, fc.integer({ min: 0, max: 900 }), fc.constant(401)),
    canary: fc.record({ trap: fc.constant(base.canary.trap), before: sighting, after: sighting }),
    phoneCanary: fc.record({ before: sighting, after: sighting }),
    headerCanary: mostly<Observation['headerCanary']>(
      { outcome: 'reached', passedOn: [], seen: 'answered' },
      fc.constantFrom(null, { outcome: 'silent' as const, passedOn: ['ms-target-class'], seen: 'nothing' }),
    ),
    unregistered: mostly<readonly string[]>([], fc.constant(['alice (401)'])),
    troubles: mostly<readonly string[]>([], fc.constant(['SIPp died'])),
    unplayable: mostly<string | null>(null, fc.constant('it cannot decline')),
    messages: fc.constant([]),
  });
}

const expected: fc.Arbitrary<Expectation> = fc.record({
  outcome: fc.constantFrom<Expectation['outcome'][]>('engaged', 'suppressed', 'unspecified'),
  claims: fc.constantFrom(['a-claim'], []),
  callee: fc.constantFrom<Expectation['callee'][]>('rings', 'answers', 'silent', 'unspecified'),
  statuses: fc.constantFrom([], [200, 480], [603]),
  elsewhere: fc.constantFrom(
    {},
    { team: { outcome: 'suppressed' as const, claims: ['b'] }, voicemail: { outcome: 'engaged' as const, claims: [] } },
  ),
});

export const anyCase: fc.Arbitrary<Case> = fc.record({
  scenario: fc.record({
    id: fc.constant(scenario.id),
    title: fc.constant(scenario.title),
    feature: fc.constant(scenario.feature),
    subscriber: fc.constant(scenario.subscriber),
    callee: mostly(scenario.callee, fc.constantFrom({ answerAfterMs: 150 }, 'busy' as const)),
    caller: mostly(scenario.caller, fc.constant('hang-up-while-ringing' as const)),
    trap: mostly(scenario.trap, fc.constantFrom(...TRAPS)),
    kind: mostly(scenario.kind, fc.constant('over-blocking' as const)),
  }),
  planned: mostly<readonly string[]>([], fc.constant([HEADER])),
  seen: fc.oneof(observation(suppressed()), observation(diverted())),
  control: fc.oneof({ weight: 4, arbitrary: observation(diverted()) }, fc.constant(null), observation(suppressed())),
  expected,
});
