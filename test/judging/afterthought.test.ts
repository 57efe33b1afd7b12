import { describe, expect, it } from 'vitest';
import { takenBack } from '../../harness/judging/afterthought.ts';
import type { CellResult, Proof } from '../../harness/model/results.ts';
import { leg } from '../helpers/observations.ts';
import { syntheticResults } from '../report/synthetic-run.ts';

const [some] = syntheticResults().cells;
if (some === undefined) throw new Error('no cell');
const proof: Proof = {
  startedAt: null,
  windowEndMs: 2400,
  windowClosedMs: 2500,
  slackMs: 1000,
  lateMs: 0,
  canary: { trap: 'voicemail', before: null, after: null },
  headersSent: [],
  timersMs: { total: 600, user: 200, team2: 600 },
  troubles: [],
};
const blocked: CellResult = {
  ...some,
  checks: [{ id: 'expectation', holds: true, seen: 'voice mail was not reached' }],
  proof,
  verdict: 'pass',
  why: null,
  expected: { ...some.expected, outcome: 'suppressed' },
  observed: { ...some.observed, outcome: 'suppressed', legs: [] },
};
const late = leg('voicemail', { startMs: 6200 });

describe('a call that reaches somebody when its cell has been judged', () => {
  it('fails a cell that was to be kept out of there', () => {
    const after = takenBack(blocked, late);
    expect(after).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('voicemail 6200 ms after its INVITE'),
    });
    expect(after.observed.legs).toEqual([late]);
    expect(after.checks).toEqual([{ id: 'expectation', holds: false, seen: after.why }]);
  });

  it('leaves nothing proven where it got to somebody else', () => {
    const after = takenBack(blocked, leg('team'));
    expect(after).toMatchObject({ verdict: 'inconclusive' });
    expect(after.checks?.slice(1)).toEqual([{ id: 'afterwards', holds: false, seen: after.why }]);
  });

  it('accuses nobody where no source says what must happen, and is told', () => {
    const unspecified: CellResult = { ...blocked, verdict: 'unspecified', why: 'no source says' };
    const after = takenBack(unspecified, late);
    expect(after).toMatchObject({ verdict: 'unspecified', why: expect.stringMatching(/^no source says; .*6200 ms/) });
    expect(after.checks?.slice(1)).toEqual([{ id: 'specified', holds: false, seen: after.why }]);
  });

  it('changes no verdict where the trap was reached before, where it is the own phone, or where nothing was proven', () => {
    const engaged: CellResult = { ...blocked, observed: { ...blocked.observed, outcome: 'engaged' } };
    expect(takenBack(engaged, late).verdict).toBe('pass');
    expect(takenBack(blocked, leg('phone')).verdict).toBe('pass');
    const doubted: CellResult = { ...blocked, verdict: 'inconclusive', why: 'no canary' };
    expect(takenBack(doubted, late)).toMatchObject({ verdict: 'inconclusive', why: 'no canary' });
  });
});
