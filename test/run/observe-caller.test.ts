import { describe, expect, it } from 'vitest';
import { type CallRecord, observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { item } from '../helpers/wire.ts';
import { LATE_480_MS, message, rangAndRefused, record, START, WINDOW_MS } from './call-record.ts';

const seenOf = (messages: readonly WireMessage[], over: Partial<CallRecord> = {}) =>
  observe(record({ messages: messages.toSorted((a, b) => a.atEpochMs - b.atEpochMs), ...over }));
const toCaller = (atMs: number, startLine: string, cseq?: string) => message(atMs, 'server', 'caller', startLine, cseq);
const byCaller = (atMs: number, startLine: string, cseq?: string) => message(atMs, 'caller', 'server', startLine, cseq);
const rang = rangAndRefused.slice(0, 4);

describe('what the caller saw', () => {
  it('begins with its INVITE, whatever it had sent before', () => {
    const options = byCaller(-50, 'OPTIONS sip:a@ms-sipre.test SIP/2.0', '1 OPTIONS');
    expect(seenOf([...rangAndRefused, options]).startedAtEpochMs).toBe(START);
  });

  it('is ringing, and a final response of 200 or more', () => {
    const reinvite = toCaller(700, 'INVITE sip:customer@127.0.0.2 SIP/2.0', '2 INVITE');
    const { caller } = seenOf([...rang, toCaller(610, 'SIP/2.0 200 OK'), reinvite]);
    expect(caller.provisionals).toEqual([{ status: 180, atMs: 4, known: true }]);
    expect(caller).toMatchObject({ finalStatus: 200, finalMs: 610 });
  });

  it('is not what others saw, nor what it was answered to other requests, nor its own answers', () => {
    const others = [
      message(100, 'phone', 'server', 'SIP/2.0 486 Busy Here'),
      toCaller(200, 'SIP/2.0 200 OK', '1 PRACK'),
      byCaller(300, 'SIP/2.0 200 OK', '1 INVITE'),
    ];
    expect(seenOf([...rangAndRefused, ...others]).caller).toMatchObject({ finalStatus: 480, finalMs: LATE_480_MS });
  });

  it('tells when it gave up, and when somebody hung up', () => {
    const cancel = byCaller(300, 'CANCEL sip:alice-test-1@ms-sipre.test SIP/2.0', '1 CANCEL');
    expect(seenOf([...rangAndRefused, cancel]).caller).toMatchObject({ cancelledMs: 300, byeMs: null });
    const bye = toCaller(900, 'BYE sip:customer@127.0.0.2 SIP/2.0', '1 BYE');
    expect(seenOf([...rangAndRefused, bye]).caller).toMatchObject({ cancelledMs: null, byeMs: 900 });
    const back = toCaller(300, 'CANCEL sip:customer@127.0.0.2 SIP/2.0', '1 CANCEL');
    expect(seenOf([...rangAndRefused, back]).caller.cancelledMs).toBeNull();
  });

  it('stretches the window by what it saw itself, and by nothing else', () => {
    const late = message(5_000, 'phone', 'server', 'SIP/2.0 486 Busy Here');
    expect(seenOf([...rangAndRefused, late]).window.endMs).toBe(WINDOW_MS);
  });
});

describe('a call whose INVITE is not on record', () => {
  const withoutInvite = (over: Partial<CallRecord> = {}) => seenOf(rangAndRefused.slice(1), over);

  it('was never placed, and nothing is claimed of it', () => {
    const filed = { kind: 'missed-call', by: 'voicemail', atEpochMs: START, callId: null } as const;
    const stray = { item: item('voicemail', 'in', 5, Buffer.from('x')), kind: 'bytes', candidates: null } as const;
    expect(withoutInvite({ mailbox: [filed], strays: [stray] })).toMatchObject({
      startedAtEpochMs: null,
      caller: { headersSent: [] },
      notifications: [],
      strays: [],
      headersAtPhone: null,
    });
  });

  it('has no clocks that could disagree', () => {
    const answered = { ...toCaller(5, 'SIP/2.0 486 Busy Here'), toTag: 'tag' };
    const given = message(600, 'phone', 'server', 'SIP/2.0 486 Busy Here');
    expect(seenOf([answered, given]).troubles).toEqual([]);
  });
});

describe('a record whose clocks do not agree', () => {
  const [invite, arrival, ...others] = rangAndRefused;
  const late = (user: string) =>
    seenOf([
      { ...(invite as WireMessage), atEpochMs: START + 602 },
      { ...(arrival as WireMessage), requestUser: user },
      ...others,
    ]);

  it('says so of every leg that came before its INVITE, wherever it went', () => {
    const why = [
      'the leg to phone stands 600 ms before the INVITE that it came of: the clocks of the record do not agree',
    ];
    expect(late('alice-test-1')).toMatchObject({ lateMs: 600, troubles: why, legs: [{}], misdirected: [] });
    expect(late('alice-test-2')).toMatchObject({ troubles: why, legs: [], misdirected: [{}] });
  });

  it('keeps a notice from a moment before', () => {
    const noted = (atMs: number) => {
      const entry = { kind: 'missed-call', by: 'server', callId: null, atEpochMs: START + atMs } as const;
      return seenOf(rangAndRefused, { mailbox: [entry] }).notifications.length;
    };
    expect([noted(-51), noted(-50), noted(0)]).toEqual([0, 1, 1]);
  });
});

describe('a caller who is asked for a password', () => {
  const asked = [
    byCaller(-4, 'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0', '0 INVITE'),
    toCaller(-3, 'SIP/2.0 407 Proxy Authentication Required', '0 INVITE'),
    byCaller(-2, 'ACK sip:alice-test-1@ms-sipre.test SIP/2.0', '0 ACK'),
  ];

  it('and answers begins with the INVITE that answers, and got no refusal by being asked', () => {
    const seen = seenOf([...asked, ...rangAndRefused]);
    expect(seen.startedAtEpochMs).toBe(START);
    expect(seen.caller).toMatchObject({
      headersSent: ['Ms-Target-Class: secondary'],
      finalStatus: 480,
      finalMs: LATE_480_MS,
    });
    expect(seen.messages).toHaveLength(8);
    expect(seen.troubles).toEqual([]);
  });

  it('is asked once, however often he must repeat it', () => {
    const again = byCaller(500, 'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0');
    expect(seenOf([...asked, ...rangAndRefused, again]).startedAtEpochMs).toBe(START);
  });

  it('is not asked about what he wants of a call that he has', () => {
    const reinvite = { ...byCaller(900, 'INVITE sip:127.0.0.3 SIP/2.0', '2 INVITE'), toTag: 'tag' };
    expect(seenOf([...rangAndRefused, reinvite]).caller).toMatchObject({ finalStatus: 480, finalMs: LATE_480_MS });
  });

  it('and of whose INVITE there is no record is not one who was asked', () => {
    expect(seenOf([toCaller(5, 'SIP/2.0 401 Who')]).troubles).toEqual([]);
  });

  it('and cannot answer was not asked about the header', () => {
    for (const status of [401, 407]) {
      const seen = seenOf([...rang, toCaller(5, `SIP/2.0 ${status} Who`)]);
      expect(seen.caller.finalStatus).toBe(status);
      expect(seen.troubles).toEqual([expect.stringContaining(`a password that nobody gave (${status})`)]);
    }
  });

  it.for(['Authorization', 'Proxy-Authorization'])('and has the wrong one was not asked either: %s', (name) => {
    const invite = 'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0';
    const again = message(0, 'caller', 'server', invite, '1 INVITE', `${name}: x`);
    const seen = seenOf([...asked, again, toCaller(5, 'SIP/2.0 401 Who', '1 INVITE')]);
    expect(seen.troubles).toEqual([expect.stringContaining('asks for a password again (401)')]);
  });
});
