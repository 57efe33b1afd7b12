import { describe, expect, it } from 'vitest';
import type { MailboxEntry } from '../../harness/endpoints/voicemail.ts';
import type { HeaderVariant } from '../../harness/model/scenario.ts';
import type { PlacedCell } from '../../harness/run/call-groups.ts';
import { canaries, headerCanaries } from '../../harness/run/canary.ts';
import { type Gathered, gather } from '../../harness/run/gather.ts';
import { type CallKey, cellKey } from '../../harness/run/identity.ts';
import { serverTimersMs } from '../../harness/run/observe.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import { scenario } from '../helpers/observations.ts';
import { item, START_EPOCH_MS } from '../helpers/wire.ts';

const variant: HeaderVariant = { id: 'x-one', title: 'x', kind: 'decoy', claims: [], headers: ['X-One: yes'] };
const placed = [1, 2].map(
  (number): PlacedCell => ({
    key: cellKey('test', number),
    cell: {
      id: `kamailio/plain/voicemail-no-answer/${number}/udp/direct`,
      server: 'kamailio',
      policy: 'plain',
      scenario,
      variant,
      transport: 'udp',
      path: 'direct',
      control: null,
    },
  }),
);
const keys = placed.map(({ key }) => key);

const callIdOf = (number: number): string => `testg1-patient-${number}@127.0.0.2`;
const call = (number: number, atMs = 0): WireItem[] => {
  const aor = `sip:alice-test-${number}@plain.test`;
  const common = { callId: callIdOf(number), branch: `z9hG4bK-testg1-${number}-i` };
  return [
    item('caller', 'out', atMs, { ...common, line: `INVITE ${aor}` }),
    item('phone', 'in', atMs + 2, { ...common, line: `INVITE ${aor}` }),
    item('caller', 'in', atMs + 600, { ...common, line: '480 Temporarily Unavailable' }),
  ];
};

const seen = (over: Partial<Gathered> = {}) =>
  gather({
    placed,
    variants: [variant],
    token: 'test',
    slackMs: 400,
    items: [...call(2), ...call(1)],
    filed: new Map(),
    canaryCalls: [],
    headerCalls: [],
    groups: [{ keys, trouble: null, clockTrouble: null }],
    unregistered: new Map(),
    blind: new Map(),
    stalls: [],
    beats: [],
    troubles: [],
    ...over,
  });
const troubles = (over: Partial<Gathered>) => seen(over).map((each) => each.troubles);

describe('gather', () => {
  it('puts every call together, in the order of the cells', () => {
    expect(seen().map(({ cell, legs, caller }) => [cell, legs.length, caller.finalStatus])).toEqual(
      placed.map(({ cell }) => [cell.id, 1, 480]),
    );
  });

  it('lets what went wrong with a caller concern only the calls that it had not finished', () => {
    const groups = [{ keys, trouble: 'SIPp died', clockTrouble: null }];
    expect(troubles({ groups })).toEqual([[], []]);
    expect(troubles({ groups, items: [...call(1), ...call(2).slice(0, 2)] })).toEqual([[], ['SIPp died']]);
    const refused = item('phone', 'out', 9, { line: '486 Busy Here', callId: callIdOf(2) });
    expect(troubles({ groups, items: [...call(1), ...call(2).slice(0, 2), refused] })).toEqual([[], ['SIPp died']]);
  });

  it('lets a caller that was thrown concern the call that it gave up, not one that had its final response', () => {
    const thrownAt = (atMs: number) => [
      {
        keys,
        trouble: null,
        clockTrouble: null,
        thrown: [{ callId: callIdOf(1), atEpochMs: START_EPOCH_MS + atMs, message: 'SIP/2.0 180 Ringing' }],
      },
    ];
    const why = 'the caller gave the call up because it did not know what to make of "SIP/2.0 180 Ringing"';
    expect(troubles({ groups: thrownAt(599) })).toEqual([[why], []]);
    expect(troubles({ groups: thrownAt(600) })).toEqual([[], []]);
    expect(troubles({ groups: thrownAt(601), items: [...call(1).slice(0, 2), ...call(2)] })).toEqual([[why], []]);
  });

  it('tells of a phone that was registered when the server had the call already, unless it was called all the same', () => {
    const user = `alice-test-2`;
    const at = (ms: number) => new Map([[user, START_EPOCH_MS + ms]]);
    const silent = call(2).filter(({ role }) => role !== 'phone');
    const late = `${user} was registered 5 ms after the server had the call, and was not called`;
    const refused = (registeredAtEpochMs: Map<string, number>, items: WireItem[]) =>
      troubles({ registeredAtEpochMs, items: [...call(1), ...items] });
    expect(refused(at(5), silent)).toEqual([[], [late]]);
    expect(refused(at(-5), silent)).toEqual([[], []]);
    expect(refused(at(5), call(2))).toEqual([[], []]);
  });

  it('tells of a phone that the server may have let go before its waits were over, unless it was called', () => {
    const user = `alice-test-2`;
    const silent = call(2).filter(({ role }) => role !== 'phone');
    const waitsMs = serverTimersMs(scenario.subscriber.waits);
    const stays = (ms: number, items: WireItem[], whose = user) =>
      troubles({
        stayUntilEpochMs: new Map(keys.map((key) => [key, new Map([[whose, START_EPOCH_MS + ms]])])),
        items: [...call(1), ...items],
      });
    const gone = (when: string): string =>
      `the server may have let ${user} go ${when}, as it lets phones stay for a moment only, and did not call it`;
    expect(stays(-5, silent)).toEqual([[], [gone('before the server had the call')]]);
    expect(stays(5, silent)).toEqual([[], [gone('5 ms after it had the call')]]);
    expect(stays(waitsMs - 1, silent)).toEqual([[], [gone(`${waitsMs - 1} ms after it had the call`)]]);
    expect(stays(waitsMs, silent)).toEqual([[], []]);
    expect(stays(-5, call(2))).toEqual([[], []]);
    expect(stays(-5, silent, 'somebody-else')).toEqual([[], []]);
    expect(stays(-5, [])[1]?.join()).not.toContain(user); // there was no call
  });

  it('tells nothing of an account that was lent on when the call was over', () => {
    const account = { user: 'bob', domain: 'plain.test', password: 'of-bob' };
    const lent = { callee: account, members: {}, waits: scenario.subscriber.waits };
    const silent = call(2).filter(({ role }) => role !== 'phone');
    const registered = (ms: number) =>
      troubles({
        placed: placed.map((each) => ({ ...each, lent })),
        items: silent,
        registeredAtEpochMs: new Map([['bob', START_EPOCH_MS + ms]]),
      })[1];
    expect([registered(600), registered(601)]).toEqual([
      ['bob was registered 600 ms after the server had the call, and was not called'],
      [],
    ]);
  });

  it('lets a clock that does not agree concern all its calls', () => {
    const groups = [{ keys, trouble: null, clockTrouble: 'clock' }];
    expect(troubles({ groups })).toEqual([['clock'], ['clock']]);
    const late = (number: number) => [call(number, 900)[0] as WireItem, ...call(number).slice(1)];
    expect(troubles({ items: [...late(1), ...late(2)] })).toEqual(
      keys.map(() => expect.arrayContaining([expect.stringMatching(/every INVITE of this caller stands 898 ms/)])),
    );
    expect(troubles({ items: [...late(1), ...call(2)] })[1]).toEqual([]);
  });

  it('tells the phones that did not register, by their call', () => {
    const unregistered = new Map([
      ['alice-test-1', '401'],
      ['team-test-2', '403'],
      ['delegate-test-2', '404'],
      ['alice-other-1', '500'],
    ]);
    expect(seen({ unregistered }).map((each) => each.unregistered)).toEqual([
      ['alice-test-1 (401)'],
      ['team-test-2 (403)', 'delegate-test-2 (404)'],
    ]);
  });

  it('tells what is not known of calls with this header, and of nobody else`s', () => {
    expect(
      troubles({
        blind: new Map([
          ['x-one', ['blind']],
          ['x-two', ['other']],
        ]),
      }),
    ).toEqual([['blind'], ['blind']]);
  });

  it('lets a trouble concern those that it names, or all', () => {
    const atEpochMs = START_EPOCH_MS;
    expect(
      troubles({
        troubles: [
          { text: 'all', atEpochMs },
          { text: 'one', atEpochMs, users: new Set(['alice-test-2']) },
        ],
      }),
    ).toEqual([['all'], ['all', 'one']]);
  });

  it('has a mailbox by the Call-ID of its leg, whatever name the server gave it', () => {
    const entry = (callId: string | null): MailboxEntry => ({
      kind: 'missed-call',
      by: 'server',
      atEpochMs: START_EPOCH_MS + 700,
      callId,
    });
    const noted = (filed: Record<string, MailboxEntry[]>) =>
      seen({ filed: new Map(Object.entries(filed)) }).map(({ notifications }) => notifications.length);
    expect(noted({ voicemail: [entry(callIdOf(2))] })).toEqual([0, 1]);
    expect(noted({ 'alice-test-1': [entry(callIdOf(2))] })).toEqual([0, 1]);
    expect(noted({ 'alice-test-1': [entry(null)] })).toEqual([1, 0]);
    expect(noted({ 'ALICE-TEST-1': [entry('a B2BUA`s own')], 'alice-test-1': [entry(null)] })).toEqual([2, 0]);
    expect(noted({ voicemail: [entry('unknown')] })).toEqual([0, 0]);
  });

  it('knows the canary with this header and policy, and what the server adds to all calls', () => {
    const canary = headerCanaries(
      'test',
      placed.map(({ cell }) => cell),
      90,
      KAMAILIO,
    )[0];
    const plain = canaries('test', ['plain'], KAMAILIO).find(({ trap }) => trap === 'phone');
    if (canary === undefined || plain === undefined) throw new Error('no canary');
    const sent = { sentEpochMs: START_EPOCH_MS - 99, doneEpochMs: START_EPOCH_MS - 9, outcome: 'answered' };
    const arrival = (key: CallKey, headers: string[] = []) =>
      item('phone', 'in', -50, { line: `INVITE sip:alice-${key}@plain.test`, callId: key, headers });
    const run = (headers: string[], adds: string[]) =>
      seen({
        headerCalls: [{ ...sent, canary }],
        canaryCalls: [{ ...sent, canary: plain }],
        items: [...call(1), ...call(2), arrival(canary.key, headers), arrival(plain.key, adds)],
      })[0];
    expect(run(['X-One: yes'], [])?.headerCanary).toEqual({
      outcome: 'reached',
      passedOn: ['x-one'],
      seen: 'answered',
    });
    expect(run([], [])?.headerCanary).toEqual({ outcome: 'reached', passedOn: [], seen: 'answered' });
    expect(seen()[0]?.headerCanary).toBeNull();
    const added = (adds: string[]) => {
      const [first, invite, ...rest] = call(1);
      const withHeader = item('phone', 'in', 2, {
        line: 'INVITE sip:alice-test-1@plain.test',
        callId: callIdOf(1),
        headers: ['X-One: yes'],
      });
      expect(invite).toBeDefined();
      return seen({
        canaryCalls: [{ ...sent, canary: plain }],
        items: [first as WireItem, withHeader, ...rest, ...call(2), arrival(plain.key, adds)],
      })[0]?.headersAtPhone;
    };
    expect(added([])).toEqual({ lost: [], added: ['x-one'] });
    expect(added(['X-One: yes'])).toEqual({ lost: [], added: [] });
  });
});

describe('gather, of a call', () => {
  it('of which nothing is on record, has nothing', () => {
    expect(seen({ items: [], groups: [] })[0]).toMatchObject({
      cell: placed[0]?.cell.id,
      startedAtEpochMs: null,
      messages: [],
      notifications: [],
      troubles: [],
    });
    expect(seen({ groups: [] })[0]).toMatchObject({ notifications: [], troubles: [] });
  });

  it('has strays in order of time, whatever the order of the log', () => {
    const stray = (atMs: number) => item('voicemail', 'in', atMs, { line: 'INVITE sip:*86@b', callId: `${atMs}` });
    const [first] = seen({ items: [...call(1), ...call(2), stray(300), stray(200)] });
    expect(first?.strays.map(({ atMs }) => atMs)).toEqual([200, 300]);
  });

  it('counts as finished with its final response, and with no other', () => {
    const groups = [{ keys, trouble: 'SIPp died', clockTrouble: null }];
    const troubleAfter = (line: string, cseq: string) => {
      const response = item('caller', 'in', 600, { line, cseq, callId: callIdOf(2) });
      return troubles({ groups, items: [...call(1), ...call(2).slice(0, 2), response] })[1];
    };
    expect(troubleAfter('200 OK', '1 INVITE')).toEqual([]);
    expect(troubleAfter('180 Ringing', '1 INVITE')).toEqual(['SIPp died']);
    expect(troubleAfter('200 OK', '1 CANCEL')).toEqual(['SIPp died']);
  });
});
