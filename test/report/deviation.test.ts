import { describe, expect, it } from 'vitest';
import { firstDeviation } from '../../harness/ladder/deviation.ts';
import type { Role, SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { firstDeviations } from '../../harness/report/deviation.ts';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';

function message(atMs: number, from: Role, to: Role, startLine: string, cseq = '1 INVITE'): SeenMessage {
  return { atMs, from, to, startLine, cseq, callId: 'a', raw: '' };
}

const invite = message(0, 'caller', 'server', 'INVITE sip:alice@example.test SIP/2.0');
const trying = message(1, 'server', 'caller', 'SIP/2.0 100 Trying');
const rings = message(3, 'server', 'phone', 'INVITE sip:alice@127.0.0.1 SIP/2.0');
const diverted = message(600, 'server', 'voicemail', 'INVITE sip:vm@127.0.0.2 SIP/2.0');
const ends = message(610, 'server', 'caller', 'SIP/2.0 480 Temporarily Unavailable');

function cellOf(change: Partial<CellResult>): CellResult {
  const [, cell] = sample().cells;
  if (cell === undefined) throw new Error('the sample has cells');
  return { ...cell, feature: 'voicemail', ...change };
}

const expected = { outcome: 'suppressed', claims: ['a'], callee: 'rings', statuses: [480] } as const;
const observed = { outcome: 'engaged', status: 480, calleeRang: true, legs: [], notifications: [] } as const;

describe('firstDeviation', () => {
  it('is the INVITE to the trap that must not be reached', () => {
    const cell = cellOf({ verdict: 'fail', expected, observed });
    expect(firstDeviation(cell, [invite, rings, diverted, ends], [invite, rings, diverted])).toEqual({
      kind: 'forbidden',
      message: diverted,
    });
  });

  it('is the final response that no source allows', () => {
    const cell = cellOf({
      verdict: 'fail',
      expected: { ...expected, statuses: [486] },
      observed: { ...observed, outcome: 'suppressed' },
    });
    expect(firstDeviation(cell, [invite, trying, rings, ends], null)).toEqual({ kind: 'forbidden', message: ends });
  });

  it('is the message that the control has and this call has not', () => {
    const cell = cellOf({ verdict: 'inconclusive', expected, observed });
    expect(firstDeviation(cell, [invite, rings, ends], [invite, trying, rings, diverted, ends])).toEqual({
      kind: 'missing',
      message: diverted,
    });
  });

  it('is null when the call went as its control did, retransmissions and 100 Trying aside, or there is no control', () => {
    const cell = cellOf({ verdict: 'inconclusive', expected, observed });
    expect(firstDeviation(cell, [invite, rings, rings, ends], [invite, trying, rings, ends])).toBeNull();
    expect(firstDeviation(cell, [invite, rings, ends], null)).toBeNull();
  });
});

describe('the console', () => {
  it('shows it with each finding', async () => {
    const results = sample();
    const deviations = await firstDeviations(results.cells, tracesIn(SAMPLE_DIR));
    const text = renderMatrix(results, { colour: false, columns: 140, deviations });
    expect(text).toContain(
      'first deviation: 6 ms, server → voicemail, INVITE sip:voicemail@127.0.1.40:5060 SIP/2.0 (must not come)',
    );
    expect(text).toContain('INVITE sip:alice@127.0.1.30:5060 SIP/2.0 (the control has it, this call has not)');
  });
});
