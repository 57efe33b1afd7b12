import { describe, expect, it } from 'vitest';
import type { Role } from '../../harness/model/observation.ts';
import { notificationsOf } from '../../harness/run/notices.ts';
import { message, START_EPOCH_MS, type Written } from '../helpers/wire.ts';

const MISSED = 'Event: missed-call';
const arrives = (line: string, headers: string[] = [], over: Partial<Written> & { at?: Role; atMs?: number } = {}) =>
  message(over.at ?? 'voicemail', 'in', over.atMs ?? 700, { line, headers, callId: 'notice', ...over });
const seen = (...messages: ReturnType<typeof arrives>[]) => notificationsOf(messages, [], START_EPOCH_MS);

describe('a missed call is noted', () => {
  it('by the MESSAGE that voice mail is told it by, with the call that it speaks of', () => {
    expect(seen(arrives('MESSAGE sip:a@b', [MISSED], { body: 'Callee: sip:a@b\r\nCall-ID: call-1\r\n' }))).toEqual([
      { kind: 'missed-call', by: 'server', atMs: 700, callId: 'call-1' },
    ]);
  });

  it.for([
    ['as NOTIFY', arrives('NOTIFY sip:a@b', ['Event: Missed-Call;id=1']), 'NOTIFY at voicemail'],
    ['to the phone itself', arrives('MESSAGE sip:a@b', [MISSED], { at: 'phone' }), 'MESSAGE at phone'],
  ] as const)('%s', ([, one, form]) => {
    expect(seen(one)).toEqual([{ kind: 'missed-call', by: 'server', atMs: 700, callId: null, form }]);
  });

  it.for([
    ['another event', arrives('MESSAGE sip:a@b', ['Event: call-log'])],
    ['no event', arrives('MESSAGE sip:a@b')],
    ['PUBLISH', arrives('PUBLISH sip:a@b', ['Event: presence'])],
    ['INFO', arrives('INFO sip:a@b')],
    ['a method of its own', arrives('SERVICE sip:a@b')],
    [
      'a message waiting that voice mail did not send',
      arrives('NOTIFY sip:a@b', ['Event: message-summary'], { body: 'Messages-Waiting: yes' }),
    ],
  ] as const)('perhaps by %s: nobody knows what it says', ([, one]) => {
    expect(seen(one)).toMatchObject([{ kind: 'other', by: 'server' }]);
  });
});

describe('nothing is noted', () => {
  const sent = message('voicemail', 'out', 650, {
    line: 'NOTIFY sip:a@b',
    callId: 'mwi',
    headers: ['Event: message-summary'],
  });
  it.for([
    [
      'by a message waiting that voice mail had sent',
      [sent, arrives('NOTIFY sip:a@b', ['Event: message-summary'], { at: 'phone' })],
    ],
    [
      'by word that no message waits',
      [arrives('NOTIFY sip:a@b', ['Event: message-summary'], { body: 'Messages-Waiting: no\r\n' })],
    ],
    [
      'by requests of a call',
      ['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE', 'REFER'].map((each) => arrives(`${each} sip:a@b`)),
    ],
    ['by questions', ['OPTIONS', 'SUBSCRIBE', 'REGISTER'].map((each) => arrives(`${each} sip:a@b`))],
    [
      'inside a dialog of the call',
      [
        message('phone', 'in', 2, { line: 'INVITE sip:a@b', callId: 'leg' }),
        arrives('INFO sip:a@b', [], { at: 'phone', callId: 'leg' }),
      ],
    ],
    ['by what an endpoint sends', [message('phone', 'out', 2, { line: 'MESSAGE sip:a@b', headers: [MISSED] })]],
    ['by what the caller gets', [arrives('MESSAGE sip:a@b', [MISSED], { at: 'caller' })]],
    ['by another thing before the call', [arrives('NOTIFY sip:a@b', ['Event: reg'], { atMs: -60 })]],
  ] as const)('%s', ([, messages]) => {
    expect(seen(...messages)).toEqual([]);
  });

  it('twice by a retransmission, but twice by two notices', () => {
    expect(
      seen(arrives('MESSAGE sip:a@b', [MISSED]), arrives('MESSAGE sip:a@b', [MISSED], { atMs: 1200 })),
    ).toHaveLength(1);
    expect(
      seen(arrives('MESSAGE sip:a@b', [MISSED]), arrives('MESSAGE sip:a@b', [MISSED], { cseq: '2 MESSAGE' })),
    ).toHaveLength(2);
  });
});

describe('what voice mail filed', () => {
  const entry = { atEpochMs: START_EPOCH_MS + 900, callId: 'leg' } as const;

  it('counts when voice mail made it', () => {
    const mailbox = [{ ...entry, kind: 'missed-call', by: 'voicemail' } as const];
    expect(notificationsOf([arrives('MESSAGE sip:a@b', [MISSED])], mailbox, START_EPOCH_MS)).toMatchObject([
      { by: 'server', atMs: 700 },
      { by: 'voicemail', kind: 'missed-call', atMs: 900, callId: 'leg' },
    ]);
  });

  it('of the server counts where the wire record has a hole, and not twice', () => {
    const mailbox = [{ ...entry, kind: 'missed-call', by: 'server' } as const];
    expect(notificationsOf([], mailbox, START_EPOCH_MS)).toHaveLength(1);
    expect(notificationsOf([arrives('MESSAGE sip:a@b', [MISSED])], mailbox, START_EPOCH_MS)).toHaveLength(1);
    expect(notificationsOf([arrives('NOTIFY sip:a@b')], mailbox, START_EPOCH_MS)).toHaveLength(2);
  });
});

describe('a notice', () => {
  const mwi = (body: string, event = 'message-summary', method = 'NOTIFY') =>
    arrives(`${method} sip:a@b`, [`Event: ${event}`], { at: 'phone', body });
  const ownMwi = (atMs: number, line = 'NOTIFY sip:a@b') =>
    message('voicemail', 'out', atMs, { line, callId: 'mwi', headers: ['Event: message-summary'] });

  it.for([
    ['Call-ID:call-1', 'call-1'],
    ['Call-ID:   call-1', 'call-1'],
    ['X-Call-ID: x\r\ncall-id: call-1\r\n', 'call-1'],
    ['X-Call-ID: x', null],
  ] as const)('with the body "%s" speaks of the call %s', ([body, callId]) => {
    expect(seen(arrives('MESSAGE sip:a@b', [MISSED], { body }))).toMatchObject([{ callId }]);
  });

  it('that ends in its header speaks of no call', () => {
    const whole = arrives('MESSAGE sip:a@b', [MISSED]);
    const cut = { ...whole, bytes: whole.bytes.subarray(0, -4) };
    expect(seen(cut)).toMatchObject([{ by: 'server', callId: null }]);
  });

  it('says by its event that a call was missed, whatever stands around it', () => {
    expect(seen(arrives('MESSAGE sip:a@b', ['Event: missed-call ;id=1']))).toMatchObject([{ kind: 'missed-call' }]);
  });

  it('counts from a moment before the INVITE, because that may be stamped late', () => {
    const at = (atMs: number) => seen(arrives('NOTIFY sip:a@b', ['Event: reg'], { atMs })).length;
    expect([at(-51), at(-50), at(0)]).toEqual([0, 1, 1]);
  });

  it('is listed in order of time, filed or seen on the wire', () => {
    const filed = { kind: 'missed-call', by: 'voicemail', atEpochMs: START_EPOCH_MS + 650, callId: null } as const;
    const both = notificationsOf([arrives('MESSAGE sip:a@b', [MISSED])], [filed], START_EPOCH_MS);
    expect(both.map(({ atMs }) => atMs)).toEqual([650, 700]);
  });

  it('is no response', () => {
    expect(seen(arrives('200 OK', [], { cseq: '1 NOTIFY' }))).toEqual([]);
  });

  it.for(['ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE', 'REFER'])('is no %s of a call without its INVITE', (method) => {
    expect(seen(arrives(`${method} sip:a@b`))).toEqual([]);
  });

  it.for([
    ['of another event', mwi('Messages-Waiting: no', 'reg')],
    ['of an event with a like name', mwi('Messages-Waiting: no', 'x-message-summary')],
    ['by another method', mwi('Messages-Waiting: no', 'message-summary', 'MESSAGE')],
    ['in another field', mwi('X-Messages-Waiting: no')],
    ['by another word', mwi('Messages-Waiting: none')],
  ] as const)('that no message waits is not said %s', ([, one]) => {
    expect(seen(one)).toMatchObject([{ kind: 'other' }]);
  });

  it('that no message waits is said with blanks or without', () => {
    expect(seen(mwi('Messages-Waiting:no'), mwi('a: b\r\nmessages-waiting:  no'))).toEqual([]);
  });

  it('that a message waits is the lab`s own where voice mail had sent it', () => {
    expect(seen(ownMwi(700), mwi('Messages-Waiting: yes'))).toEqual([]);
    expect(seen(mwi('Messages-Waiting: yes'), ownMwi(701))).toMatchObject([{ kind: 'other' }]);
    expect(seen(ownMwi(650, 'PUBLISH sip:a@b'), mwi('Messages-Waiting: yes'))).toMatchObject([{ kind: 'other' }]);
  });
});
