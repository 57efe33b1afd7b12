import { describe, expect, it } from 'vitest';
import { type Case, judge, outcomeOf } from '../../harness/judge/judge.ts';
import type { Observation } from '../../harness/model/observation.ts';
import type { Expectation } from '../../harness/model/results.ts';
import {
  diverted,
  leg,
  missedCall,
  rangAlone,
  scenario,
  suppressed,
  voicemailAnswered,
} from '../helpers/observations.ts';

const mustSuppress: Expectation = { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [480] };
const mustEngage: Expectation = { outcome: 'engaged', claims: ['a-claim'], callee: 'unspecified', statuses: [] };

function caseOf(over: Partial<Case> = {}): Case {
  return { scenario, planned: [], seen: suppressed(), control: diverted(), expected: mustSuppress, ...over };
}

const withCaller = (seen: Observation, over: Partial<Observation['caller']>): Observation => ({
  ...seen,
  caller: { ...seen.caller, ...over },
});

describe('judge', () => {
  it('passes a suppressed feature whose control diverted, whose trap was alive and whose callee rang', () => {
    expect(judge(caseOf())).toMatchObject({ verdict: 'pass', outcome: 'suppressed', why: null });
  });

  it('passes an engaged feature that must engage', () => {
    expect(judge(caseOf({ seen: diverted(), expected: mustEngage })).verdict).toBe('pass');
  });

  it('fails a trap that was reached although it must not be, and says when and who says so', () => {
    const { verdict, why } = judge(caseOf({ seen: diverted() }));
    expect(verdict).toBe('fail');
    expect(why).toBe('voice mail was reached 605 ms after the INVITE, but a-claim says it must not be');
  });

  it('fails a trap that was not reached although it must be', () => {
    expect(judge(caseOf({ expected: mustEngage }))).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('was not reached'),
    });
  });

  it('fails a call that ended with another status than the sources allow', () => {
    const seen = withCaller(suppressed(), { finalStatus: 404 });
    expect(judge(caseOf({ seen }))).toMatchObject({
      verdict: 'fail',
      why: 'the call ended with 404, but a-claim says 480',
    });
  });

  it('reports without judging what no source speaks of', () => {
    const expected: Expectation = { outcome: 'unspecified', claims: [], callee: 'unspecified', statuses: [] };
    expect(judge(caseOf({ expected }))).toMatchObject({
      verdict: 'unspecified',
      why: 'no source says what must happen; observed: voice mail not reached, final 480',
    });
  });

  it('still fails over-blocking where the outcome is unspecified but the ringing is not', () => {
    const expected: Expectation = { outcome: 'unspecified', claims: ['x'], callee: 'rings', statuses: [] };
    expect(judge(caseOf({ seen: suppressed({ legs: [] }), expected })).verdict).toBe('fail');
  });
});

describe('judge, over-blocking', () => {
  it('fails a server that rejects everything: the callee did not ring', () => {
    const { verdict, why } = judge(caseOf({ seen: suppressed({ legs: [] }) }));
    expect(verdict).toBe('fail');
    expect(why).toContain('over-blocked');
  });

  it('fails a phone that rang where a source forbids it', () => {
    expect(judge(caseOf({ expected: { ...mustSuppress, callee: 'silent' } })).verdict).toBe('fail');
  });

  const answeredScenario = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
  const answered = withCaller(
    suppressed({ legs: [leg('phone', { answered: true, result: 'answered', status: 200 })] }),
    {
      finalStatus: 200,
    },
  );
  const mustAnswer: Expectation = { outcome: 'suppressed', claims: ['a-claim'], callee: 'answers', statuses: [200] };

  it("passes when the callee's own phone answers, as in the control", () => {
    const item = caseOf({ scenario: answeredScenario, seen: answered, control: answered, expected: mustAnswer });
    expect(judge(item).verdict).toBe('pass');
  });

  it('is inconclusive when not even the control was answered', () => {
    const item = caseOf({ scenario: answeredScenario, seen: answered, control: suppressed(), expected: mustAnswer });
    expect(judge(item).verdict).toBe('inconclusive');
  });
});

describe('judge refuses to be green', () => {
  const cases: readonly [string, Partial<Case>, RegExp][] = [
    ['the control does not divert', { control: suppressed() }, /control .* did not reach voice mail/],
    [
      'the control was never placed',
      { control: suppressed({ startedAtEpochMs: null }) },
      /control .* inconclusive itself/,
    ],
    ['the call was never placed', { seen: suppressed({ startedAtEpochMs: null }) }, /not placed/],
    ['there is no final response', { seen: withCaller(suppressed(), { finalStatus: null }) }, /no final response/],
    [
      'the caller never sent the header',
      { planned: ['Ms-Target-Class: secondary'] },
      /carries no header of any variant/,
    ],
    [
      'the caller sent a header that was not asked for',
      { seen: withCaller(suppressed(), { headersSent: ['Ms-Target-Class: secondary'] }) },
      /where none was to be sent/,
    ],
    [
      'no canary came before',
      { seen: suppressed({ canary: { ...suppressed().canary, before: null } }) },
      /may be dead/,
    ],
    [
      'no canary came after',
      { seen: suppressed({ canary: { ...suppressed().canary, after: null } }) },
      /may have died/,
    ],
    [
      'the trap died during the window',
      { seen: suppressed({ canary: { ...suppressed().canary, after: { sentMs: 2000, reachedMs: null } } }) },
      /may have died/,
    ],
    [
      'the window was not closed',
      { seen: suppressed({ window: { ...suppressed().window, closedMs: null } }) },
      /not closed/,
    ],
    ['a phone is not registered', { seen: suppressed({ unregistered: ['alice (401)'] }) }, /REGISTER/],
    [
      'something went wrong on our side',
      { seen: suppressed({ troubles: ['SIPp ended with signal SIGKILL'] }) },
      /SIGKILL/,
    ],
  ];

  it.for(cases)('when %s', ([, over, why]) => {
    const judgement = judge(caseOf(over));
    expect(judgement.verdict).toBe('inconclusive');
    expect(judgement.why).toMatch(why);
  });

  const late = { lateMs: 401 };

  it('when it would fail, but the lab was later than the slack', () => {
    const judgement = judge(caseOf({ seen: diverted(late) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('401 ms late') });
  });

  it('when the caller ended the call itself, but the lab was later than the slack', () => {
    const seen = withCaller(suppressed(late), { finalStatus: 487, cancelledMs: 1800 });
    expect(judge(caseOf({ seen, expected: { ...mustSuppress, statuses: [] } })).verdict).toBe('inconclusive');
  });

  it('but believes a late lab that the server itself ended the call', () => {
    expect(judge(caseOf({ seen: suppressed(late) })).verdict).toBe('pass');
  });

  it('when a control itself does not divert', () => {
    const item = caseOf({ seen: suppressed(), control: null, expected: mustEngage });
    expect(judge(item)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/^this control did not reach/),
    });
  });

  it('but needs no canary to say that a trap was reached', () => {
    const seen = diverted({ canary: { trap: 'voicemail', before: null, after: null } });
    expect(judge(caseOf({ seen })).verdict).toBe('fail');
  });
});

describe('outcomeOf', () => {
  it('counts a leg that came at the last moment of the window', () => {
    const late = leg('voicemail', { startMs: suppressed().window.endMs - 20 });
    expect(outcomeOf(scenario, suppressed({ legs: [rangAlone, late] }))).toBe('engaged');
  });

  it('counts a leg that rang but was never answered: the call was diverted all the same', () => {
    expect(
      outcomeOf(
        scenario,
        suppressed({ legs: [{ ...voicemailAnswered, answered: false, result: 'open', status: null }] }),
      ),
    ).toBe('engaged');
  });

  it('tells a missed call from a voice message in the inbox', () => {
    const inbox = { ...scenario, trap: 'missed-call-inbox' as const };
    expect(outcomeOf(inbox, suppressed({ notifications: [missedCall] }))).toBe('engaged');
    expect(outcomeOf(inbox, suppressed({ notifications: [{ ...missedCall, kind: 'voice-message' }] }))).toBe(
      'suppressed',
    );
  });
});
