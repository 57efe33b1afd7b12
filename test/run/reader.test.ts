import { describe, expect, it } from 'vitest';
import type { CallerMessage } from '../../harness/callers/caller.ts';
import { nowEpochMs } from '../../harness/now.ts';
import type { PlacedCell } from '../../harness/run/call-groups.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { tenancyOf } from '../../harness/run/lodger.ts';
import { type BatchRecord, Reader } from '../../harness/run/reader.ts';
import type { RawItem } from '../../harness/run/wire-log.ts';
import { scenario } from '../helpers/observations.ts';
import { bytesOf, START_EPOCH_MS, type Written } from '../helpers/wire.ts';

const SLACK_MS = 400;
const TIMERS_MS = 600 + 200 + 600;

const placedAs = (number: number): PlacedCell => ({
  key: cellKey('test', number),
  cell: {
    id: `cell ${number}`,
    server: 'kamailio',
    policy: 'plain',
    scenario,
    variant: { id: 'none', title: 'x', kind: 'control', claims: [], headers: [] },
    transport: 'udp',
    path: 'direct',
    control: null,
  },
});
const callId = (number: number): string => `testg1-patient-${number}@127.0.0.2`;
const aor = (number: number): string => `sip:alice-test-${number}@plain.test`;
const written = (number: number, line: string): Written => ({
  line,
  callId: callId(number),
  branch: `z9hG4bK-testg1-${number}-i`,
});
const atCaller = (number: number, atMs: number): CallerMessage[] => [
  {
    direction: 'sent',
    protocol: 'udp',
    atEpochMs: START_EPOCH_MS + atMs,
    bytes: bytesOf(written(number, `INVITE ${aor(number)}`)),
  },
  {
    direction: 'received',
    protocol: 'udp',
    atEpochMs: START_EPOCH_MS + atMs + 610,
    bytes: bytesOf(written(number, '480 Gone')),
  },
];
const invited = (role: RawItem['role'], number: number, atMs: number): RawItem => ({
  role,
  direction: 'in',
  atEpochMs: START_EPOCH_MS + atMs,
  bytes: bytesOf(written(number, `INVITE ${aor(number)}`)),
});
const record = (numbers: readonly number[], over: Partial<BatchRecord> = {}): BatchRecord => ({
  placed: numbers.map(placedAs),
  canaryCalls: [],
  headerCalls: [],
  groups: [],
  unregistered: new Map(),
  blind: new Map(),
  stalls: [],
  beats: [],
  troubles: [],
  forgetBeforeEpochMs: 0,
  ...over,
});
const reader = (): Reader => new Reader({ variants: [], token: 'test', slackMs: SLACK_MS });
/** By when anything of this test's was recorded, and long after it. */
const NOW = START_EPOCH_MS + 60_000;

describe('the last window of a batch', () => {
  it('ends the slack after the server could have done its last, or the call was over', () => {
    expect(reader().takeCallers([...atCaller(1, 0), ...atCaller(2, 100)], [placedAs(1), placedAs(2)], NOW)).toBe(
      START_EPOCH_MS + 100 + TIMERS_MS + SLACK_MS,
    );
    const [invite, final] = atCaller(1, 0);
    if (invite === undefined || final === undefined) throw new Error('no messages');
    const long = [invite, { ...final, atEpochMs: START_EPOCH_MS + 5000 }];
    expect(reader().takeCallers(long, [placedAs(1)], NOW)).toBe(START_EPOCH_MS + 5000 + SLACK_MS);
  });

  it('is that of a call begun now where the caller has no record of one', () => {
    expect(reader().takeCallers(atCaller(1, 0), [placedAs(1), placedAs(2)], NOW)).toBe(NOW + TIMERS_MS + SLACK_MS);
  });

  it('is not put off by a clock that runs ahead', () => {
    expect(reader().takeCallers(atCaller(1, 90_000), [placedAs(1)], NOW)).toBe(NOW + TIMERS_MS + SLACK_MS);
  });
});

describe('reading batch by batch', () => {
  it('finds in each batch its own calls, whenever they were recorded', () => {
    const own = reader();
    own.take([invited('phone', 1, 2), invited('phone', 2, 2002)]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    expect(own.read(record([1])).observations.map(({ cell, legs }) => [cell, legs.length])).toEqual([['cell 1', 1]]);
    own.takeCallers(atCaller(2, 2000), [placedAs(2)], NOW);
    expect(own.read(record([2])).observations.map(({ cell, legs }) => [cell, legs.length])).toEqual([['cell 2', 1]]);
  });

  it('tells of a call that reached somebody when its cell had been read', () => {
    const own = reader();
    own.take([invited('phone', 1, 2)]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    own.read(record([1]));
    const later = nowEpochMs() + 5 - START_EPOCH_MS;
    own.take([invited('voicemail', 1, later)]);
    const { observations, afterthoughts } = own.read(record([]));
    expect(observations).toEqual([]);
    expect(afterthoughts).toMatchObject([
      { cell: 'cell 1', leg: { role: 'voicemail', startMs: expect.closeTo(later, 0) } },
    ]);
    expect(own.read(record([])).afterthoughts).toEqual([]); // once
  });

  it('makes nothing of what comes late of a call that is on record', () => {
    const own = reader();
    own.take([invited('voicemail', 1, 2)]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    own.read(record([1]));
    const later = nowEpochMs() + 5 - START_EPOCH_MS;
    const ofOld = (line: string): RawItem => ({ ...invited('voicemail', 1, later), bytes: bytesOf(written(1, line)) });
    own.take([ofOld(`INVITE ${aor(1)}`), ofOld(`ACK ${aor(1)}`), ofOld(`BYE ${aor(1)}`)]);
    own.take([{ ...ofOld(`ACK ${aor(1)}`), role: 'team' }]);
    expect(own.read(record([])).afterthoughts).toEqual([]);
  });

  it('takes what names nobody for a stray while it may be of a call, and forgets it then', () => {
    const own = reader();
    const stray: RawItem = {
      ...invited('voicemail', 1, 300),
      bytes: bytesOf({ line: 'INVITE sip:who@knows.test', callId: 'x' }),
    };
    own.take([stray]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    expect(own.read(record([1], { forgetBeforeEpochMs: START_EPOCH_MS })).observations[0]?.strays).toHaveLength(1);
    own.takeCallers(atCaller(2, 100), [placedAs(2)], NOW);
    expect(own.read(record([2], { forgetBeforeEpochMs: START_EPOCH_MS + 301 })).observations[0]?.strays).toHaveLength(
      1,
    );
    own.takeCallers(atCaller(3, 200), [placedAs(3)], NOW);
    expect(own.read(record([3])).observations[0]?.strays).toEqual([]);
  });

  it('holds nothing against one batch that is of a dialog of another', () => {
    const own = reader();
    const ack: RawItem = {
      ...invited('phone', 2, 2),
      bytes: bytesOf({ line: 'INVITE sip:who@knows.test', callId: callId(2) }),
    };
    own.take([invited('phone', 2, 1), ack]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    expect(own.read(record([1])).observations[0]?.strays).toEqual([]);
    own.takeCallers(atCaller(2, 0), [placedAs(2)], NOW);
    expect(own.read(record([2])).observations[0]?.messages.filter(({ to }) => to === 'phone')).toHaveLength(2);
  });

  it('knows its own call by its mark, whoever else it names', () => {
    const own = reader();
    own.take([{ ...invited('team', 1, 5), bytes: bytesOf({ ...written(1, `INVITE ${aor(2)}`), to: `<${aor(2)}>` }) }]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    expect(own.read(record([1])).observations[0]?.legs).toMatchObject([{ role: 'team' }]);
  });

  it('leaves to another batch what has the Call-ID of its caller, whoever it names', () => {
    const own = reader();
    own.take([{ ...invited('team', 2, 5), bytes: bytesOf({ ...written(2, `INVITE ${aor(1)}`), to: `<${aor(1)}>` }) }]);
    own.takeCallers(atCaller(1, 0), [placedAs(1)], NOW);
    own.takeCallers(atCaller(2, 0), [placedAs(2)], NOW);
    expect(own.read(record([1])).observations[0]).toMatchObject({ legs: [], strays: [] });
    expect(own.read(record([2])).observations[0]?.legs).toMatchObject([{ role: 'team' }]);
  });

  it('says which calls a dead caller left unfinished', () => {
    const own = reader();
    const groups = [
      { keys: [1, 2].map((number) => placedAs(number).key), trouble: 'crashed', clockTrouble: null, died: true },
    ];
    own.takeCallers([...atCaller(1, 0), ...atCaller(2, 0).slice(0, 1)], [placedAs(1), placedAs(2)], NOW);
    expect(own.read(record([1, 2], { groups })).lost).toEqual(['cell 2']);
  });

  it('says which calls cannot be held against their control, whose caller died', () => {
    const own = reader();
    const [variant, control] = [placedAs(1), placedAs(2)];
    const placed = [{ ...variant, cell: { ...variant.cell, control: control.cell.id } }, control];
    const groups = [{ keys: placed.map(({ key }) => key), trouble: 'crashed', clockTrouble: null, died: true }];
    own.takeCallers([...atCaller(1, 0), ...atCaller(2, 0).slice(0, 1)], placed, NOW);
    expect(own.read(record([], { placed, groups })).lost).toEqual(['cell 1', 'cell 2']);
  });
});

describe('reading calls of one account, one after the other', () => {
  const lent = {
    callee: { user: 'bob', domain: 'plain.test', password: 'x' },
    members: {},
    waits: scenario.subscriber.waits,
  };
  const bobs = (number: number): PlacedCell => ({ ...placedAs(number), lent });
  const toBob = (number: number): Written => ({
    ...written(number, 'INVITE sip:bob@plain.test'),
    to: '<sip:bob@plain.test>',
  });
  const callTo = (number: number, atMs: number): CallerMessage[] => {
    const [invite, final] = atCaller(number, atMs);
    if (invite === undefined || final === undefined) throw new Error('no messages');
    return [{ ...invite, bytes: bytesOf(toBob(number)) }, final];
  };
  const at = (role: RawItem['role'], atMs: number, own: Written, direction: RawItem['direction'] = 'in'): RawItem => ({
    role,
    direction,
    atEpochMs: START_EPOCH_MS + atMs,
    bytes: bytesOf(own),
  });
  /** What a B2BUA makes of a call: its own Call-ID, and the callee's name. */
  const leg = (name: string): Written => ({ line: 'INVITE sip:bob@127.0.0.3', callId: name, branch: name });
  const has = (number: number, fromMs: number, untilMs: number | null) => ({
    ...tenancyOf(placedAs(number).key, lent, START_EPOCH_MS + fromMs),
    untilEpochMs: untilMs === null ? null : START_EPOCH_MS + untilMs,
  });

  it('gives each what came in its time', () => {
    const own = reader();
    own.take(
      [at('phone', 2, leg('a')), at('phone', 5002, leg('b')), at('voicemail', 5400, leg('c'))],
      [],
      [has(1, -100, 4000), has(2, 4500, null)],
    );
    own.takeCallers(callTo(1, 0), [bobs(1)], NOW);
    own.takeCallers(callTo(2, 5000), [bobs(2)], NOW);
    const both = { placed: [bobs(1), bobs(2)] };
    expect(
      own.read(record([1, 2], both)).observations.map(({ cell, legs }) => [cell, legs.map(({ role }) => role)]),
    ).toEqual([
      ['cell 1', ['phone']],
      ['cell 2', ['phone', 'voicemail']],
    ]);
  });

  it('tells the earlier of what comes late while the account is free', () => {
    const own = reader();
    const laterMs = nowEpochMs() + 60_000 - START_EPOCH_MS; // whenever it is read
    own.take([at('phone', 2, leg('a'))], [], [has(1, laterMs - 1000, null)]);
    own.takeCallers(callTo(1, 0), [bobs(1)], NOW);
    own.read(record([1], { placed: [bobs(1)] }));
    own.take([at('voicemail', laterMs, leg('late'))], [], [has(1, laterMs - 1000, laterMs - 1)]);
    expect(own.read(record([])).afterthoughts).toMatchObject([{ cell: 'cell 1', leg: { role: 'voicemail' } }]);
  });

  it('knows which calls are still open', () => {
    const own = reader();
    own.take(
      [at('phone', 2, leg('a')), at('phone', 3, { ...leg('a'), line: '180 Ringing' }, 'out')],
      [],
      [has(1, -100, null)],
    );
    expect(own.stillOpen([bobs(1)])).toEqual([]); // it has not begun
    own.takeCallers(callTo(1, 0), [bobs(1)], NOW);
    expect(own.stillOpen([bobs(1)])).toEqual([bobs(1).key]);
    own.take([at('phone', 600, { ...leg('a'), line: '487 Request Terminated' }, 'out')]);
    expect(own.stillOpen([bobs(1)])).toEqual([]);
    const answered = reader();
    answered.take(
      [at('phone', 2, leg('a')), at('phone', 3, { ...leg('a'), line: '200 OK' }, 'out')],
      [],
      [has(1, -100, null)],
    );
    answered.takeCallers(callTo(1, 0), [bobs(1)], NOW);
    expect(answered.stillOpen([bobs(1)])).toEqual([bobs(1).key]);
    const unfinished = reader();
    unfinished.take([], [], [has(1, -100, null)]);
    unfinished.takeCallers(callTo(1, 0).slice(0, 1), [bobs(1)], NOW);
    expect(unfinished.stillOpen([bobs(1)])).toEqual([bobs(1).key]);
  });
});
