import { describe, expect, it } from 'vitest';
import { type CallRecord, observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { scenario } from '../helpers/observations.ts';
import { canary, cell, LATE_480_MS, message, rangAndRefused, record, START, WINDOW_MS } from './call-record.ts';

describe('lateness', () => {
  const lateMs = (over: Partial<CallRecord>) => observe(record({ canaries: [], ...over })).lateMs;
  const beat = (sentMs: number, answeredMs: number | null) => ({
    dueEpochMs: START + sentMs,
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
    ['200 to the INVITE', [message(900, 'server', 'caller', 'SIP/2.0 200 OK')], 600],
    [
      'something at once',
      [
        message(300, 'server', 'caller', 'SIP/2.0 200 OK', '1 CANCEL'),
        message(900, 'server', 'caller', 'SIP/2.0 487 Request Terminated'),
      ],
      0,
    ],
    [
      'more than a response to another request',
      [
        message(400, 'server', 'caller', 'SIP/2.0 200 OK', '1 PRACK'),
        message(900, 'server', 'caller', 'SIP/2.0 487 Request Terminated'),
      ],
      600,
    ],
  ] as const)('is what the server needs for a CANCEL, until there is %s', ([, answers, ms]) => {
    expect(lateMs({ messages: cancelled(...answers) })).toBe(ms);
  });

  it('is not what came before the CANCEL, nor what comes of the server`s', () => {
    const answered = message(200, 'server', 'caller', 'SIP/2.0 200 OK');
    const ok = message(500, 'server', 'caller', 'SIP/2.0 200 OK', '1 CANCEL');
    const messages = cancelled(ok).toSpliced(4, 0, answered);
    expect(lateMs({ messages })).toBe(200);
    const back = message(100, 'server', 'caller', 'CANCEL sip:customer@127.0.0.2 SIP/2.0', '1 CANCEL');
    expect(lateMs({ messages: rangAndRefused.toSpliced(4, 0, back) })).toBe(0);
    expect(lateMs({ messages: cancelled(ok).toSpliced(4, 0, back) })).toBe(200);
  });

  const bye = (atMs: number, from: 'caller' | 'server', to: 'server' | 'voicemail' | 'caller') =>
    message(atMs, from, to, 'BYE sip:alice-test-1@ms-sipre.test SIP/2.0', '2 BYE');
  it.for([
    ['one who had answered has it', [bye(300, 'caller', 'server'), bye(1600, 'server', 'voicemail')], 1300],
    ['nobody has it', [bye(300, 'caller', 'server')], 0],
    ['only the caller has one', [bye(300, 'caller', 'server'), bye(1600, 'server', 'caller')], 0],
    ['it had been the other who hung up', [bye(200, 'server', 'voicemail'), bye(300, 'caller', 'server')], 0],
    [
      'it had hung up on another before',
      [bye(200, 'server', 'voicemail'), bye(300, 'caller', 'server'), bye(1600, 'server', 'voicemail')],
      1300,
    ],
    [
      'something else comes first',
      [
        bye(300, 'caller', 'server'),
        message(400, 'server', 'voicemail', 'INFO sip:alice-test-1@ms-sipre.test SIP/2.0', '2 INFO'),
        bye(1600, 'server', 'voicemail'),
      ],
      1300,
    ],
    ['it came of another than the caller', [bye(300, 'server', 'voicemail'), bye(900, 'server', 'voicemail')], 0],
  ] as const)('is what the server needs to pass a BYE on, where %s', ([, byes, ms]) => {
    expect(lateMs({ messages: [...rangAndRefused.slice(0, 4), ...byes] })).toBe(ms);
  });

  const hungUp: CallRecord['cell'] = { ...cell, scenario: { ...scenario, caller: 'hang-up-while-ringing' } };
  const group: CallRecord['cell'] = {
    ...cell,
    scenario: { ...scenario, application: { alertMs: 500, next: 'delegate' } },
  };
  const gaveUp = (atMs: number) => [
    message(atMs, 'caller', 'server', 'CANCEL sip:alice-test-1@ms-sipre.test SIP/2.0', '1 CANCEL'),
    message(atMs, 'server', 'caller', 'SIP/2.0 200 OK', '1 CANCEL'),
  ];
  const answered = message(904, 'server', 'caller', 'SIP/2.0 200 OK');
  const again = message(300, 'server', 'caller', 'SIP/2.0 183 Session Progress');
  it.for<[string, Partial<CallRecord>, readonly WireMessage[], number]>([
    ['that hangs up while it rings', { cell: hungUp }, gaveUp(304), 100],
    ['that had no time for it', { cell: hungUp }, [answered], 700],
    [
      'whatever another is told',
      { cell: hungUp },
      [message(100, 'phone', 'server', 'SIP/2.0 180 Ringing'), ...gaveUp(304)],
      100,
    ],
    ['that begins anew with each provisional response', { cell: hungUp }, [again, ...gaveUp(604)], 104],
    [
      'not with another 200',
      { cell: hungUp },
      [message(300, 'server', 'caller', 'SIP/2.0 200 OK', '2 PRACK'), answered],
      700,
    ],
    ['that is somebody else', { cell: hungUp, callerUnderTest: true }, gaveUp(704), 0],
    ['that waits', {}, gaveUp(1900), 0],
    ['in time', { cell: hungUp }, gaveUp(204), 0],
    ['that serves a customer', { cell: group }, gaveUp(1100), 600],
    ['that serves a customer, and was answered', { cell: group }, [answered], 404],
    ['that serves a customer, in time', { cell: group }, gaveUp(500), 0],
  ])('is how late a caller of ours gave up: one %s', ([, over, more, ms]) => {
    expect(lateMs({ messages: [...rangAndRefused.slice(0, 4), ...more], ...over })).toBe(ms);
  });

  it('is how late a caller gave up that was challenged first', () => {
    const attempt = (atMs: number, cseq: string) =>
      message(
        atMs,
        'caller',
        'server',
        'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0',
        cseq,
        'Ms-Target-Class: secondary',
      );
    const messages = [
      attempt(0, '1 INVITE'),
      message(2, 'server', 'caller', 'SIP/2.0 407 Proxy Authentication Required'),
      attempt(4, '2 INVITE'),
      message(8, 'server', 'caller', 'SIP/2.0 180 Ringing', '2 INVITE'),
      message(408, 'caller', 'server', 'CANCEL sip:alice-test-1@ms-sipre.test SIP/2.0', '2 CANCEL'),
      message(408, 'server', 'caller', 'SIP/2.0 200 OK', '2 CANCEL'),
    ];
    expect(lateMs({ cell: hungUp, messages })).toBe(200);
  });

  it('is nothing where nobody rang before the call was over', () => {
    const refused = message(700, 'server', 'caller', 'SIP/2.0 480 Temporarily Unavailable');
    expect(lateMs({ cell: hungUp, messages: [...rangAndRefused.slice(0, 1), refused] })).toBe(0);
    expect(lateMs({ cell: hungUp, messages: [...rangAndRefused.slice(0, 4), again] })).toBe(0);
  });

  it('is how late the stamp of the INVITE was', () => {
    const [invite, ...others] = rangAndRefused as [WireMessage, ...WireMessage[]];
    expect(lateMs({ messages: [...others, { ...invite, atEpochMs: START + 102 }] })).toBe(100);
  });

  it.for([
    [100, 700, 600],
    [-900, -300, 0],
    [-600, 0, 600],
    [-600, -1, 0],
    [LATE_480_MS, LATE_480_MS + 900, 900],
    [LATE_480_MS + 1, LATE_480_MS + 900, 0],
  ] as const)('takes a stall of this process from %i to %i ms for %i ms of lateness', ([startMs, endMs, ms]) => {
    const stalls = [{ startEpochMs: START + startMs, endEpochMs: START + endMs }];
    expect(lateMs({ stalls })).toBe(ms);
  });

  it.for([
    [WINDOW_MS, 900],
    [WINDOW_MS + 1, 0],
  ] as const)('of a call that nobody ended is what a stall from %i ms on held up, in its window', ([startMs, ms]) => {
    const stalls = [{ startEpochMs: START + startMs, endEpochMs: START + startMs + 900 }];
    expect(lateMs({ messages: rangAndRefused.slice(0, 4), stalls })).toBe(ms);
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

  const lost = (sentMs: number, trap?: Parameters<typeof canary>[2]) => canary(sentMs, null, trap);
  const [before, closing] = [canary(-100, -90), canary(WINDOW_MS + 1, WINDOW_MS + 10)];
  it.for([
    ['during the call', [before, lost(100), closing], 500],
    ['at its very beginning', [lost(-500), before, closing], 0],
    ['as the last before it', [before, lost(-500), closing], 500],
    ['as the first after it', [before, lost(WINDOW_MS + 1), canary(WINDOW_MS + 600, WINDOW_MS + 610)], 500],
    ['after the first that closed its window', [before, closing, lost(WINDOW_MS + 20), canary(9000, 9010)], 0],
    ['where none gets there any more', [before, lost(100), lost(WINDOW_MS + 1)], 0],
    ['to a trap that it does not need', [before, lost(100, 'team'), canary(700, 710, 'team'), closing], 0],
    ['to phones', [before, lost(100, 'phone'), canary(700, 710, 'phone'), closing], 500],
    ['to another trap than those that got there', [before, lost(100), canary(700, 710, 'phone')], 0],
  ] as const)('is for how long a canary got nowhere whose trap lives: %s', ([, seen, ms]) => {
    expect(observe(record({ canaries: [...seen] })).lateMs).toBe(ms);
  });

  it.for([
    ['until it rang', 800, 700],
    ['until it was noted', 400, 900],
  ] as const)('takes the slower of the two ways of a canary that is to be missed: %s', ([, hungUpMs, ms]) => {
    const { call, reachedEpochMs } = canary(100, 1300, 'missed-call-inbox');
    const missed = { call: { ...call, hungUpEpochMs: START + hungUpMs }, reachedEpochMs };
    expect(observe(record({ canaries: [missed] })).lateMs).toBe(ms);
  });
});
