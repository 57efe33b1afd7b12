import { expect } from 'vitest';
import type { CallSeen, LegRole } from './lab.ts';

/**
 * Who was rung, stage by stage: `phone + team > voicemail`. Within a stage the order does not count; between stages it
 * does, so the legs are cut into stages of the expected sizes.
 */
export function expectStages(seen: CallSeen, expected: string): void {
  const wanted = expected === '' ? [] : expected.split(' > ').map((stage) => stage.split(' + ').toSorted());
  const legs = seen.legs.map(({ role }) => role);
  const found: LegRole[][] = wanted.map((stage) => legs.splice(0, stage.length).toSorted());
  if (legs.length > 0) found.push(legs);
  expect(found.map((stage) => stage.join(' + ')).join(' > ')).toBe(
    wanted.map((stage) => stage.join(' + ')).join(' > '),
  );
}
