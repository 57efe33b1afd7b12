/** A call over a B2BUA is two calls: what each must have on record before anything is said of the server. */
import { describe, expect, it } from 'vitest';
import type { Case } from '../../harness/judge/judge.ts';
import type { CheckId } from '../../harness/model/checks.ts';
import type { Observation } from '../../harness/model/observation.ts';
import { scenario, suppressed } from '../helpers/observations.ts';
import { verdictOn, withCaller } from './case.ts';

const HEADER = 'Ms-Target-Class: secondary';
const REASON = 'Reason: SIP;cause=200';

interface Calls {
  readonly got?: readonly string[] | null;
  readonly sent?: readonly string[];
  readonly told?: number | null;
  readonly caller?: Partial<Observation['caller']>;
}

const through = ({ got = [HEADER], sent = [HEADER], told = 480, caller = {} }: Calls = {}): Observation => ({
  ...withCaller(suppressed(), { headersSent: sent, ...caller }),
  b2bua: { got, others: [], finalStatus: told },
});
const judged = (seen: Observation, over: Partial<Case> = {}) => verdictOn({ seen, planned: [HEADER], ...over });
const says = (id: CheckId, seen: Observation, over: Partial<Case> = {}) =>
  judged(seen, over).checks.find((check) => check.id === id)?.seen;

describe('over a B2BUA, the call proves nothing when', () => {
  it.for([
    ['it got none', { got: null }, 'the call was not placed: the caller has no INVITE to the B2BUA on record'],
    [
      'the caller sent it no header',
      { got: [] },
      `the caller's INVITE to the B2BUA carries no header of any variant where "${HEADER}" was to be sent`,
    ],
    [
      'the caller wrote another case than it was to',
      { got: ['ms-target-class: secondary'] },
      `the caller's INVITE to the B2BUA carries "ms-target-class: secondary" where "${HEADER}" was to be sent`,
    ],
    [
      'it sent no header',
      { sent: [] },
      `the B2BUA's INVITE carries no header of any variant where "${HEADER}" was to be sent`,
    ],
    [
      'it did not live to answer the caller',
      { told: null },
      'the B2BUA got a final 480, and gave its own caller none: it did not live to the end of the call',
    ],
    [
      'it told the caller something else than it got',
      { told: 503 },
      "the B2BUA got a final 480 and told its own caller 503: one of them is no answer of the server's",
    ],
    ['it got no answer', { caller: { finalStatus: null } }, 'the INVITE has no final response on record'],
  ] as const)('%s', ([, calls, why]) => {
    expect(judged(through(calls))).toMatchObject({ verdict: 'inconclusive', why });
  });

  it('it placed no call', () => {
    const seen = { ...through(), startedAtEpochMs: null };
    expect(judged(seen).why).toBe(
      "the B2BUA placed no call: the caller's INVITE to it is on record, and none of its own",
    );
  });
});

describe('over a B2BUA, the call counts', () => {
  it('where both INVITEs are as they were to be', () => {
    expect(judged(through())).toMatchObject({ verdict: 'pass', why: null });
  });

  it('however the B2BUA spells what it passes on', () => {
    expect(judged(through({ sent: ['ms-target-class:\r\n secondary'] })).verdict).toBe('pass');
  });

  it('whatever the caller was told who gave up', () => {
    const caller = { finalStatus: 487, finalMs: 1802, cancelledMs: 1800 };
    expect(judged(through({ told: 408, caller })).verdict).toBe('pass');
    expect(judged(through({ told: null, caller })).why).toMatch(
      /^the B2BUA got a final 487, and gave its own caller none/,
    );
  });

  it('whatever an application told its customer', () => {
    const served = { ...scenario, application: { alertMs: 1600 } };
    expect(judged(through({ told: 200 }), { scenario: served }).verdict).toBe('pass');
    expect(judged(through({ told: null }), { scenario: served }).why).toMatch(/^the B2BUA got a final 480, and gave/);
  });
});

describe('of the INVITE it is said', () => {
  const lines = `"${HEADER}"`;

  it.for([
    ['nothing more where the B2BUA changed nothing', {}, [HEADER], [HEADER], ''],
    ['what the B2BUA put in', { got: [] }, [], [HEADER], '; put in by the B2BUA'],
    ['what the B2BUA lost', { sent: [] }, [HEADER], [], `; lost at the B2BUA: ${lines}`],
    [
      'all that the B2BUA lost',
      { got: [HEADER, REASON], sent: [] },
      [HEADER, REASON],
      [],
      `; lost at the B2BUA: ${lines}, "${REASON}"`,
    ],
    [
      'what the B2BUA lost and what it put in',
      { got: [HEADER], sent: [REASON] },
      [HEADER],
      [REASON],
      `; lost at the B2BUA: ${lines}; put in by the B2BUA`,
    ],
  ] as const)('%s', ([, calls, plannedAtCaller, planned, more]) => {
    const carried = planned.map((line) => `"${line}"`).join(', ') || 'no header of any variant';
    expect(says('invite', through(calls), { plannedAtCaller, planned })).toBe(
      `INVITE on record, with ${carried}${more}`,
    );
  });

  it('that it is the application`s, where that is under test', () => {
    const seen = withCaller(suppressed({ callerUnderTest: true }), { headersSent: [HEADER] });
    expect(says('invite', seen)).toBe(`INVITE on record, from the application to the server, with ${lines}`);
  });
});
