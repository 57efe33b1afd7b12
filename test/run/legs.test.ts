import { describe, expect, it } from 'vitest';
import { legsOf } from '../../harness/run/legs.ts';
import { message, START_EPOCH_MS, type Written } from '../helpers/wire.ts';

const into = (atMs: number, line: string, over: Partial<Written> = {}) =>
  message('voicemail', 'in', atMs, { line, ...over });
const out = (atMs: number, line: string, over: Partial<Written> = {}) =>
  message('voicemail', 'out', atMs, { line, to: '<sip:a@b>;tag=v', ...over });
const legs = (...messages: ReturnType<typeof into>[]) => legsOf(messages, START_EPOCH_MS);

const invite = () => into(600, 'INVITE sip:alice@127.0.0.3');

describe('a leg', () => {
  it('is an INVITE and how it ended', () => {
    expect(
      legs(
        invite(),
        out(601, '180 Ringing'),
        out(650, '200 OK'),
        into(652, 'ACK sip:v', { branch: 'z9hG4bK-2', to: '<sip:a@b>;tag=v' }),
        into(900, 'BYE sip:v', { branch: 'z9hG4bK-3', to: '<sip:a@b>;tag=v' }),
      ),
    ).toEqual([
      {
        role: 'voicemail',
        user: 'alice',
        callId: 'call-1',
        startMs: 600,
        endMs: 900,
        rang: true,
        answered: true,
        result: 'answered',
        status: 200,
      },
    ]);
    expect(legs(invite(), out(601, '486 Busy Here'))).toMatchObject([
      { endMs: 601, rang: false, result: 'refused', status: 486 },
    ]);
    expect(
      legs(
        invite(),
        out(601, '180 Ringing'),
        into(700, 'CANCEL sip:alice@127.0.0.3'),
        out(701, '487 Request Terminated'),
      ),
    ).toMatchObject([{ endMs: 701, rang: true, result: 'cancelled', status: 487 }]);
    expect(legs(invite(), out(601, '487 Request Terminated'))).toMatchObject([{ result: 'refused' }]);
  });

  it('has not rung with a 100, nor by the INVITE alone', () => {
    expect(legs(invite(), out(601, '100 Trying'))).toMatchObject([
      { rang: false, result: 'open', endMs: null, status: null },
    ]);
    expect(legs(invite(), out(601, '101 Early'))).toMatchObject([{ rang: true }]);
  });

  it('is one for each INVITE, also within one Call-ID', () => {
    const second = into(800, 'INVITE sip:bob@127.0.0.3', { branch: 'z9hG4bK-b' });
    expect(
      legs(
        invite(),
        out(601, '486 Busy Here'),
        second,
        out(801, '200 OK', { branch: 'z9hG4bK-b', to: '<sip:a@b>;tag=w' }),
      ),
    ).toMatchObject([
      { user: 'alice', status: 486 },
      { user: 'bob', status: 200 },
    ]);
  });

  it('takes retransmissions and INVITEs inside its dialog to itself', () => {
    const again = into(1100, 'INVITE sip:alice@127.0.0.3');
    const inside = into(1200, 'INVITE sip:v', { branch: 'z9hG4bK-re', to: '<sip:a@b>;tag=v' });
    expect(legs(invite(), out(601, '200 OK'), again, inside)).toHaveLength(1);
  });

  it('is there without its INVITE: nobody answers what never came', () => {
    expect(
      legs(out(650, '200 OK'), into(652, 'ACK sip:v', { branch: 'z9hG4bK-2', to: '<sip:a@b>;tag=v' })),
    ).toMatchObject([{ role: 'voicemail', user: '', startMs: 650, answered: true }]);
    expect(legs(into(652, 'BYE sip:v', { to: '<sip:a@b>;tag=v' }))).toMatchObject([
      { role: 'voicemail', result: 'open' },
    ]);
  });

  it('is no notice, no question, and not the call at its caller', () => {
    expect(
      legs(
        into(600, 'MESSAGE sip:a@b'),
        into(600, 'OPTIONS sip:a@b'),
        message('caller', 'out', 0, { line: 'INVITE sip:a@b' }),
      ),
    ).toEqual([]);
  });

  it('is listed in order of time', () => {
    const phone = message('phone', 'in', 2, { line: 'INVITE sip:alice@127.0.0.4', branch: 'z9hG4bK-p' });
    expect(legs(invite(), phone).map(({ role }) => role)).toEqual(['phone', 'voicemail']);
  });
});

describe('legs at one endpoint', () => {
  const second = (atMs: number) => into(atMs, 'INVITE sip:bob@127.0.0.3', { branch: 'z9hG4bK-b' });
  const outOfSecond = (atMs: number, line: string, over: Partial<Written> = {}) =>
    out(atMs, line, { branch: 'z9hG4bK-b', to: '<sip:a@b>;tag=w', ...over });
  const later = { branch: 'z9hG4bK-later' };

  it('are told apart by their Call-ID, and by the endpoint', () => {
    const other = into(700, 'INVITE sip:alice@127.0.0.3', { callId: 'call-2' });
    const atPhone = message('phone', 'in', 2, { line: 'INVITE sip:alice@127.0.0.4' });
    expect(legs(atPhone, invite(), other).map(({ role, callId }) => `${role} ${callId}`)).toEqual([
      'phone call-1',
      'voicemail call-1',
      'voicemail call-2',
    ]);
  });

  it('are ended by a request in their own dialog', () => {
    const bye = into(900, 'BYE sip:v', { ...later, to: '<sip:a@b>;tag=v' });
    const answered = [invite(), out(601, '200 OK'), second(800), outOfSecond(801, '200 OK')];
    expect(legs(...answered, bye).map(({ endMs }) => endMs)).toEqual([900, null]);
    const withoutInvite = [out(601, '200 OK'), second(800), outOfSecond(801, '200 OK')];
    expect(legs(...withoutInvite, bye).map(({ endMs }) => endMs)).toEqual([900, null]);
  });

  it('are not mixed up by the tag of the one who called them both', () => {
    const fromCaller = { to: '<sip:customer@b>;tag=caller' };
    expect(
      legs(
        invite(),
        out(601, '200 OK'),
        out(700, 'BYE sip:customer@b', { ...fromCaller, branch: 'z9hG4bK-own-1' }),
        into(701, '200 OK', { ...fromCaller, branch: 'z9hG4bK-own-1', cseq: '1 BYE' }),
        second(800),
        outOfSecond(801, '200 OK'),
        out(900, 'BYE sip:customer@b', { ...fromCaller, branch: 'z9hG4bK-own-2' }),
      ).map(({ endMs }) => endMs),
    ).toEqual([700, 900]);
  });

  it('take what names no dialog as of the last one', () => {
    expect(
      legs(
        invite(),
        out(601, '100 Trying', { to: '<sip:a@b>' }),
        out(602, '486 Busy Here'),
        second(800),
        outOfSecond(801, '180 Ringing'),
        into(900, 'CANCEL sip:bob@127.0.0.3', later),
        outOfSecond(901, '487 Request Terminated'),
      ).map(({ result }) => result),
    ).toEqual(['refused', 'cancelled']);
    expect(legs(invite(), into(700, 'BYE sip:v', { ...later, to: '<sip:a@b>;tag=lost' }))).toHaveLength(1);
  });
});

describe('the final response of a leg', () => {
  it('is none to another request', () => {
    expect(
      legs(
        invite(),
        out(601, '180 Ringing'),
        into(700, 'CANCEL sip:alice@127.0.0.3'),
        out(701, '200 OK', { cseq: '1 CANCEL' }),
        out(702, '487 Request Terminated'),
      ),
    ).toMatchObject([{ answered: false, result: 'cancelled', status: 487, endMs: 702 }]);
  });

  it('is none of the server`s', () => {
    const refused = into(700, '500 Server Error', { branch: 'z9hG4bK-own', to: '<sip:customer@b>;tag=caller' });
    expect(legs(invite(), out(601, '180 Ringing'), refused)).toMatchObject([{ result: 'open', status: null }]);
  });

  it('is an answer below 300 only', () => {
    expect(legs(invite(), out(601, '300 Multiple Choices'))).toMatchObject([{ answered: false, result: 'refused' }]);
    expect(legs(invite(), out(601, '299 Odd'))).toMatchObject([{ answered: true }]);
  });

  it('does not make it ring', () => {
    expect(legs(invite(), out(601, '200 OK'))).toMatchObject([{ rang: false }]);
  });
});

describe('messages of a call whose INVITE is not on record', () => {
  it.for(['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE'])('%s makes a leg', (method) => {
    expect(legs(into(700, `${method} sip:alice@127.0.0.3`))).toMatchObject([{ user: '', startMs: 700 }]);
  });

  it('an INVITE that the endpoint sends itself is none that it got', () => {
    expect(legs(out(700, 'INVITE sip:bob@b', { to: '<sip:bob@b>' }))).toMatchObject([{ user: '' }]);
  });
});
