/** What the matchers for calls say, on a real application, server and sockets; and what they refuse to say. */
import { test as base, describe, expect } from 'vitest';
import { nightService } from '../../docs/examples/night-service.ts';
import { callMatchers, type Script, type SipFixtures, sipFixtures } from '../../harness/vitest/index.ts';

expect.extend(callMatchers);
const test = base.extend<SipFixtures>(sipFixtures);

/** The message of an assertion that fails. */
function saidBy(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it did not fail');
}

const ALONE = { headers: { 'Ms-Target-Class': 'secondary' } };

async function atNight({ sipApp, sipPeer }: Pick<SipFixtures, 'sipApp' | 'sipPeer'>, script: Script = 'busy') {
  const alice = await sipPeer('alice');
  const desk = await sipPeer('desk', script);
  const voicemail = await sipPeer('voicemail');
  nightService(sipApp, { desk: desk.uri, voicemail: voicemail.uri });
  return { alice, desk, voicemail };
}

describe('kept out', () => {
  test('holds beside a control, and shows in a ladder what does not', async ({ sipApp, sipPeer }) => {
    const { alice, desk } = await atNight({ sipApp, sipPeer }, [180, 486]);
    const control = await alice.call('desk');
    const call = await alice.call('desk', ALONE);
    expect(control).toHaveReached('voicemail');
    expect(control).toHaveRung();
    expect(control.finalStatus).toBe(200);
    expect(call).toBeKeptOutOf('voicemail');
    expect(call.finalStatus).toBe(486);
    expect(call).toHaveRung('desk');
    expect(call).not.toHaveRung('voicemail');
    expect(desk).toHaveRung();
    expect(alice).toHaveSent('BYE');
    expect(desk).toHaveSent(486);
    expect(call).toHaveSent('INVITE', { 'ms-target-class': /^second/ });
    expect(control).not.toHaveSent('INVITE', { 'Ms-Target-Class': 'secondary' });

    expect(saidBy(() => expect(control).toBeKeptOutOf('voicemail'))).toMatch(
      /^expected the call to be kept out of voicemail, but an INVITE came to it \d+ ms after it began\n\nalice calls sip:desk@/,
    );
    const ladder = saidBy(() => expect(control).toBeKeptOutOf('voicemail'));
    expect(ladder).toMatch(/ alice +server +desk +voicemail\n/);
    expect(ladder).toMatch(/INVITE-+>.*\n[\s\S]*486 Busy Here[\s\S]*200 OK[\s\S]*BYE/);
    expect(saidBy(() => expect(call).not.toBeKeptOutOf('voicemail'))).toContain('and it was kept out\n\nalice calls');
    expect(saidBy(() => expect(call).not.toBeKeptOutOf('voicemail'))).toContain('control: alice calls');
    expect(saidBy(() => expect(call).toHaveSent('INVITE', { 'X-Other': 'yes' }))).toContain(
      'to have sent INVITE with X-Other: yes\n\nalice calls',
    );
    expect(saidBy(() => expect(alice).toHaveSent('REFER'))).toMatch(
      /alice to have sent REFER; it sent:\n {2}INVITE sip:/,
    );
  });

  test('is not proven without a control, and that behind not, too', async ({ sipApp, sipPeer }) => {
    const { alice } = await atNight({ sipApp, sipPeer });
    const call = await alice.call('desk', ALONE);
    const said = /^not proven: the call shows nothing of its headers: no call before it/;
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toMatch(said);
    expect(saidBy(() => expect(call).not.toBeKeptOutOf('voicemail'))).toMatch(said);
    await alice.call('desk'); // too late: what the first left behind might come to it
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toMatch(said);
    await alice.call('desk', { headers: { 'X-Other': 'yes' } }); // another call, no control
    const second = await alice.call('desk', { headers: { ...ALONE.headers, 'X-Other': 'no' } });
    expect(second).toBeKeptOutOf('voicemail'); // the one without any header is
  });

  test('is not proven by a server that fails', async ({ sipApp, sipPeer }) => {
    const { alice } = await atNight({ sipApp, sipPeer });
    await alice.call('desk');
    sipApp.disconnect();
    const call = await alice.call('desk', ALONE);
    expect(call.finalStatus).toBe(503);
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toContain('not proven: the call ended with 503');
  });

  test('is not proven by a dead peer', async ({ sipApp, sipPeer }) => {
    const { alice, voicemail } = await atNight({ sipApp, sipPeer });
    await alice.call('desk');
    await voicemail[Symbol.asyncDispose]();
    const call = await alice.call('desk', ALONE);
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toContain('voicemail did not answer an OPTIONS');
    expect(saidBy(() => expect(call).not.toHaveRung('voicemail'))).toContain('not proven');
  });

  test('is not proven by a caller who gives up earlier than the control was diverted', async ({ sipApp, sipPeer }) => {
    const { alice } = await atNight({ sipApp, sipPeer }, [180, { status: 486, afterMs: 300 }]);
    const control = await alice.call('desk');
    expect(control.reachedMs('voicemail')).toBeGreaterThanOrEqual(299);
    const call = await alice.call('desk', { ...ALONE, patienceMs: 100 });
    expect(call.finalStatus).toBe(487);
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toContain('give it more patienceMs');
  });

  test('is refuted by what comes late', async ({ sipApp, sipPeer }) => {
    const { alice, voicemail } = await atNight({ sipApp, sipPeer });
    await alice.call('desk');
    const call = await alice.call('desk', ALONE);
    expect(call).toBeKeptOutOf('voicemail');
    const diverted = await sipApp.createUAC(voicemail.uri, { localSdp: 'v=0\r\n' });
    diverted.destroy();
    expect(saidBy(() => expect(call).toBeKeptOutOf('voicemail'))).toContain('but an INVITE came to it after its end');
  });
});

describe('a lab', () => {
  test('places one call at a time, and has one peer of a name', async ({ sipApp, sipPeer }) => {
    const { alice, desk } = await atNight({ sipApp, sipPeer });
    const first = alice.call('desk');
    await expect(desk.call('alice')).rejects.toThrow('while another call is under way');
    await first;
    await expect(sipPeer('desk')).rejects.toThrow('not "desk"');
    await expect(sipPeer('server')).rejects.toThrow('not "server"');
  });

  test('says which peers there are', async ({ sipApp, sipPeer }) => {
    const { alice } = await atNight({ sipApp, sipPeer });
    const call = await alice.call('desk');
    expect(saidBy(() => expect(call).toHaveReached('voice mail'))).toBe(
      'there was no peer "voice mail" when the call was placed; there was: desk, voicemail',
    );
    expect(saidBy(() => expect(call).not.toHaveReached('desk'))).toContain("expect(call).toBeKeptOutOf('desk')");
    expect(saidBy(() => expect('call').toHaveReached('desk'))).toContain('it takes a call');
  });

  test('lets a far end hang up, and a caller talk', async ({ sipApp, sipPeer }) => {
    const alice = await sipPeer('alice');
    const bob = await sipPeer('bob', [
      { status: 183, headers: { 'X-Said': 'soon' } },
      { status: 200, afterMs: 20 },
    ]);
    sipApp.invite(async (request, response) => {
      const { uac } = await sipApp.createB2BUA(request, response, bob.uri, { localSdpB: request.body });
      uac.other.destroy();
    });
    const call = await alice.call('bob', { talkMs: 5_000 });
    expect(bob).toHaveSent(183, { 'X-Said': 'soon' });
    expect(call.messages.some(({ startLine, from }) => from === 'server' && startLine.startsWith('BYE'))).toBe(true);
    expect(call).not.toHaveSent('BYE');
  });
});
