import { describe, expect, it } from 'vitest';
import { type ClaimCell, evaluateClaims } from '../../harness/judge/claims.ts';
import type { ClaimPart } from '../../harness/model/scenario.ts';
import { cell, claim, held, outcome, threeCells } from './claimed.ts';

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

describe('the way of a call', () => {
  const suppressed = cell('busy', 'h', { outcome: 'suppressed' });
  const engaged = cell('busy', 'h', { outcome: 'engaged' });
  const on = (path: ClaimCell['path'], of: ClaimCell): ClaimCell => ({ ...of, path });
  const claimed = outcome('suppressed', ['busy']);

  it('is none of a claim where the header is lost on it', () => {
    expect(held([claimed], [suppressed, on('b2bua-drop', engaged)])).toEqual(['holds', []]);
    expect(held([claimed], [on('b2bua-drop', suppressed)])).toEqual(['not-settled', []]);
  });

  it('is one of those that a claim names', () => {
    const set = { ...claimed, paths: ['b2bua-set'] } as const;
    expect(held([set], [engaged, on('b2bua-set', suppressed)])).toEqual(['holds', []]);
    expect(held([set], [suppressed, on('b2bua-set', engaged)])).toEqual([
      'does-not-hold',
      ['kamailio/ms-sipre/busy/h/udp/b2bua-set'],
    ]);
    expect(held([set], [suppressed]), 'on which there was none').toEqual(['not-settled', []]);
  });

  it.for([
    ['server', { server: 'asterisk' }, 'asterisk/ms-sipre/busy/h/udp/direct'],
    ['transport', { transport: 'tcp' }, 'kamailio/ms-sipre/busy/h/tcp/direct'],
    ['path', { path: 'b2bua-copy' }, 'kamailio/ms-sipre/busy/h/udp/b2bua-copy'],
  ] as const)('of each %s is asked, the first as well as the last', ([, over, id]) => {
    const against = { ...engaged, ...over };
    expect(held([claimed], [against, suppressed])).toEqual(['does-not-hold', [id]]);
    expect(held([claimed], [suppressed, against])).toEqual(['does-not-hold', [id]]);
  });
});
