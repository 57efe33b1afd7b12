import { describe, expect, it } from 'vitest';
import { legsOf } from '../../harness/run/legs.ts';
import { message, START_EPOCH_MS, type Written } from '../helpers/wire.ts';

const into = (atMs: number, line: string, over: Partial<Written> = {}) =>
  message('voicemail', 'in', atMs, { line, ...over });
const out = (atMs: number, line: string, over: Partial<Written> = {}) =>
  message('voicemail', 'out', atMs, { line, to: '<sip:a@b>;tag=v', ...over });
const legs = (...messages: ReturnType<typeof into>[]) => legsOf(messages, START_EPOCH_MS);

const invite = into(600, 'INVITE sip:alice@127.0.0.3');

describe('a leg', () => {
  it('is an INVITE and how it ended', () => {
    expect(
      legs(
        invite,
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
    expect(legs(invite, out(601, '486 Busy Here'))).toMatchObject([
      { endMs: 601, rang: false, result: 'refused', status: 486 },
    ]);
    expect(
      legs(
        invite,
        out(601, '180 Ringing'),
        into(700, 'CANCEL sip:alice@127.0.0.3'),
        out(701, '487 Request Terminated'),
      ),
    ).toMatchObject([{ endMs: 701, rang: true, result: 'cancelled', status: 487 }]);
    expect(legs(invite, out(601, '487 Request Terminated'))).toMatchObject([{ result: 'refused' }]);
  });

  it('has not rung with a 100, nor by the INVITE alone', () => {
    expect(legs(invite, out(601, '100 Trying'))).toMatchObject([
      { rang: false, result: 'open', endMs: null, status: null },
    ]);
    expect(legs(invite, out(601, '101 Early'))).toMatchObject([{ rang: true }]);
  });

  it('is one for each INVITE, also within one Call-ID', () => {
    const second = into(800, 'INVITE sip:bob@127.0.0.3', { branch: 'z9hG4bK-b' });
    expect(
      legs(
        invite,
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
    expect(legs(invite, out(601, '200 OK'), again, inside)).toHaveLength(1);
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
    expect(legs(invite, phone).map(({ role }) => role)).toEqual(['phone', 'voicemail']);
  });
});
