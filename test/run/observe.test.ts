import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/judge/judge.ts';
import type { Role } from '../../harness/model/observation.ts';
import type { Cell } from '../../harness/plan.ts';
import { canaries } from '../../harness/run/canary.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { type CallRecord, observe, type SeenCanary } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { diverted, scenario } from '../helpers/observations.ts';

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

function canary(sentMs: number, reachedMs: number | null): SeenCanary {
  const [own] = canaries('test', ['ms-sipre']).filter((each) => each.trap === 'voicemail');
  if (own === undefined) throw new Error('no canary for voice mail');
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
});
