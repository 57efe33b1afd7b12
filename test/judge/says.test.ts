/** What a verdict says to its reader: whole sentences, which name what they are about. */
import { describe, expect, it } from 'vitest';
import { absence } from '../../harness/judge/absence.ts';
import type { Case } from '../../harness/judge/judge.ts';
import type { Trap } from '../../harness/model/scenario.ts';
import {
  diverted,
  leg,
  missedCall,
  rangAlone,
  scenario,
  suppressed,
  voicemailAnswered,
} from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

describe('a verdict names', () => {
  const traps: readonly [Trap, string][] = [
    ['voicemail', 'voice mail'],
    ['forward-target', 'the forward target'],
    ['simultaneous-ring', 'the simultaneous-ring phone'],
    ['team', 'the team phone'],
    ['delegate', "the delegate's phone"],
    ['missed-call-inbox', 'the missed-call inbox'],
  ];
  it.for(traps)('the trap %s as people do', ([trap, name]) => {
    expect(verdictOn({ scenario: { ...scenario, trap }, control: suppressed() }).why).toBe(
      `the control (the same call without the headers) did not reach ${name} (final 480), so its absence proves nothing`,
    );
  });

  it('all claims that speak of it, or the expectation where there is none', () => {
    const why = (claims: string[]) => verdictOn({ seen: diverted(), expected: { ...mustSuppress, claims } }).why;
    expect(why(['one', 'two'])).toMatch(/but one, two says it must not be$/);
    expect(why([])).toMatch(/but the expectation says it must not be$/);
  });

  it('all statuses that are allowed', () => {
    const expected = { ...mustSuppress, statuses: [486, 603] };
    expect(verdictOn({ expected }).why).toBe('the call ended with 480, but a-claim says 486 or 603');
  });

  it('no time where a notice reached the trap', () => {
    const inbox = { ...scenario, trap: 'missed-call-inbox' as const };
    const seen = suppressed({ notifications: [missedCall] });
    expect(verdictOn({ scenario: inbox, seen, control: seen }).why).toBe(
      'the missed-call inbox was reached, but a-claim says it must not be',
    );
  });

  it('what the phone did, and how the call ended', () => {
    const silent = { ...mustSuppress, callee: 'silent' as const };
    expect(verdictOn({ expected: silent }).why).toBe("the callee's own phone rang, but a-claim says it must not");
    expect(verdictOn({ seen: suppressed({ legs: [] }) }).why).toBe(
      "over-blocked: the callee's own phone did not ring (final 480), but a-claim says it must",
    );
  });

  it('what was observed where no source speaks', () => {
    const expected = { ...mustEngage, outcome: 'unspecified' as const };
    expect(verdictOn({ seen: diverted(), expected }).why).toBe(
      'no source says what must happen; observed: voice mail reached, final 200',
    );
  });

  describe('where no source speaks, beside what was observed', () => {
    const expected = { ...mustEngage, callee: 'unspecified', outcome: 'unspecified' } as const;
    const observedOf = (over: Partial<Case>) =>
      verdictOn({ expected, ...over }).why?.replace(/^no source says what must happen; observed: /, '');
    const uncalled = suppressed({ legs: [] });
    const unheard = suppressed({ legs: [leg('phone', { startMs: 3, endMs: 20, rang: false })] });
    const controlAlone = diverted({ legs: [voicemailAnswered] });
    const elsewhere = { ...scenario, callee: 'unregistered' } as const;

    it.for([
      [
        'that the phone was not called',
        { seen: uncalled },
        "; the callee's own phone, which the control came to, was not called",
      ],
      ['nothing where it was', { seen: unheard }, ''],
      ['nothing where it rang', { seen: suppressed() }, ''],
      [
        'nothing where the control did not call it either',
        { seen: uncalled, scenario: elsewhere, control: controlAlone },
        '',
      ],
    ] as const)('%s', ([, over, more]) => {
      expect(observedOf(over)).toBe(`voice mail not reached, final 480${more}`);
    });

    it.for([
      ['at once', 1800, ' when the caller gave up'],
      ['afterwards', 1801, ' when the caller gave up'],
      ['before', 1799, ''],
      ['never', null, ''],
    ] as const)('whether it ended with the caller: %s', ([, finalMs, more]) => {
      const seen = withCaller(suppressed(), { finalStatus: 487, finalMs, cancelledMs: 1800 });
      expect(observedOf({ seen })).toBe(`voice mail not reached, final 487${more}`);
    });

    it.for([
      ['fingerprint', 'voicemail', ', or another voice of the same server (by the look of the answer alone)'],
      ['mailbox', 'voicemail', ''],
      ['fingerprint', 'missed-call-inbox', ''],
    ] as const)('how weak the evidence is: %s for %s', ([by, trap, more]) => {
      const arrivals = [{ by, atMs: 610, seen: 'x' }] as const;
      const innerVoicemail = { arrivals, shown: [by], doubt: null };
      const seen = diverted({ legs: [rangAlone], innerVoicemail, notifications: [missedCall] });
      const control = diverted({ notifications: [missedCall] });
      const name = trap === 'voicemail' ? 'voice mail' : 'the missed-call inbox';
      expect(observedOf({ scenario: { ...scenario, trap }, seen, control })).toBe(`${name} reached${more}, final 200`);
    });
  });

  it('everything that went wrong, and every phone that did not register', () => {
    expect(verdictOn({ seen: suppressed({ troubles: ['one', 'two'] }) }).why).toBe('one; two');
    expect(verdictOn({ seen: suppressed({ unregistered: ['alice (401)', 'team (403)'] }) }).why).toBe(
      'REGISTER was not answered with 200 for alice (401), team (403)',
    );
  });

  it('all lines that were sent, and all that were to be', () => {
    const seen = withCaller(suppressed(), { headersSent: ['A: 1', 'B:\r\n 2'] });
    expect(verdictOn({ seen, planned: ['A: 1', 'C: 3'] }).why).toBe(
      'the INVITE on record carries "A: 1", "B:\\r\\n 2" where "A: 1", "C: 3" was to be sent',
    );
  });
});

describe('a late lab', () => {
  const late = (lateMs: number) => suppressed({ lateMs });

  it('accuses all the same while it is within the slack', () => {
    const { slackMs } = suppressed().window;
    expect(verdictOn({ seen: diverted({ lateMs: slackMs }) }).verdict).toBe('fail');
    expect(verdictOn({ seen: diverted({ lateMs: slackMs + 1 }) }).verdict).toBe('inconclusive');
  });

  it('does not believe that the caller would have waited in vain', () => {
    const seen = withCaller(late(500), { finalStatus: 487, cancelledMs: 1800 });
    expect(verdictOn({ seen }).why).toMatch(
      /^the caller gave up before the trap was reached; but the lab was up to 500 ms late during the call/,
    );
  });

  it('believes a caller that was to hang up anyway', () => {
    const seen = withCaller(late(500), { finalStatus: 487, cancelledMs: 300 });
    const impatient = { ...scenario, caller: 'hang-up-while-ringing' as const };
    // Its CANCEL and the answer of voice mail passed each other on the way.
    const control = withCaller(diverted(), { cancelledMs: 640 });
    expect(verdictOn({ scenario: impatient, seen, control }).verdict).toBe('pass');
  });

  it('believes that a trap was reached, whoever ended the call', () => {
    const seen = withCaller(diverted({ lateMs: 500 }), { cancelledMs: 1800 });
    expect(verdictOn({ seen, expected: mustEngage }).verdict).toBe('pass');
  });
});

describe('a call that has no end on record', () => {
  it('has no outcome', () => {
    expect(verdictOn({ seen: suppressed({ startedAtEpochMs: null }) }).outcome).toBe('unknown');
    expect(verdictOn({ seen: withCaller(suppressed(), { finalStatus: null }) }).outcome).toBe('unknown');
  });

  it('proves no absence', () => {
    expect(absence(suppressed(), scenario, 'unknown')[0]).toEqual({
      id: 'end',
      holds: false,
      seen: 'where the call ended is not known',
    });
  });
});

it("does not take another's ringing for the callee's own phone", () => {
  const seen = diverted({ legs: [leg('voicemail', { startMs: 605 })] });
  expect(verdictOn({ seen }).calleeRang).toBe(false);
});
