import { describe, expect, it } from 'vitest';
import { firstDifference, impersonal } from '../../bench/compare.ts';

const run = (id: string, startedAt: string, verdict: string, atMs: number) => ({
  run: { id: `${startedAt}-${id}`, startedAt, durationMs: atMs },
  cells: [
    {
      id: 'kamailio/plain/busy',
      verdict,
      durationMs: atMs,
      observed: { legs: [{ user: `alice-${id}-${300 + atMs}`, callId: id, startMs: atMs }] },
      checks: [{ id: 'canary-after', seen: `a canary reached voice mail ${atMs} ms after the INVITE` }],
      trace: `traces/calls-1.jsonl.gz#bytes=0-${atMs}`,
    },
  ],
});

describe('two runs', () => {
  it('agree when only times and ids differ', () => {
    const [one, other] = [run('a', '2026-01-01', 'pass', 1), run('b', '2026-01-02', 'pass', 2)];
    expect(firstDifference(impersonal(one), impersonal(other))).toBeNull();
  });

  it('agree when a server gives the cause of a CANCEL with words or without, and disagree in the cause', () => {
    const cancelled = (reason: string) =>
      impersonal({ observed: { legs: [{ cancelReasons: [`Reason: ${reason}`] }] } });
    const worded = cancelled('SIP;cause=200;text="Call completed elsewhere"');
    expect(firstDifference(cancelled('SIP;cause=200'), worded)).toBeNull();
    expect(firstDifference(cancelled('SIP;cause=487'), worded)).not.toBeNull();
  });

  it('disagree in what was seen, times apart', () => {
    const one = run('a', '2026-01-01', 'pass', 1);
    const [cell] = one.cells;
    const other = { ...one, cells: [{ ...cell, checks: [{ id: 'canary-after', seen: 'no canary after 1 ms' }] }] };
    expect(firstDifference(impersonal(one), impersonal(other))).toContain('[checks][0, canary-after][seen]');
    const others = { ...one, cells: [{ ...cell, observed: { legs: [{ user: 'tina-a-301' }] } }] };
    expect(firstDifference(impersonal(one), impersonal(others))).toContain('[user]: "alice" against "tina"');
  });

  it('disagree in a verdict, and the cell is named', () => {
    const [one, other] = [run('a', '2026-01-01', 'pass', 1), run('b', '2026-01-02', 'fail', 2)];
    expect(firstDifference(impersonal(one), impersonal(other))).toBe(
      'results[cells][0, kamailio/plain/busy][verdict]: "pass" against "fail"',
    );
  });

  it('disagree when a cell is missing', () => {
    const one = run('a', '2026-01-01', 'pass', 1);
    expect(firstDifference(impersonal(one), impersonal({ ...one, cells: [] }))).toContain('undefined');
  });

  it('keep the ids of cells, which do not belong to a run', () => {
    expect(JSON.stringify(impersonal(run('a', '2026-01-01', 'pass', 1)))).toBe(
      '{"run":{},"cells":[{"id":"kamailio/plain/busy","verdict":"pass","observed":{"legs":[{"user":"alice"}]},"checks":[{"id":"canary-after","seen":"a canary reached voice mail  ms after the INVITE"}]}]}',
    );
  });

  it('agree when two legs of one moment are listed the other way round', () => {
    const legs = [
      { role: 'phone', answered: true },
      { role: 'team', answered: false },
    ];
    const [one, other] = [{ observed: { legs } }, { observed: { legs: legs.toReversed() } }];
    expect(firstDifference(impersonal(one), impersonal(other))).toBeNull();
    expect(firstDifference(impersonal(one), impersonal({ observed: { legs: legs.slice(1) } }))).not.toBeNull();
  });
});
