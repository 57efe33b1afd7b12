import { describe, expect, it } from 'vitest';
import { annotations, muted } from '../../harness/report/annotations.ts';
import { sample } from '../results/sample.ts';
import { hostileRun } from './hostile-run.ts';
import { syntheticResults } from './synthetic-run.ts';

describe('annotations', () => {
  it('name the failures, and nothing else', () => {
    expect(annotations(sample())).toEqual([
      '::error title=ms-sipre%3A voicemail-busy with sensitivity-invalid::voice mail was reached 6 ms after the INVITE, ' +
        'but ms-sipre-invalid-400 says it must not be%0A' +
        'rerun: ./ringfence run kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct',
      '::error title=ms-sipre%3A simultaneous-ring with sensitivity-private-no-diversion::the simultaneous-ring phone was ' +
        'not reached (final 480), but ms-sipre-simultaneous-ring, ms-sipre-own-phones says it must be%0A' +
        'rerun: ./ringfence run kamailio/ms-sipre/simultaneous-ring/sensitivity-private-no-diversion/udp/direct',
    ]);
  });

  it('are few, and none where nothing failed', () => {
    const results = syntheticResults();
    const failed = results.cells.map((cell, index) => ({
      ...cell,
      verdict: 'fail' as const,
      why: `because of ${'x'.repeat((index % 30) + 1)}`,
    }));
    expect(annotations({ ...results, cells: failed })).toHaveLength(8);
    expect(annotations({ ...results, cells: results.cells.filter(({ verdict }) => verdict !== 'fail') })).toEqual([]);
  });

  it('stay one line and one command, whatever the wire said', () => {
    for (const line of annotations(hostileRun().results)) {
      expect(line).toMatch(/^::error title=[^:,\r\n]*::[^\r\n]*$/);
      expect(line).not.toMatch(/\p{C}/u);
    }
    expect(annotations(hostileRun().results).length).toBeGreaterThan(0);
  });
});

describe('muted', () => {
  it('keeps the runner from reading commands until the token', () => {
    expect(muted('::add-mask::x', 'a-token')).toBe('::stop-commands::a-token\n::add-mask::x\n::a-token::\n');
  });
});
