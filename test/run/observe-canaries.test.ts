import { describe, expect, it } from 'vitest';
import type { PolicyId } from '../../harness/model/scenario.ts';
import type { Cell } from '../../harness/plan/plan.ts';
import type { SeenCanary } from '../../harness/run/near-canaries.ts';
import { observe } from '../../harness/run/observe.ts';
import { scenario } from '../helpers/observations.ts';
import { canary, cell, record, START, verdictOf, WINDOW_MS } from './call-record.ts';

it('takes the nearest canaries on both sides', () => {
  const seen = [-300, -100, WINDOW_MS + 1, WINDOW_MS + 300].map((sentMs) => canary(sentMs, sentMs + 10));
  expect(observe(record({ canaries: seen })).canary).toMatchObject({
    before: { sentMs: -100, reachedMs: -90 },
    after: { sentMs: WINDOW_MS + 1, reachedMs: WINDOW_MS + 11 },
  });
});

it.for([
  ['there is none before', [canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
  ['there is none after', [canary(-100, -90)]],
  ['the one after was sent before the window ended', [canary(-100, -90), canary(WINDOW_MS - 1, WINDOW_MS + 9)]],
  ['the one before was reached only after the INVITE', [canary(-5, 5), canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
  ['one in between failed', [canary(-100, -90), canary(500, null), canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
  ['the one after failed', [canary(-100, -90), canary(WINDOW_MS + 1, null)]],
] as const)('claims nothing from canaries when %s', ([, seen]) => {
  expect(verdictOf({ canaries: [...seen] })).toBe('inconclusive');
});

describe('a canary that got nowhere', () => {
  const around = [canary(-100, -90), canary(WINDOW_MS + 1, WINDOW_MS + 10)];
  const lateMs = (...seen: readonly SeenCanary[]): number => {
    const sorted = seen.toSorted((a, b) => a.call.sentEpochMs - b.call.sentEpochMs);
    return observe(record({ canaries: sorted })).lateMs;
  };
  const lost = (sentMs: number): SeenCanary => {
    const { call } = canary(sentMs, null);
    return { call: { ...call, doneEpochMs: call.sentEpochMs + 1500 }, reachedEpochMs: null };
  };

  it('makes the lab late when a later one gets to the same trap', () => {
    const usual = lateMs(...around);
    expect(usual).toBeLessThan(100);
    expect(lateMs(...around, lost(500))).toBe(1500);
    expect(lateMs(canary(-100, -90), lost(WINDOW_MS + 1), canary(WINDOW_MS + 2000, WINDOW_MS + 2010))).toBe(1500);
    expect(lateMs(lost(-1700), ...around.slice(1))).toBe(1500);
  });

  it('does not when none does: the trap is dead', () => {
    expect(lateMs(canary(-100, -90), lost(500), lost(WINDOW_MS + 1))).toBeLessThan(100);
    expect(lateMs(canary(-100, -90), lost(WINDOW_MS + 1), lost(WINDOW_MS + 2000))).toBeLessThan(100);
  });

  it('does not when this call has no need of it', () => {
    expect(lateMs(lost(-3000), ...around)).toBeLessThan(100);
    expect(lateMs(...around, lost(WINDOW_MS + 2000), canary(WINDOW_MS + 4000, WINDOW_MS + 4010))).toBeLessThan(100);
  });
});

describe('an inbox', () => {
  const inbox: Cell = { ...cell, scenario: { ...scenario, trap: 'missed-call-inbox' } };
  const after = WINDOW_MS + 1;
  const both = (policy: PolicyId = 'ms-sipre') => [
    canary(-100, -90, 'missed-call-inbox', policy),
    canary(-100, -80, 'voicemail', policy),
    canary(after, after + 9, 'missed-call-inbox', policy),
    canary(after, after + 20, 'voicemail', policy),
  ];
  const sightingsOf = (seen: readonly SeenCanary[]) => observe(record({ cell: inbox, canaries: seen })).canary;

  it('is proven by both its canaries, and the later of them closes the window', () => {
    expect(sightingsOf(both())).toEqual({
      trap: 'missed-call-inbox',
      before: { sentMs: -100, reachedMs: -80 },
      after: { sentMs: after, reachedMs: after + 20 },
    });
    expect(observe(record({ cell: inbox, canaries: both() })).window.closedMs).toBe(after + 20);
  });

  it.for([0, 1, 2, 3])('is not proven without its canary %i', (missing) => {
    const { before, after: closing } = sightingsOf(both().toSpliced(missing, 1));
    expect(missing < 2 ? before : closing).toBeNull();
  });

  it.for([0, 1, 2, 3])('is not proven when its canary %i got nowhere', (dead) => {
    const seen = both().map((each, index) => (index === dead ? { ...each, reachedEpochMs: null } : each));
    const { before, after: closing } = sightingsOf(seen);
    expect((dead < 2 ? before : closing)?.reachedMs).toBeNull();
  });

  it("is not proven by another policy's, nor by those of other traps", () => {
    expect(sightingsOf(both('plain'))).toMatchObject({ before: null, after: null });
    expect(sightingsOf([canary(-100, -90, 'team'), canary(after, after + 9, 'team')])).toMatchObject({
      before: null,
      after: null,
    });
  });
});

describe('a canary to a phone', () => {
  const phone = (sentMs: number, reachedMs: number | null) => canary(sentMs, reachedMs, 'phone');
  const around = [phone(-100, -90), phone(WINDOW_MS + 1, WINDOW_MS + 10)];

  it('is looked for on both sides', () => {
    expect(observe(record({ canaries: around })).phoneCanary).toEqual({
      before: { sentMs: -100, reachedMs: -90 },
      after: { sentMs: WINDOW_MS + 1, reachedMs: WINDOW_MS + 10 },
    });
    expect(observe(record()).phoneCanary).toEqual({ before: null, after: null });
  });

  it('that failed during the call counts before any that came later', () => {
    expect(observe(record({ canaries: [...around, phone(500, null)] })).phoneCanary.after).toEqual({
      sentMs: 500,
      reachedMs: null,
      failed: 'to alice-test-c6: x',
    });
  });

  it('that failed is no trouble of a trap', () => {
    expect(observe(record({ canaries: [...around, phone(500, null)] })).troubles).toEqual([]);
  });
});

describe('a canary that failed', () => {
  it.for([
    ['as the call began', -500, 0, true],
    ['as the window ended', WINDOW_MS, WINDOW_MS + 500, true],
    ['before the call', -501, -1, false],
    ['after the window', WINDOW_MS + 1, WINDOW_MS + 501, false],
  ] as const)('%s', ([, sentMs, doneMs, counts]) => {
    const failed = canary(sentMs, null);
    const seen = { ...failed, call: { ...failed.call, doneEpochMs: START + doneMs } };
    const { troubles } = observe(record({ canaries: [canary(-900, -890), seen] }));
    expect(troubles).toEqual(counts ? ['a canary to voicemail failed during the call: x'] : []);
  });

  it('at another trap or policy says nothing of this call', () => {
    const others = [canary(500, null, 'team'), canary(500, null, 'voicemail', 'plain')];
    expect(observe(record({ canaries: others })).troubles).toEqual([]);
  });
});

describe('a canary', () => {
  it('counts from the moment of the INVITE back, and from the end of the window on', () => {
    const seen = [canary(-100, 0), canary(WINDOW_MS, WINDOW_MS + 9)];
    expect(observe(record({ canaries: seen })).canary).toMatchObject({
      before: { sentMs: -100, reachedMs: 0 },
      after: { sentMs: WINDOW_MS, reachedMs: WINDOW_MS + 9 },
    });
  });

  it('that was reached during the call is no trouble', () => {
    expect(observe(record({ canaries: [canary(100, 700)] })).troubles).toEqual([]);
  });
});

it('an inbox is proven by the later of its canaries, whichever it is', () => {
  const inbox: Cell = { ...cell, scenario: { ...scenario, trap: 'missed-call-inbox' } };
  const seen = [canary(-100, -80, 'missed-call-inbox'), canary(-100, -90, 'voicemail')];
  expect(observe(record({ cell: inbox, canaries: seen })).canary.before).toEqual({ sentMs: -100, reachedMs: -80 });
});
