import { describe, expect, it } from 'vitest';
import type { Observation, Stray } from '../../harness/model/observation.ts';
import { diverted, missedCall, rangAlone, scenario, suppressed } from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn } from './case.ts';

const inbox = { ...scenario, feature: 'missed-call-notification' as const, trap: 'missed-call-inbox' as const };
const inboxControl = diverted({ notifications: [missedCall] });

describe('a stray', () => {
  const stray = (over: Partial<Stray>): Observation =>
    suppressed({ strays: [{ atMs: 610, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0', ...over }] });
  const alsoForbidden = { ...mustSuppress, elsewhere: { team: { outcome: 'suppressed' as const, claims: ['b'] } } };
  const alsoDemanded = { ...mustSuppress, elsewhere: { team: { outcome: 'engaged' as const, claims: ['b'] } } };

  it.for(['call', 'bytes'] as const)('of kind %s at the trap takes the proof', (kind) => {
    expect(verdictOn({ seen: stray({ kind }) })).toMatchObject({
      verdict: 'inconclusive',
      why: '"INVITE sip:x@y SIP/2.0" came to voicemail 610 ms after the INVITE and names no call of this run: it may have been of this one',
    });
    expect(verdictOn({ seen: stray({ kind }), expected: mustEngage }).verdict).toBe('inconclusive');
  });

  it('at another trap takes it only where that is forbidden as well', () => {
    expect(verdictOn({ seen: stray({ at: 'team' }) }).verdict).toBe('pass');
    expect(verdictOn({ seen: stray({ at: 'team' }), expected: alsoDemanded }).verdict).toBe('pass');
    expect(verdictOn({ seen: stray({ at: 'team' }), expected: alsoForbidden }).verdict).toBe('inconclusive');
    expect(verdictOn({ seen: stray({ at: 'team', kind: 'notice' }), expected: alsoForbidden }).verdict).toBe('pass');
  });

  it('that is a notice takes it from the inbox alone, wherever it came to', () => {
    expect(verdictOn({ seen: stray({ kind: 'notice' }) }).verdict).toBe('pass');
    for (const at of ['voicemail', 'phone', 'team'] as const) {
      const seen = stray({ kind: 'notice', at });
      expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('inconclusive');
    }
    expect(verdictOn({ scenario: inbox, seen: stray({ at: 'team' }), control: inboxControl }).verdict).toBe('pass');
    expect(verdictOn({ scenario: inbox, seen: stray({}), control: inboxControl }).verdict).toBe('inconclusive');
  });

  it('at the caller is a call that it did not take', () => {
    expect(verdictOn({ seen: stray({ at: 'caller' }) }).verdict).toBe('inconclusive');
    expect(verdictOn({ seen: stray({ at: 'caller', kind: 'notice' }) }).verdict).toBe('pass');
  });

  it('takes nothing from a trap that was reached', () => {
    expect(verdictOn({ seen: diverted({ strays: stray({}).strays }) }).verdict).toBe('fail');
  });

  it('takes the proof from the control', () => {
    const control = { ...stray({}), legs: [rangAlone] };
    expect(verdictOn({ control }).why).toMatch(/control .* is inconclusive itself: "INVITE/);
  });
});

describe('a request that names the callee, and nobody knows what it says', () => {
  const other = { ...missedCall, kind: 'other' as const, form: 'PUBLISH at phone' };
  it('may be the notice', () => {
    const seen = suppressed({ notifications: [other] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('PUBLISH at phone 610 ms after the INVITE names this callee'),
    });
    expect(verdictOn({ seen }).verdict, 'but is no call to voice mail').toBe('pass');
  });

  it('may be the notice also where its form is not known', () => {
    const { form: _form, ...formless } = other;
    const seen = suppressed({ notifications: [formless] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).why).toMatch(
      /^a request 610 ms after the INVITE names this callee/,
    );
  });

  it('is not a voice message: that is no missed call', () => {
    const seen = suppressed({ notifications: [{ ...missedCall, kind: 'voice-message' }] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('pass');
  });

  it('changes nothing when a notice is there', () => {
    const seen = suppressed({ notifications: [other, missedCall] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('fail');
  });
});
