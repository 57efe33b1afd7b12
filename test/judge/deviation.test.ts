/** What deviates from the sources, in the words in which a verdict holds it against the server. */
import { describe, expect, it } from 'vitest';
import { diverted, leg, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustSuppress, verdictOn, withCaller } from './case.ts';

describe('an application whose call was not kept out is told', () => {
  it.for([
    ['that it sent no header', { headersSent: [] }, 'no header that the matrix knows'],
    ['which header it sent', { headersSent: ['A: 1'], headersLater: [] }, '"A: 1"'],
    ['all headers that it sent', { headersSent: ['A: 1', 'B: 2'] }, '"A: 1" and "B: 2"'],
    [
      'that it sent one too late',
      { headersSent: [], headersLater: ['UPDATE'] },
      'no header that the matrix knows (its UPDATE did)',
    ],
    [
      'every request that had one too late',
      { headersSent: ['A: 1'], headersLater: ['UPDATE', 're-INVITE'] },
      '"A: 1" (its UPDATE and its re-INVITE did)',
    ],
  ] as const)('%s', ([, sent, carried]) => {
    const expected = { ...mustSuppress, remedy: 'a-row' };
    const judged = verdictOn({ seen: withCaller(diverted(), sent), planned: sent.headersSent, expected });
    expect(judged).toMatchObject({
      verdict: 'fail',
      why: `voice mail was reached 605 ms after the INVITE: its INVITE carried ${carried}, and a-row would have kept the call out, says a-claim`,
    });
  });
});

describe('that a trap was reached', () => {
  const arrivals = [{ by: 'mailbox', atMs: 900, seen: 'the mailbox rose from 0 to 1' }] as const;
  const innerVoicemail = { arrivals, shown: ['mailbox'], doubt: null } as const;
  const toTeam = [rangAlone, leg('team', { startMs: 210 })];

  it.for([
    ['voicemail', [rangAlone], 'voice mail was reached (the mailbox rose from 0 to 1)'],
    ['team', toTeam, 'the team phone was reached 210 ms after the INVITE'],
  ] as const)('%s: is shown by what came to it, and by nothing that came to another', ([trap, legs, reached]) => {
    const judged = verdictOn({
      scenario: { ...scenario, trap },
      seen: suppressed({ legs, innerVoicemail }),
      control: diverted({ legs: [...toTeam, voicemailAnswered] }),
    });
    expect(judged).toMatchObject({ verdict: 'fail', why: `${reached}, but a-claim says it must not be` });
  });
});

it('a phone that must answer, and only rang, is over-blocked', () => {
  const talked = leg('phone', { answered: true, result: 'answered', status: 200 });
  const judged = verdictOn({
    scenario: { ...scenario, kind: 'over-blocking', callee: { answerAfterMs: 150 } },
    seen: suppressed({ legs: [leg('phone', { startMs: 3, endMs: 203 })] }),
    control: withCaller(suppressed({ legs: [talked] }), { finalStatus: 200 }),
    expected: { ...mustSuppress, callee: 'answers' },
  });
  expect(judged).toMatchObject({
    verdict: 'fail',
    why: "over-blocked: the callee's own phone did not get to answer (final 480), but a-claim says it must",
  });
});

describe('a phone that was not called in a lab that was late by as long as it rings', () => {
  const { slackMs } = suppressed().window;
  const seen = suppressed({ legs: [], lateMs: slackMs });
  const control = diverted({ lateMs: slackMs });

  it('may be called when the lab is in time', () => {
    expect(verdictOn({ seen, control })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringMatching(/but the lab was late by 800 ms, with its control/),
    });
  });

  it('is not said to be late where no canary shows that phones are alive', () => {
    const dead = { ...seen, phoneCanary: { ...seen.phoneCanary, before: null } };
    expect(verdictOn({ seen: dead, control })).toMatchObject({
      verdict: 'inconclusive',
      late: false,
      why: expect.stringMatching(/but no canary reached a phone before the call: phones may be dead$/),
    });
  });
});
