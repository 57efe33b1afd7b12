import { describe, expect, it } from 'vitest';
import { isBusy } from '../../harness/run/busy-machine.ts';

describe('a busy machine', () => {
  const cores = 2;
  const waiting = (percent: string): string =>
    `some avg10=${percent} avg60=99.00 avg300=99.00 total=10205177870\nfull avg10=99.00 avg60=99.00 avg300=99.00 total=0\n`;

  it.for([
    ['80.07', true],
    ['30.01', true],
    ['30.00', false],
    ['0.00', false],
  ] as const)('is told by how long somebody waited for a processor of late: %s percent', ([percent, expected]) => {
    expect(isBusy({ pressure: waiting(percent), load: expected ? 0 : 99, cores })).toBe(expected);
  });

  it('is told by its load where the system does not say how long anybody waits', () => {
    for (const pressure of ['', 'full avg10=99.00 avg60=99.00 avg300=99.00 total=0\n'])
      expect([3, 3.1].map((load) => isBusy({ pressure, load, cores }))).toEqual([false, true]);
  });
});
