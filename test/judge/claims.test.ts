import { describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../harness/judge/claims.ts';
import type { CellResult } from '../../harness/model/results.ts';
import type { Claim, ClaimPart } from '../../harness/model/scenario.ts';

describe('evaluateClaims', () => {
  it('holds when every named cell bears it out', () => {
    const cells = [cell('busy', 'h', { outcome: 'suppressed' }), cell('idle', 'h', { outcome: 'suppressed' })];
    expect(held([outcome('suppressed', ['busy', 'idle'])], cells)).toEqual(['holds', []]);
  });

  it('is refuted by a single cell, named, even while others are missing', () => {
    const cells = [cell('busy', 'h', { outcome: 'engaged' })];
    expect(held([outcome('suppressed', ['busy', 'idle'])], cells)).toEqual([
      'does-not-hold',
      ['kamailio/ms-sipre/busy/h/udp/direct'],
    ]);
  });

  it.each([
    ['missing', []],
    ['inconclusive', [cell('busy', 'h', { outcome: 'suppressed', verdict: 'inconclusive' })]],
    ['unsupported', [cell('busy', 'h', { outcome: 'suppressed', verdict: 'unsupported' })]],
    ['of unknown outcome', [cell('busy', 'h', { outcome: 'unknown' })]],
  ])('is not settled by a cell that is %s', (_what, cells) => {
    const other = cell('idle', 'h', { outcome: 'suppressed' });
    expect(held([outcome('suppressed', ['busy', 'idle'])], [other, ...cells])).toEqual([
      'not-settled',
      ['kamailio/ms-sipre/busy/h/udp/direct'],
    ]);
  });

  it('lets a failed or unspecified cell speak: the verdict judges the server, the outcome settles the claim', () => {
    const cells = [
      cell('busy', 'h', { outcome: 'suppressed', verdict: 'fail' }),
      cell('idle', 'h', { outcome: 'suppressed', verdict: 'unspecified' }),
    ];
    expect(held([outcome('suppressed', ['busy', 'idle'])], cells)).toEqual(['holds', []]);
  });

  it('compares final responses', () => {
    const part: ClaimPart = { variants: ['h'], situations: ['busy'], says: 'status', status: [480, 486] };
    expect(held([part], [cell('busy', 'h', { status: 486 })])).toEqual(['holds', []]);
    expect(held([part], [cell('busy', 'h', { status: 200 })])[0]).toBe('does-not-hold');
  });

  it('asks whether the callee rang', () => {
    const part: ClaimPart = { variants: ['h'], situations: ['busy'], says: 'callee-rings' };
    expect(held([part], [cell('busy', 'h', { calleeRang: true })])).toEqual(['holds', []]);
    expect(held([part], [cell('busy', 'h', { calleeRang: false })])[0]).toBe('does-not-hold');
    const silent: ClaimPart = { ...part, says: 'callee-silent' };
    expect(held([silent], [cell('busy', 'h', { calleeRang: false })])).toEqual(['holds', []]);
    expect(held([silent], [cell('busy', 'h', { calleeRang: true })])[0]).toBe('does-not-hold');
  });

  it('compares a row with another, situation by situation', () => {
    const part: ClaimPart = { variants: ['h'], situations: ['busy', 'idle'], says: 'same-as', variant: 'none' };
    const own = [cell('busy', 'h', { outcome: 'engaged' }), cell('idle', 'h', { outcome: 'suppressed' })];
    const none = [cell('busy', 'none', { outcome: 'engaged' }), cell('idle', 'none', { outcome: 'suppressed' })];
    expect(held([part], [...own, ...none])).toEqual(['holds', []]);
    expect(held([part], [...own, ...none.slice(0, 1)])).toEqual([
      'not-settled',
      ['kamailio/ms-sipre/idle/none/udp/direct'],
    ]);
    expect(held([part], [...own, cell('busy', 'none', { outcome: 'suppressed' })])).toEqual([
      'does-not-hold',
      ['kamailio/ms-sipre/busy/h/udp/direct'],
    ]);
  });

  it('demands all or nothing within one row, and names the odd one out', () => {
    const part: ClaimPart = { variants: ['h'], situations: ['busy', 'idle', 'team'], says: 'all-or-nothing' };
    expect(held([part], threeCells('suppressed', 'suppressed', 'suppressed'))).toEqual(['holds', []]);
    expect(held([part], threeCells('engaged', 'engaged', 'engaged'))).toEqual(['holds', []]);
    expect(held([part], threeCells('suppressed', 'engaged', 'suppressed'))).toEqual([
      'does-not-hold',
      ['kamailio/ms-sipre/idle/h/udp/direct'],
    ]);
    expect(held([part], threeCells('suppressed', 'suppressed'))[0]).toBe('not-settled');
    expect(held([part], threeCells('suppressed', 'engaged', 'unknown'))[0]).toBe('does-not-hold');
  });

  it('needs every part of the test', () => {
    const parts = [outcome('suppressed', ['busy']), outcome('engaged', ['idle'])];
    const busy = cell('busy', 'h', { outcome: 'suppressed' });
    expect(held(parts, [busy, cell('idle', 'h', { outcome: 'engaged' })])).toEqual(['holds', []]);
    expect(held(parts, [busy, cell('idle', 'h', { outcome: 'suppressed' })])[0]).toBe('does-not-hold');
  });

  it('answers for each policy that was run, and skips claims without a test', () => {
    const cells = [
      cell('busy', 'h', { outcome: 'suppressed' }),
      { ...cell('busy', 'h', { outcome: 'engaged' }), policy: 'plain' as const },
    ];
    const claims = [claim([outcome('suppressed', ['busy'])]), { ...claim([]), id: 'told' }];
    const { test: _none, ...told } = claims[1] ?? claim([]);
    expect(evaluateClaims([claims[0] ?? claim([]), told], cells).map(({ policy, held: how }) => [policy, how])).toEqual(
      [
        ['ms-sipre', 'holds'],
        ['plain', 'does-not-hold'],
      ],
    );
  });

  it('must hold over every transport that was run', () => {
    const udp = cell('busy', 'h', { outcome: 'suppressed' });
    const tcp = { ...cell('busy', 'h', { outcome: 'engaged' }), transport: 'tcp' as const };
    expect(held([outcome('suppressed', ['busy'])], [udp, tcp])).toEqual([
      'does-not-hold',
      ['kamailio/ms-sipre/busy/h/tcp/direct'],
    ]);
  });
});

function held(test: Claim['test'] & {}, cells: CellResult[]): [string, readonly string[]] {
  const own = evaluateClaims([claim(test)], cells).find((each) => each.policy === 'ms-sipre');
  if (own === undefined) throw new Error('no result for ms-sipre');
  return [own.held, own.cells];
}

/** One cell for each of three situations, as many as there are outcomes. */
function threeCells(...outcomes: CellResult['observed']['outcome'][]): CellResult[] {
  return outcomes.map((each, index) => cell(['busy', 'idle', 'team'][index] ?? '', 'h', { outcome: each }));
}

function outcome(which: 'engaged' | 'suppressed', situations: string[]): ClaimPart {
  return { variants: ['h'], situations, says: 'outcome', outcome: which };
}

function claim(test: Claim['test'] & {}): Claim {
  const source = { title: 'Test', url: 'https://example.test/', readOn: '2026-11-22' };
  return { id: 'it', statement: 'It is so.', source, evidence: 'inferred', test };
}

interface Seen {
  readonly outcome?: CellResult['observed']['outcome'];
  readonly status?: number;
  readonly calleeRang?: boolean;
  readonly verdict?: CellResult['verdict'];
}

function cell(situation: string, variant: string, seen: Seen): CellResult {
  return {
    id: `kamailio/ms-sipre/${situation}/${variant}/udp/direct`,
    server: 'kamailio',
    policy: 'ms-sipre',
    situation,
    feature: 'voicemail',
    variant,
    transport: 'udp',
    path: 'direct',
    verdict: seen.verdict ?? 'pass',
    expected: { outcome: 'unspecified', claims: [], callee: 'unspecified', statuses: [] },
    observed: {
      outcome: seen.outcome ?? 'suppressed',
      status: seen.status ?? 480,
      calleeRang: seen.calleeRang ?? true,
      legs: [],
      notifications: [],
    },
    control: null,
    why: null,
    durationMs: 0,
    rerun: '',
    trace: '',
  };
}
