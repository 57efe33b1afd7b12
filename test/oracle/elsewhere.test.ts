import { describe, expect, it } from 'vitest';
import type { HeaderField, PolicyId, Scenario } from '../../harness/model/scenario.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { type CallSettings, callTo } from './call.ts';

/** `trap: outcome` of the traps that the call is not about. */
const elsewhere = (settings: CallSettings, ...headers: HeaderField[]): string[] =>
  Object.entries(expectation('ms-sipre', callTo(settings), { headers }).elsewhere ?? {}).map(
    ([trap, { outcome }]) => `${trap}: ${outcome}`,
  );

describe('of the traps that a call is not about', () => {
  it('nobody speaks where none is on its way', () => {
    expect(expectation('ms-sipre', callTo(), { headers: [] })).not.toHaveProperty('elsewhere');
  });

  it('those that a header forbids are forbidden, and this one is spoken of by itself', () => {
    const header = 'Ms-Sensitivity: normal-no-diversion';
    expect(elsewhere({ trap: 'team' }, header)).toEqual(['voicemail: suppressed', 'forward-target: suppressed']);
    expect(elsewhere({ trap: 'voicemail' }, header)).toEqual(['forward-target: suppressed', 'team: suppressed']);
  });

  it('those that the callee`s rules lead to are demanded, with their claims', () => {
    const settings: CallSettings = { trap: 'missed-call-inbox', caller: 'hang-up-in-greeting' };
    expect(expectation('ms-sipre', callTo(settings), { headers: [] }).elsewhere).toEqual({
      voicemail: { outcome: 'engaged', claims: ['ms-sipre-unanswered-voicemail'] },
    });
  });

  it('an inbox is none: whether a call was missed is another question', () => {
    expect(elsewhere({ caller: 'hang-up-while-ringing' })).toEqual([]);
  });

  it('a call that is refused reaches none', () => {
    const { outcome, elsewhere: others } = expectation('ms-sipre', callTo(), { headers: ['Ms-Sensitivity: x'] });
    const kept = { outcome: 'suppressed', claims: ['ms-sipre-invalid-400'] };
    expect(outcome).toBe('suppressed');
    expect(others).toEqual({ 'forward-target': kept, 'simultaneous-ring': kept, team: kept, delegate: kept });
  });
});

describe('an expectation rests on', () => {
  const claims = (policy: PolicyId, scenario: Scenario, ...headers: HeaderField[]): readonly string[] =>
    expectation(policy, scenario, { headers }).claims;
  const FOLDED = { name: 'Ms-Target-Class', value: 'secondary', spelling: 'folded' } as const;

  it('the rule that unknown headers are ignored only where there is one', () => {
    expect(claims('plain', callTo())).not.toContain('rfc3261-unknown-ignored');
    expect(claims('plain', callTo(), 'X: y')).toContain('rfc3261-unknown-ignored');
  });

  it('no rule of spelling where the header is not understood at all', () => {
    expect(claims('plain', callTo(), FOLDED)).not.toContain('rfc3261-folding');
    expect(claims('ms-sipre', callTo(), { ...FOLDED, name: 'Subject' })).not.toContain('rfc3261-folding');
    expect(claims('ms-sipre', callTo(), FOLDED)).toContain('rfc3261-folding');
  });

  it.for([
    ['Ms-Target-Class: secondary', false],
    ['Ms-Target-Class:secondary', false],
    ['Ms-Target-Class:  secondary', false],
    ['ms-target-class: secondary', true],
    ['Ms-Target-Class: seCONDARY', true],
    ['ms-target-class: Ms-Target-Class: secondary', true],
  ] as const)('that case does not matter for "%s": %s', ([header, rests]) => {
    expect(claims('ms-sipre', callTo(), header).includes('rfc3261-case-insensitive')).toBe(rests);
  });

  it('what says that a header changes nothing, and what happens without it', () => {
    expect(claims('blog-2012', callTo(), 'Ms-Sensitivity: private-no-diversion')).toEqual([
      'blog-sensitivity-alone-voicemail',
      'ms-sipre-unanswered-voicemail',
      'ms-sipre-no-diversion-own-phones',
      'ms-sipre-own-phones',
    ]);
  });

  it('nothing of a trap that may be reached or not', () => {
    const both = callTo({ flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] });
    expect(claims('blog-2012', both, 'Ms-Sensitivity: private-no-diversion')).toEqual([
      'ms-sipre-no-diversion-own-phones',
      'ms-sipre-own-phones',
    ]);
  });

  it('the source that keeps the phone silent, not on the rule that it replaces', () => {
    const forwarded = callTo({
      flags: ['forward_immediate', 'enablecf'],
      lists: ['forwardto'],
      trap: 'forward-target',
    });
    expect(claims('ms-sipre', forwarded, 'Ms-Sensitivity: normal-no-diversion')).toEqual([
      'ms-sipre-no-diversion-forwarding',
      'ms-sipre-no-diversion-immediate-fails',
    ]);
  });

  it('nothing of a phone of which no source speaks', () => {
    expect(claims('ms-sipre', callTo({ callee: 'busy' }), 'Ms-Sensitivity: normal-no-diversion')).toEqual([
      'ms-sipre-no-diversion-voicemail',
    ]);
  });

  it('the block alone where a header leaves the final response open', () => {
    const blocked = callTo({ flags: ['block'] });
    expect(expectation('ms-sipre', blocked, { headers: ['Require: 100rel'] })).toMatchObject({
      outcome: 'suppressed',
      statuses: [],
      claims: ['ms-sipre-block'],
    });
    expect(expectation('ms-sipre', blocked, { headers: [] }).statuses).toEqual([480]);
  });
});

it('an inbox is open where voice mail is forbidden and would have kept the call from being missed', () => {
  const left = callTo({ trap: 'missed-call-inbox' });
  expect(expectation('ms-sipre', left, { headers: ['Ms-Sensitivity: normal-no-diversion'] }).outcome).toBe(
    'unspecified',
  );
});
