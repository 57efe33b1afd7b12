import { describe, expect, it } from 'vitest';
import type { HeaderVariant, Scenario } from '../../harness/model/scenario.ts';
import { POLICIES, TRAPS } from '../../harness/model/words.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { type Canary, canaries, headerCanaries } from '../../harness/run/canary.ts';
import { serverTimersMs } from '../../harness/run/observe.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import { scenario } from '../helpers/observations.ts';

const to = (trap: Canary['trap']): Canary => {
  const found = canaries('test', ['ms-sipre'], KAMAILIO).find((each) => each.trap === trap);
  if (found === undefined) throw new Error(`no canary to ${trap}`);
  return found;
};
const callTo = (trap: Canary['trap']): Scenario => ({
  ...scenario,
  subscriber: to(trap).settings,
  caller: trap === 'missed-call-inbox' ? 'hang-up-while-ringing' : 'patient',
  callee: trap === 'phone' ? 'answer' : 'ring',
  trap: trap === 'phone' ? 'voicemail' : trap,
});

describe('canaries', () => {
  it('are one for each trap, and one for phones, of every policy', () => {
    expect(canaries('test', POLICIES, KAMAILIO).map(({ policy, trap }) => `${policy} ${trap}`)).toEqual(
      POLICIES.flatMap((policy) => [...TRAPS, 'phone'].map((trap) => `${policy} ${trap}`)),
    );
    expect(canaries('test', ['plain'], KAMAILIO)).toHaveLength(TRAPS.length + 1);
  });

  it('have accounts of their own, of this run', () => {
    const keys = canaries('test', POLICIES, KAMAILIO).map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set(keys.keys().map((index) => `test-c${index}`)));
  });

  it.for(TRAPS)('are led to %s by their rules, say the sources', (trap) => {
    expect(expectation('ms-sipre', callTo(trap), { headers: [] }).outcome).toBe('engaged');
  });

  it('to a phone are answered there, say the sources', () => {
    expect(expectation('ms-sipre', callTo('phone'), { headers: [] })).toMatchObject({
      outcome: 'suppressed',
      callee: 'answers',
    });
  });

  const rules: readonly [Canary['trap'], string[], string[]][] = [
    ['voicemail', ['forward_immediate'], []],
    ['forward-target', ['forward_immediate', 'enablecf'], ['forwardto']],
    ['simultaneous-ring', ['simultaneous_ring'], ['simultaneous_ring']],
    ['team', ['team_ring'], ['team']],
    ['delegate', ['delegate_ring'], ['delegates']],
    ['missed-call-inbox', [], []],
    ['phone', [], []],
  ];
  it.for(rules)('to %s have no other rules than they need', ([trap, flags, lists]) => {
    expect(to(trap).settings).toMatchObject({ flags, lists, voicemail: true, doNotDisturb: false });
  });

  it('are over within some seconds, whatever the server waits for', () => {
    expect(serverTimersMs(to('voicemail').settings.waits)).toBeLessThan(5000);
  });
});

describe('canaries with a header', () => {
  const fieldsOf = (...headers: HeaderVariant['headers']) =>
    headerCanaries('test', [{ policy: 'plain', variant: { ...variant, headers } }], 7, KAMAILIO)[0]?.headers;
  const variant = { id: 'one', title: 'x', kind: 'decoy', claims: [] } as const;

  it('write it as a field, whatever blanks stand around name and value', () => {
    expect(fieldsOf('X-One : yes: no ')).toEqual({ 'X-One': 'yes: no' });
    expect(fieldsOf('X-One:')).toEqual({ 'X-One': '' });
    expect(fieldsOf({ name: 'X-One', value: 'yes', spelling: 'padded' })).toEqual({ 'X-One': 'yes' });
  });

  it.for([
    ['it has no name', [': yes']],
    ['it has no colon', ['X-One']],
    ['it is there twice', ['X-One: yes', { name: 'x-one', value: 'no', spelling: 'folded' as const }]],
    ['there is none', []],
  ] as const)('are not sent when %s', ([, headers]) => {
    expect(fieldsOf(...headers)).toBeUndefined();
  });

  it('are numbered behind those that there are', () => {
    const withHeader = headerCanaries(
      'test',
      [{ policy: 'plain', variant: { ...variant, headers: ['X: y'] } }],
      7,
      KAMAILIO,
    );
    expect(withHeader.map(({ key }) => key)).toEqual(['test-c7']);
    expect(withHeader[0]?.settings).toEqual(to('phone').settings);
  });
});
