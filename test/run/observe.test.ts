import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/judge/judge.ts';
import type { Role } from '../../harness/model/observation.ts';
import type { PolicyId } from '../../harness/model/scenario.ts';
import type { Cell } from '../../harness/plan.ts';
import type { StrayItem } from '../../harness/run/attribution.ts';
import { type Canary, canaries } from '../../harness/run/canary.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { type CallRecord, observe, type SeenCanary } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { diverted, scenario } from '../helpers/observations.ts';
import { item } from '../helpers/wire.ts';

const START = 1_800_000_000_000;
/** All waits of the scenario, then the slack. */
const WINDOW_MS = 600 + 200 + 600 + 400;
const LATE_480_MS = 605;

const cell: Cell = {
  id: 'kamailio/ms-sipre/voicemail-no-answer/secondary/udp/direct',
  server: 'kamailio',
  policy: 'ms-sipre',
  scenario,
  variant: { id: 'secondary', title: 'x', kind: 'inhibitor', claims: [], headers: ['Ms-Target-Class: secondary'] },
  transport: 'udp',
  path: 'direct',
  control: 'kamailio/ms-sipre/voicemail-no-answer/none/udp/direct',
};

function message(atMs: number, from: Role, to: Role, startLine: string, cseq = '1 INVITE', headers = ''): WireMessage {
  const [first = '', second = ''] = startLine.split(' ');
  const isResponse = first === 'SIP/2.0';
  return {
    atEpochMs: START + atMs,
    from,
    to,
    callId: `${from === 'server' ? to : from}-call`,
    cseq,
    cseqMethod: cseq.split(' ')[1] ?? '',
    method: isResponse ? null : first,
    status: isResponse ? Number(second) : null,
    requestUser: isResponse ? '' : 'alice-test-1',
    toTag: isResponse ? 'tag' : null,
    branch: 'z9hG4bK-1',
    startLine,
    bytes: Buffer.from(`${startLine}\r\n${headers}\r\n\r\n`),
  };
}

const rangAndRefused: WireMessage[] = [
  message(
    0,
    'caller',
    'server',
    'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0',
    '1 INVITE',
    'Ms-Target-Class: secondary',
  ),
  message(2, 'server', 'phone', 'INVITE sip:alice-test-1@127.0.0.2 SIP/2.0'),
  message(3, 'phone', 'server', 'SIP/2.0 180 Ringing'),
  message(4, 'server', 'caller', 'SIP/2.0 180 Ringing'),
  message(LATE_480_MS, 'server', 'caller', 'SIP/2.0 480 Temporarily Unavailable'),
];

function canary(
  sentMs: number,
  reachedMs: number | null,
  trap: Canary['trap'] = 'voicemail',
  policy: PolicyId = 'ms-sipre',
): SeenCanary {
  const [own] = canaries('test', [policy]).filter((each) => each.trap === trap);
  if (own === undefined) throw new Error(`no canary for ${trap}`);
  const call = {
    canary: own,
    sentEpochMs: START + sentMs,
    doneEpochMs: START + (reachedMs ?? sentMs + 500),
    outcome: 'x',
  };
  return { call, reachedEpochMs: reachedMs === null ? null : START + reachedMs };
}

function record(over: Partial<CallRecord> = {}): CallRecord {
  return {
    cell,
    key: cellKey('test', 1),
    messages: rangAndRefused,
    strays: [],
    headerCanary: null,
    serverHeaders: new Set(),
    beats: [],
    mailbox: [],
    canaries: [canary(-100, -90), canary(WINDOW_MS + 1, WINDOW_MS + 10)],
    headerNames: new Set(['ms-target-class']),
    unregistered: [],
    stalls: [],
    troubles: [],
    slackMs: 400,
    ...over,
  };
}

const verdictOf = (over: Partial<CallRecord>): string =>
  judge({
    scenario,
    planned: ['Ms-Target-Class: secondary'],
    seen: observe(record(over)),
    control: diverted(),
    expected: { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [480] },
    lacks: [],
  }).verdict;

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
    ['too late for that: then nothing is mended', 600, -600],
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

  it('stretches the window when the call lasts longer than the timers', () => {
    const bye = message(3_000, 'server', 'caller', 'SIP/2.0 200 OK', '2 BYE');
    expect(observe(record({ messages: [...rangAndRefused, bye] })).window.endMs).toBe(3_400);
  });

  it.for([
    ['there is none before', [canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
    ['there is none after', [canary(-100, -90)]],
    ['the one after was sent before the window ended', [canary(-100, -90), canary(WINDOW_MS - 1, WINDOW_MS + 9)]],
    ['the one before was reached only after the INVITE', [canary(-5, 5), canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
    ['one in between failed', [canary(-100, -90), canary(500, null), canary(WINDOW_MS + 1, WINDOW_MS + 10)]],
    ['the one after failed', [canary(-100, -90), canary(WINDOW_MS + 1, null)]],
  ] as const)('claims nothing from canaries when %s', ([, seen]) => {
    expect(verdictOf({ canaries: [...seen] })).toBe('inconclusive');
  });

  it.for([
    [100, 700, 600],
    [-900, -300, 0],
    [LATE_480_MS + 1, LATE_480_MS + 900, 0],
  ] as const)('takes a stall of this process from %i to %i ms for %i ms of lateness', ([startMs, endMs, lateMs]) => {
    const stalls = [{ startEpochMs: START + startMs, endEpochMs: START + endMs }];
    expect(observe(record({ stalls, canaries: [] })).lateMs).toBe(lateMs);
  });

  it('takes the slowest canary during the call for lateness', () => {
    const canariesSeen = [
      canary(-500, -90),
      canary(100, 700),
      canary(200, 250),
      canary(WINDOW_MS + 1, WINDOW_MS + 900),
    ];
    expect(observe(record({ canaries: canariesSeen })).lateMs).toBe(600);
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

  describe('an inbox', () => {
    const inbox: Cell = { ...cell, scenario: { ...scenario, trap: 'missed-call-inbox' } };
    const after = WINDOW_MS + 1;
    const both = (policy: PolicyId = 'ms-sipre') => [
      canary(-100, -90, 'missed-call-inbox', policy),
      canary(-100, -80, 'voicemail', policy),
      canary(after, after + 9, 'missed-call-inbox', policy),
      canary(after, after + 20, 'voicemail', policy),
    ];
    const sightingsOf = (seen: readonly SeenCanary[]) => observe(record({ cell: inbox, canaries: seen })).canary;

    it('is proven by both its canaries, and the later of them closes the window', () => {
      expect(sightingsOf(both())).toEqual({
        trap: 'missed-call-inbox',
        before: { sentMs: -100, reachedMs: -80 },
        after: { sentMs: after, reachedMs: after + 20 },
      });
      expect(observe(record({ cell: inbox, canaries: both() })).window.closedMs).toBe(after + 20);
    });

    it.for([0, 1, 2, 3])('is not proven without its canary %i', (missing) => {
      const { before, after: closing } = sightingsOf(both().toSpliced(missing, 1));
      expect(missing < 2 ? before : closing).toBeNull();
    });

    it.for([0, 1, 2, 3])('is not proven when its canary %i got nowhere', (dead) => {
      const seen = both().map((each, index) => (index === dead ? { ...each, reachedEpochMs: null } : each));
      const { before, after: closing } = sightingsOf(seen);
      expect((dead < 2 ? before : closing)?.reachedMs).toBeNull();
    });

    it("is not proven by another policy's, nor by those of other traps", () => {
      expect(sightingsOf(both('plain'))).toMatchObject({ before: null, after: null });
      expect(sightingsOf([canary(-100, -90, 'team'), canary(after, after + 9, 'team')])).toMatchObject({
        before: null,
        after: null,
      });
    });
  });

  it('takes the nearest canaries on both sides', () => {
    const seen = [-300, -100, WINDOW_MS + 1, WINDOW_MS + 300].map((sentMs) => canary(sentMs, sentMs + 10));
    expect(observe(record({ canaries: seen })).canary).toMatchObject({
      before: { sentMs: -100, reachedMs: -90 },
      after: { sentMs: WINDOW_MS + 1, reachedMs: WINDOW_MS + 11 },
    });
  });

  describe('a canary to a phone', () => {
    const phone = (sentMs: number, reachedMs: number | null) => canary(sentMs, reachedMs, 'phone');
    const around = [phone(-100, -90), phone(WINDOW_MS + 1, WINDOW_MS + 10)];

    it('is looked for on both sides', () => {
      expect(observe(record({ canaries: around })).phoneCanary).toEqual({
        before: { sentMs: -100, reachedMs: -90 },
        after: { sentMs: WINDOW_MS + 1, reachedMs: WINDOW_MS + 10 },
      });
      expect(observe(record()).phoneCanary).toEqual({ before: null, after: null });
    });

    it('that failed during the call counts before any that came later', () => {
      expect(observe(record({ canaries: [...around, phone(500, null)] })).phoneCanary.after).toEqual({
        sentMs: 500,
        reachedMs: null,
      });
    });

    it('that failed is no trouble of a trap', () => {
      expect(observe(record({ canaries: [...around, phone(500, null)] })).troubles).toEqual([]);
    });
  });

  describe('a canary that failed', () => {
    it.for([
      ['as the call began', -500, 0, true],
      ['as the window ended', WINDOW_MS, WINDOW_MS + 500, true],
      ['before the call', -501, -1, false],
      ['after the window', WINDOW_MS + 1, WINDOW_MS + 501, false],
    ] as const)('%s', ([, sentMs, doneMs, counts]) => {
      const failed = canary(sentMs, null);
      const seen = { ...failed, call: { ...failed.call, doneEpochMs: START + doneMs } };
      const { troubles } = observe(record({ canaries: [canary(-900, -890), seen] }));
      expect(troubles).toEqual(counts ? ['a canary to voicemail failed during the call: x'] : []);
    });

    it('at another trap or policy says nothing of this call', () => {
      const others = [canary(500, null, 'team'), canary(500, null, 'voicemail', 'plain')];
      expect(observe(record({ canaries: others })).troubles).toEqual([]);
    });
  });

  it.for([
    [WINDOW_MS, ['it broke']],
    [WINDOW_MS + 1, []],
    [-99_999, ['it broke']],
  ] as const)('keeps a trouble at %i ms only until the window ends', ([atMs, troubles]) => {
    expect(observe(record({ troubles: [{ text: 'it broke', atEpochMs: START + atMs }] })).troubles).toEqual(troubles);
  });

  describe('lateness', () => {
    const lateMs = (over: Partial<CallRecord>) => observe(record({ canaries: [], ...over })).lateMs;
    const beat = (sentMs: number, answeredMs: number | null) => ({
      sentEpochMs: START + sentMs,
      answeredEpochMs: answeredMs === null ? null : START + answeredMs,
    });

    it.for([
      ['during the call', beat(100, 900), 800],
      ['across its beginning', beat(-500, 10), 510],
      ['across its end', beat(600, 2000), 1400],
      ['never answered', beat(105, null), LATE_480_MS - 105],
      ['before the call', beat(-500, -1), 0],
      ['after the call', beat(LATE_480_MS + 1, 3000), 0],
    ] as const)('is what the server needs for a pulse %s', ([, one, ms]) => {
      expect(lateMs({ beats: [one] })).toBe(ms);
    });

    const cancelled = (...answers: WireMessage[]) => [
      ...rangAndRefused.slice(0, 4),
      message(300, 'caller', 'server', 'CANCEL sip:alice-test-1@ms-sipre.test SIP/2.0', '1 CANCEL'),
      ...answers,
    ];
    it.for([
      ['200 to it', [message(1500, 'server', 'caller', 'SIP/2.0 200 OK', '1 CANCEL')], 1200],
      ['487 to the INVITE', [message(900, 'server', 'caller', 'SIP/2.0 487 Request Terminated')], 600],
      ['nothing', [], 0],
      ['only 180', [message(900, 'server', 'caller', 'SIP/2.0 180 Ringing')], 0],
    ] as const)('is what the server needs for a CANCEL, until there is %s', ([, answers, ms]) => {
      expect(lateMs({ messages: cancelled(...answers) })).toBe(ms);
    });

    it('is how late the stamp of the INVITE was', () => {
      const [invite, ...others] = rangAndRefused as [WireMessage, ...WireMessage[]];
      expect(lateMs({ messages: [...others, { ...invite, atEpochMs: START + 102 }] })).toBe(100);
    });
  });

  describe('a stray', () => {
    const arrived = (atMs: number, bytes = 'INVITE sip:x@y SIP/2.0\r\n\r\n'): StrayItem => ({
      item: item('voicemail', 'in', atMs, Buffer.from(bytes)),
      kind: 'call',
      candidates: null,
    });
    const straysAt = (over: Partial<CallRecord>) => observe(record(over)).strays.map(({ atMs }) => atMs);

    it('is kept while the window is open', () => {
      expect(straysAt({ strays: [-51, -50, 0, WINDOW_MS, WINDOW_MS + 1].map((atMs) => arrived(atMs)) })).toEqual([
        -50,
        0,
        WINDOW_MS,
      ]);
    });

    it('is shown by its start line, or by its size', () => {
      expect(observe(record({ strays: [arrived(5), arrived(6, 'gar\u0007bage')] })).strays).toEqual([
        { atMs: 5, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' },
        { atMs: 6, at: 'voicemail', kind: 'call', text: '8 bytes that are no SIP message' },
      ]);
    });

    it('is not of a call that it cannot be of', () => {
      const candidates = (...numbers: number[]) => new Set(numbers.map((number) => cellKey('test', number)));
      expect(straysAt({ strays: [{ ...arrived(5), candidates: candidates(2, 3) }] })).toEqual([]);
      expect(straysAt({ strays: [{ ...arrived(5), candidates: candidates(1, 3) }] })).toEqual([5]);
    });

    it("is not of another policy's domain", () => {
      const to = (domain: string) => arrived(5, `INVITE sip:x@${domain} SIP/2.0\r\n\r\n`);
      expect(straysAt({ strays: [to('plain.test')] })).toEqual([]);
      expect(straysAt({ strays: [to('MS-SIPRE.test')] })).toEqual([5]);
      expect(straysAt({ strays: [to('outside.test')] })).toEqual([5]);
      expect(straysAt({ strays: [to('plain.test;x=ms-sipre.test')] })).toEqual([5]);
    });
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
