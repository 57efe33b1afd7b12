import { callMatchers, type SipFixtures, sipFixtures } from 'ringfence/vitest';
import { test as base, expect } from 'vitest';
import { nightService } from './night-service.ts';

expect.extend(callMatchers);
const test = base.extend<SipFixtures>(sipFixtures);

test('a call for the person alone is kept out of voice mail', async ({ sipApp, sipPeer }) => {
  const alice = await sipPeer('alice');
  const desk = await sipPeer('desk', [180, { status: 486, afterMs: 50 }]);
  const voicemail = await sipPeer('voicemail', 'answer');
  nightService(sipApp, { desk: desk.uri, voicemail: voicemail.uri });

  const control = await alice.call('desk');
  expect(control).toHaveReached('voicemail');

  const call = await alice.call('desk', { headers: { 'Ms-Target-Class': 'secondary' } });
  expect(call).toHaveSent('INVITE', { 'Ms-Target-Class': 'secondary' });
  expect(call).toHaveRung('desk');
  expect(call).toBeKeptOutOf('voicemail');
  expect(call.finalStatus).toBe(486);
});
