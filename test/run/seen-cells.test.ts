import { describe, expect, it } from 'vitest';
import { verdicts } from '../../harness/judge/verdicts.ts';
import type { Expectation } from '../../harness/model/results.ts';
import { plan } from '../../harness/plan/plan.ts';
import { SeenCells } from '../../harness/run/seen-cells.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { diverted, leg, suppressed } from '../helpers/observations.ts';

const CELLS = plan(
  { server: 'kamailio', transport: 'udp', policies: ['ms-sipre'], scenarios, variants },
  {
    policies: [],
    situations: ['voicemail-no-answer'],
    variants: ['target-class-secondary', 'x-no-voicemail'],
    filters: [],
  },
);
const [CONTROL = '', VARIANT = '', OTHER = ''] = CELLS.map(({ id }) => id);

const control = (lateMs: number) => diverted({ cell: CONTROL, lateMs });
const variant = (lateMs: number) => suppressed({ cell: VARIANT, lateMs });
const other = (lateMs: number) => suppressed({ cell: OTHER, lateMs });

const round = (attempt: number, ...ids: readonly string[]) => ({
  attempt,
  cells: CELLS.filter(({ id }) => ids.includes(id)),
});
const seen = (...observations: readonly ReturnType<typeof control>[]) => ({ observations, afterthoughts: [] });

function firstRound(controlLateMs: number): SeenCells {
  const cells = new SeenCells();
  cells.take(round(1, CONTROL, VARIANT, OTHER), seen(control(controlLateMs), variant(2_000), other(0)));
  return cells;
}

describe('of a cell that was called again', () => {
  it('its last call counts, later or not', () => {
    const cells = firstRound(0);
    cells.callAgain([VARIANT]);
    expect(cells.take(round(2, CONTROL, VARIANT), seen(control(0), variant(3_000)))).toEqual(new Set([VARIANT]));
    expect(cells.all.get(VARIANT)?.lateMs).toBe(3_000);
  });

  it('the control that came along counts for it, and for no other', () => {
    const cells = firstRound(2_000);
    cells.callAgain([VARIANT]);
    cells.take(round(2, CONTROL, VARIANT), seen(control(5), variant(5)));
    expect(cells.controls.get(VARIANT)?.lateMs).toBe(5);
    expect(cells.controls.get(OTHER)?.lateMs).toBe(2_000);
    expect(cells.all.get(CONTROL)?.lateMs).toBe(2_000);
  });

  it('it is called again once for each time that it is asked for', () => {
    const cells = firstRound(0);
    cells.callAgain([VARIANT]);
    cells.take(round(2, CONTROL, VARIANT), seen(control(0), variant(10)));
    cells.take(round(3, CONTROL, VARIANT), seen(control(0), variant(20)));
    expect(cells.all.get(VARIANT)?.lateMs).toBe(10);
  });
});

it('a leg that comes after its cell was read is added to what was seen, also where that is what others are held against', () => {
  const cells = firstRound(0);
  const afterthoughts = [VARIANT, CONTROL].map((cell) => ({ cell, leg: leg('team') }));
  cells.take(round(1), { observations: [], afterthoughts });
  expect(cells.all.get(VARIANT)?.legs).toContainEqual(leg('team'));
  expect(cells.all.get(CONTROL)?.legs).toContainEqual(leg('team'));
  expect(cells.controls.get(OTHER)?.legs).toContainEqual(leg('team'));
});

it('a verdict stands on the control that was called with its cell, however another went', () => {
  const cells = firstRound(0);
  cells.callAgain([CONTROL, VARIANT]);
  cells.take(round(2, CONTROL, VARIANT), seen(suppressed({ cell: CONTROL }), variant(0)));
  const judged = (over: { controls?: SeenCells['controls'] }) =>
    verdicts({ cells: CELLS, observations: cells.all, expectationOf: () => KEPT_OUT, ...over });
  const of = (results: ReturnType<typeof judged>, id: string) => results.find((each) => each.id === id)?.control;
  expect(of(judged({ controls: cells.controls }), OTHER)).toEqual({ id: CONTROL, outcome: 'engaged' });
  expect(of(judged({ controls: cells.controls }), VARIANT)).toEqual({ id: CONTROL, outcome: 'suppressed' });
  expect(of(judged({}), OTHER)).toEqual({ id: CONTROL, outcome: 'suppressed' });
});

const KEPT_OUT: Expectation = { outcome: 'suppressed', claims: [], callee: 'rings', statuses: [] };
