import { describe, expect, it } from 'vitest';
import { cellFiles } from '../../harness/evidence/cell-files.ts';
import { checkLines, NO_CHECKS } from '../../harness/evidence/checks.ts';
import { sample } from '../results/sample.ts';

const [cell] = sample().cells;
if (cell === undefined) throw new Error('the sample has cells');

describe('checkLines', () => {
  it('are what the judge asked, whether it holds, and what was seen', () => {
    const checks = [
      { id: 'lab', holds: true, seen: 'nothing went wrong' },
      { id: 'window', holds: null, seen: 'watched for 2400 ms' },
      { id: 'in-time', holds: false, seen: 'at most 1200 ms late' },
    ] as const;
    expect(checkLines({ checks })).toEqual([
      '✓ The lab itself held: nothing went wrong',
      '– Absence was watched to the end: watched for 2400 ms',
      '✕ The lab was in time: at most 1200 ms late',
    ]);
  });

  it('say of an older file that it has none', () => {
    expect(checkLines({})).toEqual([NO_CHECKS]);
  });
});

it('are among what a vendor gets', () => {
  const nothing = {
    control: null,
    messages: [],
    controlMessages: null,
    ladderSvg: '',
    ladderText: '',
    runStartedAt: '2026-11-22T10:00:00.000Z',
  };
  const [about] = cellFiles({ cell, ...nothing });
  const text = new TextDecoder().decode(about?.bytes);
  expect(cell.checks?.length).toBeGreaterThan(10);
  expect(text).toContain(checkLines(cell).join('\n'));
});
