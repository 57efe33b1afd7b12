import { describe, expect, it } from 'vitest';
import { answerTo, line, scenarioOf } from './cells.ts';

/**
 * MS-SIPRE's routing, written down by hand as a table: without header, under a no-diversion value, under
 * `Ms-Target-Class: secondary`. Each line is "outcome callee statuses".
 */
const TABLE: readonly (readonly [situation: string, none: string, noDiversion: string, secondary: string])[] = [
  ['voicemail-no-answer', 'engaged rings', 'suppressed rings', 'suppressed rings'],
  ['voicemail-busy', 'engaged unspecified', 'suppressed unspecified', 'suppressed unspecified'],
  ['voicemail-declined', 'engaged unspecified', 'suppressed unspecified', 'suppressed unspecified'],
  ['voicemail-offline', 'engaged unspecified', 'suppressed unspecified', 'suppressed unspecified'],
  ['voicemail-do-not-disturb', 'engaged silent', 'suppressed unspecified', 'suppressed unspecified'],
  ['voicemail-immediate', 'engaged silent', 'suppressed silent', 'suppressed unspecified'],
  ['forward-no-answer', 'engaged rings', 'suppressed rings', 'suppressed rings'],
  ['forward-immediate', 'engaged silent', 'suppressed silent', 'suppressed unspecified'],
  ['simultaneous-ring', 'engaged rings', 'engaged rings', 'suppressed rings'],
  ['team-ring', 'engaged rings', 'suppressed rings', 'suppressed rings'],
  ['delegate-ring', 'engaged rings', 'unspecified rings', 'suppressed rings'],
  ['missed-call-hangup-while-ringing', 'engaged rings 487', 'unspecified rings 487', 'suppressed rings 487'],
  ['missed-call-hangup-in-greeting', 'engaged rings', 'unspecified rings', 'suppressed rings'],
  ['answered-by-callee', 'suppressed answers 200', 'suppressed answers 200', 'suppressed answers 200'],
  ['direct-to-voicemail', 'engaged unspecified', 'unspecified unspecified', 'unspecified unspecified'],
];

describe('ms-sipre, situation by situation', () => {
  it.each(TABLE)('%s', (situation, none, noDiversion, secondary) => {
    expect(line('ms-sipre', situation, 'none')).toBe(none);
    expect(line('ms-sipre', situation, 'sensitivity-normal')).toBe(none);
    expect(line('ms-sipre', situation, 'sensitivity-private')).toBe(none);
    expect(line('ms-sipre', situation, 'sensitivity-normal-no-diversion')).toBe(noDiversion);
    expect(line('ms-sipre', situation, 'sensitivity-private-no-diversion')).toBe(noDiversion);
    expect(line('ms-sipre', situation, 'target-class-secondary')).toBe(secondary);
  });

  it('refuses a malformed Ms-Sensitivity with 400 before anything else happens', () => {
    for (const variant of ['sensitivity-invalid', 'sensitivity-repeated']) {
      expect(line('ms-sipre', 'voicemail-no-answer', variant)).toBe('suppressed unspecified 400');
      expect(line('ms-sipre', 'missed-call-hangup-while-ringing', variant)).toBe('unspecified unspecified 400');
    }
  });

  it('leaves simultaneous ring open when one header demands it and the other forbids it', () => {
    expect(line('ms-sipre', 'simultaneous-ring', 'both-headers')).toBe('unspecified rings');
    expect(line('ms-sipre', 'voicemail-no-answer', 'both-headers')).toBe('suppressed rings');
  });

  it('blocks every call under the block flag, whatever the headers', () => {
    const blocked = scenarioOf('voicemail-no-answer');
    const scenario = { ...blocked, subscriber: { ...blocked.subscriber, flags: ['block'] as const } };
    const answer = { outcome: 'suppressed', callee: 'silent', statuses: [480] };
    expect(answerTo('ms-sipre', scenario)).toEqual(answer);
    expect(answerTo('plain', scenario, 'Ms-Target-Class: secondary')).toEqual(answer);
    expect(answerTo('ms-sipre', scenario, 'Ms-Target-Class: secondary')).toMatchObject({ outcome: 'suppressed' });
  });

  it('sends no call to voice mail after 605', () => {
    const scenario = { ...scenarioOf('voicemail-declined'), callee: 'decline-everywhere' as const };
    expect(answerTo('ms-sipre', scenario)).toMatchObject({ outcome: 'suppressed' });
  });

  it('rings delegates only when the callee is skipped or does not want to be disturbed', () => {
    const base = scenarioOf('delegate-ring');
    const skipped = { ...base.subscriber, flags: ['delegate_ring', 'skip_primary'] as const };
    expect(answerTo('ms-sipre', { ...base, subscriber: skipped })).toMatchObject({
      outcome: 'engaged',
      callee: 'silent',
    });
    expect(answerTo('rgs-2009', { ...base, subscriber: skipped }, 'Ms-Target-Class: secondary')).toMatchObject({
      outcome: 'suppressed',
      callee: 'silent',
    });
    const undisturbed = { ...base.subscriber, doNotDisturb: true };
    expect(answerTo('ms-sipre', { ...base, subscriber: undisturbed })).toMatchObject({
      outcome: 'engaged',
      callee: 'silent',
    });
  });

  it('says nothing of a team member who joins in the moment in which the callee answers', () => {
    const scenario = { ...scenarioOf('team-ring'), callee: { answerAfterMs: 200 } };
    expect(answerTo('ms-sipre', scenario).outcome).toBe('unspecified');
    expect(answerTo('ms-sipre', { ...scenario, callee: { answerAfterMs: 0 } }).outcome).toBe('suppressed');
    expect(answerTo('ms-sipre', { ...scenario, callee: { answerAfterMs: 500 } }).outcome).toBe('engaged');
  });

  it('counts no missed call when a message is left', () => {
    const scenario = { ...scenarioOf('missed-call-hangup-in-greeting'), caller: 'patient' as const };
    expect(answerTo('ms-sipre', scenario).outcome).toBe('suppressed');
  });
});
