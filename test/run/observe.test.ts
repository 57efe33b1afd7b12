import { describe, expect, it } from 'vitest';
import { observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { LATE_480_MS, message, rangAndRefused, record, START, verdictOf, WINDOW_MS } from './call-record.ts';

describe('observe', () => {
  it('reads the call from what was on the wire', () => {
    expect(observe(record())).toMatchObject({
      startedAtEpochMs: START,
      caller: {
        headersSent: ['Ms-Target-Class: secondary'],
        finalStatus: 480,
        finalMs: LATE_480_MS,
        cancelledMs: null,
      },
      legs: [{ role: 'phone', startMs: 2, rang: true, answered: false, result: 'open', status: null }],
      window: { endMs: WINDOW_MS },
      troubles: [],
    });
    expect(verdictOf({})).toBe('pass');
  });

  it('knows a window that nobody could close because the run was cancelled, and no other', () => {
    expect(observe(record({ cancelled: true, canaries: [] })).window).toMatchObject({ closedMs: null, cutShort: true });
    expect(observe(record({ canaries: [] })).window).not.toHaveProperty('cutShort');
    expect(observe(record({ cancelled: true })).window).not.toHaveProperty('cutShort');
  });

  it.for([WINDOW_MS - 20, WINDOW_MS + 5_000])(
    'sees a diversion %i ms after the INVITE, long after the final response',
    (atMs) => {
      const late = message(
        atMs,
        'server',
        'voicemail',
        'INVITE sip:alice-test-1@ms-sipre.test;opaque=app:voicemail SIP/2.0',
      );
      expect(verdictOf({ messages: [...rangAndRefused, late] })).toBe('fail');
    },
  );

  it.for([
    ['2 ms late: it left before it arrived', 2, 0],
    ['200 ms late, as on a busy machine', 200, 0],
    ['too late for that: then nothing is corrected', 600, -600],
  ] as const)('believes no stamp of the caller that is %s', ([, lateMs, phoneAtMs]) => {
    const [invite, ...others] = rangAndRefused as [WireMessage, ...WireMessage[]];
    const atPhone = others.map((each) => ({ ...each, atEpochMs: each.atEpochMs + 10 }));
    const [first] = atPhone as [WireMessage, ...WireMessage[]];
    const late = { ...invite, atEpochMs: first.atEpochMs + lateMs };
    const seen = observe(record({ messages: [...atPhone, late].toSorted((a, b) => a.atEpochMs - b.atEpochMs) }));
    const shown = seen.messages.find(({ from, startLine }) => from !== 'caller' && startLine === first.startLine);
    expect(shown?.atMs).toBe(phoneAtMs);
    expect(seen.startedAtEpochMs).toBe(late.atEpochMs + (phoneAtMs === 0 ? -lateMs : 0));
  });

  it('knows an answer that the caller never got, and when the phone gave it', () => {
    const answer = message(604, 'phone', 'server', 'SIP/2.0 200 OK');
    const legs = (...more: WireMessage[]) =>
      observe(record({ messages: [...rangAndRefused.slice(0, -1), answer, ...rangAndRefused.slice(-1), ...more] }))
        .legs;
    expect(legs()).toMatchObject([{ role: 'phone', result: 'answered', unheardAnswerMs: 604 }]);
    const [heard] = legs(message(607, 'server', 'caller', 'SIP/2.0 200 OK'));
    expect(heard).toMatchObject({ result: 'answered' });
    expect(heard).not.toHaveProperty('unheardAnswerMs');
  });

  it('stretches the window when the call lasts longer than the timers', () => {
    const bye = message(3_000, 'server', 'caller', 'SIP/2.0 200 OK', '2 BYE');
    expect(observe(record({ messages: [...rangAndRefused, bye] })).window.endMs).toBe(3_400);
  });

  it('does not count a notification from before the call, and does not hide it either', () => {
    const entry = { kind: 'missed-call', by: 'server', callId: null } as const;
    const mailbox = [
      { ...entry, atEpochMs: START - 60 },
      { ...entry, atEpochMs: START + 700 },
    ];
    const seen = observe(record({ mailbox }));
    expect(seen.notifications.map((each) => each.atMs)).toEqual([700]);
    expect(seen.troubles).toEqual([expect.stringContaining('clocks of the record do not agree')]);
  });

  it.for([
    [WINDOW_MS, ['it broke']],
    [WINDOW_MS + 1, []],
    [-99_999, ['it broke']],
  ] as const)('keeps a trouble at %i ms only until the window ends', ([atMs, troubles]) => {
    expect(observe(record({ troubles: [{ text: 'it broke', atEpochMs: START + atMs }] })).troubles).toEqual(troubles);
  });

  describe("the callee's own phone", () => {
    const phone = (user: string, branch: string): WireMessage => ({
      ...message(2, 'server', 'phone', `INVITE sip:${user}@127.0.0.2 SIP/2.0`),
      requestUser: user,
      branch,
    });
    it("is told from another callee's", () => {
      const seen = observe(
        record({ messages: [...rangAndRefused, phone('alice-test-1', 'b1'), phone('alice-test-2', 'b2')] }),
      );
      expect(seen.legs.map(({ user }) => user)).toEqual(['alice-test-1', 'alice-test-1']);
      expect(seen.misdirected.map(({ user }) => user)).toEqual(['alice-test-2']);
    });

    it('is the only one that can be mistaken for it', () => {
      const toVoicemail = { ...phone('alice-test-2', 'b2'), to: 'voicemail' as const };
      const both = phone('alice-test-1;alice-test-2', 'b1');
      const seen = observe(record({ messages: [...rangAndRefused, both, toVoicemail] }));
      expect(seen.misdirected).toEqual([]);
    });

    it('may have a name that the server made up', () => {
      const seen = observe(record({ messages: [rangAndRefused[0] as WireMessage, phone('4711', 'b1')] }));
      expect(seen).toMatchObject({ legs: [{ user: '4711' }], misdirected: [] });
    });
  });

  describe('headers at the phone', () => {
    const withHeaders = (sent: string, got: string, serverHeaders: string[] = []) => {
      const messages = [
        message(0, 'caller', 'server', 'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0', '1 INVITE', sent),
        message(2, 'server', 'phone', 'INVITE sip:alice-test-1@127.0.0.2 SIP/2.0', '1 INVITE', got),
      ];
      const headerNames = new Set(['ms-target-class', 'd']);
      return observe(record({ messages, headerNames, serverHeaders: new Set(serverHeaders) })).headersAtPhone;
    };

    it('are compared by name, in any spelling', () => {
      expect(withHeaders('Ms-Target-Class: secondary', 'ms-target-class:secondary')).toEqual({ lost: [], added: [] });
      expect(withHeaders('d: no-fork', 'Request-Disposition: no-fork')).toEqual({ lost: [], added: [] });
    });

    it('are lost, or added, unless the server adds them to every call', () => {
      expect(withHeaders('Ms-Target-Class: secondary', 'X: y')).toEqual({ lost: ['ms-target-class'], added: [] });
      expect(withHeaders('X: y', 'd: no-fork')).toEqual({ lost: [], added: ['request-disposition'] });
      expect(withHeaders('X: y', 'd: no-fork', ['request-disposition'])).toEqual({ lost: [], added: [] });
    });

    it('are those of its INVITE, not of what it got before', () => {
      const notify = message(-20, 'server', 'phone', 'NOTIFY sip:alice-test-1@127.0.0.2 SIP/2.0', '1 NOTIFY');
      expect(observe(record({ messages: [notify, ...rangAndRefused] })).headersAtPhone).toEqual(
        observe(record()).headersAtPhone,
      );
      const bare = message(2, 'server', 'phone', 'INVITE sip:alice-test-1@127.0.0.2 SIP/2.0');
      const withHeader = {
        ...notify,
        bytes: Buffer.from('NOTIFY sip:a SIP/2.0\r\nMs-Target-Class: secondary\r\n\r\n'),
      };
      const [invite] = rangAndRefused as [WireMessage];
      expect(observe(record({ messages: [withHeader, invite, bare] })).headersAtPhone?.lost).toEqual([
        'ms-target-class',
      ]);
    });

    it('are not known without an INVITE there', () => {
      expect(
        observe(record({ messages: rangAndRefused.filter(({ to }) => to !== 'phone') })).headersAtPhone,
      ).toBeNull();
      expect(observe(record({ messages: [] })).headersAtPhone).toBeNull();
    });
  });

  it('wants a leg on record for what voice mail filed', () => {
    const filed = { kind: 'voice-message', by: 'voicemail', callId: null, atEpochMs: START + 900 } as const;
    const leg = message(600, 'server', 'voicemail', 'INVITE sip:alice-test-1@127.0.0.3 SIP/2.0');
    const why = ['voice mail filed a voice-message of this call, and no leg to it is on record'];
    expect(observe(record({ mailbox: [filed] })).troubles).toEqual(why);
    expect(observe(record({ mailbox: [filed], messages: [...rangAndRefused, leg] })).troubles).toEqual([]);
    expect(observe(record({ mailbox: [{ ...filed, by: 'server' }] })).troubles).toEqual([]);
  });

  it('knows which ringing came in the dialog of a leg on record', () => {
    const told = (toTag: string | null) => ({
      ...message(5, 'server', 'caller', 'SIP/2.0 183 Session Progress'),
      toTag,
    });
    const known = (toTag: string | null) =>
      observe(record({ messages: [...rangAndRefused.slice(0, 3), told(toTag)] })).caller.provisionals.map(
        (each) => each.known,
      );
    expect([known('tag'), known('another'), known(null)]).toEqual([[true], [false], [false]]);
  });
});
