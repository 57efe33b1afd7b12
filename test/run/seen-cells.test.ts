import { describe, expect, it } from 'vitest';
import type { Observation } from '../../harness/model/observation.ts';
import { SeenCells } from '../../harness/run/seen-cells.ts';
import { diverted, leg, suppressed } from '../helpers/observations.ts';

const CONTROL = 'the control';
const VARIANT = 'the variant';

const control = (lateMs: number): Observation => diverted({ cell: CONTROL, lateMs });
const variant = (lateMs: number): Observation => suppressed({ cell: VARIANT, lateMs });

function firstRound(controlLateMs: number): SeenCells {
  const cells = new SeenCells();
  cells.take({ observations: [control(controlLateMs), variant(2_000)], afterthoughts: [] }, 1);
  return cells;
}

describe('of a cell that was called again', () => {
  it('its last call counts, later or not', () => {
    const cells = firstRound(0);
    cells.callAgain([VARIANT]);
    cells.take({ observations: [control(0), variant(3_000)], afterthoughts: [] }, 2);
    expect(cells.all.get(VARIANT)?.lateMs).toBe(3_000);
  });

  it('the control that came along counts where it was less late than the one before', () => {
    const cells = firstRound(2_000);
    cells.callAgain([VARIANT]);
    cells.take({ observations: [control(5), variant(5)], afterthoughts: [] }, 2);
    expect(cells.all.get(CONTROL)?.lateMs).toBe(5);
  });

  it('and not where it was later: cells that are not called again were held against the first', () => {
    const cells = firstRound(5);
    cells.callAgain([VARIANT]);
    cells.take({ observations: [control(2_000), variant(5)], afterthoughts: [] }, 2);
    expect(cells.all.get(CONTROL)?.lateMs).toBe(5);
  });

  it('it is called again once for each time that it is asked for', () => {
    const cells = firstRound(0);
    cells.callAgain([VARIANT]);
    cells.take({ observations: [variant(10)], afterthoughts: [] }, 2);
    cells.take({ observations: [variant(20)], afterthoughts: [] }, 3);
    expect(cells.all.get(VARIANT)?.lateMs).toBe(10);
  });
});

it('a leg that comes after its cell was read is added to what was seen', () => {
  const cells = firstRound(0);
  const late = leg('voicemail');
  cells.take({ observations: [], afterthoughts: [{ cell: VARIANT, leg: late }] }, 1);
  expect(cells.all.get(VARIANT)?.legs).toContain(late);
});
