import { describe, expect, it } from 'vitest';
import type { Role } from '../../harness/model/observation.ts';
import type { HeaderVariant } from '../../harness/model/scenario.ts';
import { type Canary, canaries, headerCanaries, timerCanary } from '../../harness/run/canary.ts';
import type { CanaryCall } from '../../harness/run/canary-caller.ts';
import { forwardingsOfServer, headerSightings, headersOfServer, sightings } from '../../harness/run/sightings.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import { message, START_EPOCH_MS } from '../helpers/wire.ts';

const to = (trap: Canary['trap']): Canary => {
  const found = canaries('test', ['plain'], KAMAILIO).find((each) => each.trap === trap);
  if (found === undefined) throw new Error(`no canary to ${trap}`);
  return found;
};
const variant = (id: string, ...headers: HeaderVariant['headers']): HeaderVariant => ({
  id,
  title: id,
  kind: 'decoy',
  claims: [],
  headers,
});
const call = (canary: Canary, outcome: string, sentMs = 100, doneMs = 200): CanaryCall => ({
  canary,
  outcome,
  sentEpochMs: START_EPOCH_MS + sentMs,
  doneEpochMs: START_EPOCH_MS + doneMs,
});
const atTrap = (role: Role, startMs: number, status = '200 OK', branch = 'z9hG4bK-1'): WireMessage[] => [
  message(role, 'in', startMs, { line: 'INVITE sip:a@b', branch }),
  message(role, 'out', startMs + 1, { line: status, branch, to: `<sip:a@b>;tag=${branch}` }),
];
const reached = (one: CanaryCall, messages: readonly WireMessage[]) =>
  sightings([one], new Map([[one.canary.key, messages]])).map(({ reachedEpochMs }) =>
    reachedEpochMs === null ? null : reachedEpochMs - START_EPOCH_MS,
  );

describe('a canary has reached its trap', () => {
  const voicemail = to('voicemail');
  it('when the trap answered it while it was under way', () => {
    expect(reached(call(voicemail, 'answered'), atTrap('voicemail', 150))).toEqual([150]);
    expect(reached(call(voicemail, 'answered'), atTrap('voicemail', 100))).toEqual([100]);
    expect(reached(call(voicemail, 'answered'), atTrap('voicemail', 200))).toEqual([200]);
  });

  it.for([
    ['another trap answered', atTrap('team', 150)],
    ['it only rang', atTrap('voicemail', 150, '180 Ringing')],
    ['it was refused', atTrap('voicemail', 150, '486 Busy Here')],
    ['that was an earlier call', atTrap('voicemail', 99)],
    ['that was a later call', atTrap('voicemail', 201)],
    ['nothing is on record', []],
  ] as const)('but not when %s', ([, messages]) => {
    expect(reached(call(voicemail, 'answered'), messages)).toEqual([null]);
  });

  it('and not when its caller was not answered', () => {
    expect(reached(call(voicemail, 'final 480'), atTrap('voicemail', 150))).toEqual([null]);
  });

  it('of an inbox when the notice was filed', () => {
    expect(reached(call(to('missed-call-inbox'), 'filed'), [])).toEqual([200]);
    expect(reached(call(to('missed-call-inbox'), 'no notification (call: final 487)'), [])).toEqual([null]);
    expect(reached(call(voicemail, 'filed'), [])).toEqual([null]);
  });

  it('when anything of it is on record', () => {
    expect(sightings([call(voicemail, 'answered')], new Map())).toMatchObject([{ reachedEpochMs: null }]);
  });

  it('in the order in which they were sent', () => {
    const sent = sightings([call(voicemail, 'x', 900), call(voicemail, 'x', 100)], new Map());
    expect(sent.map(({ call: { sentEpochMs } }) => sentEpochMs - START_EPOCH_MS)).toEqual([100, 900]);
  });
});

describe('canaries with a header', () => {
  const wanted = [
    { policy: 'plain', variant: variant('one', 'X-One: yes') },
    { policy: 'plain', variant: variant('one', 'X-One: yes') },
    { policy: 'ms-sipre', variant: variant('one', 'X-One: yes') },
    { policy: 'plain', variant: variant('none') },
    { policy: 'plain', variant: variant('two', 'X-One: yes', { name: 'X-Two', value: 'no', spelling: 'folded' }) },
    { policy: 'plain', variant: variant('repeated', 'X-One: yes', 'x-one: no') },
    { policy: 'plain', variant: variant('no-colon', 'X-One') },
  ] as const;

  it('are one for each policy and variant whose lines can be written as fields', () => {
    expect(headerCanaries('test', wanted, 7, KAMAILIO)).toMatchObject([
      { policy: 'plain', variant: 'one', trap: 'phone', headers: { 'X-One': 'yes' } },
      { policy: 'ms-sipre', variant: 'one' },
      { policy: 'plain', variant: 'two', headers: { 'X-One': 'yes', 'X-Two': 'no' } },
    ]);
  });

  it('have accounts of their own', () => {
    const before = [...canaries('test', ['plain'], KAMAILIO), ...headerCanaries('test', wanted, 7, KAMAILIO)];
    const keys = [...before, timerCanary('test', { policy: 'plain', index: before.length, waitMs: 200 }, KAMAILIO)].map(
      ({ key }) => key,
    );
    expect(keys).toEqual(Array.from({ length: 7 + 3 + 1 }, (_, index) => `test-c${index}`));
  });

  const [own] = headerCanaries(
    'test',
    [{ policy: 'plain', variant: variant('one', 'X-One: yes', 'd: no-fork') }],
    7,
    KAMAILIO,
  );
  const seenOf = (outcome: string, messages: readonly WireMessage[], doneMs = 200) =>
    headerSightings([call(own as Canary, outcome, 100, doneMs)], new Map([[own?.key ?? '', messages]])).get(
      'plain one',
    );

  it('show that a phone is reached, and what the server passes on to it', () => {
    const invite = (...headers: string[]) => [message('phone', 'in', 120, { line: 'INVITE sip:a@b', headers })];
    expect(seenOf('answered', invite('x-one: yes', 'Request-Disposition: no-fork'))).toEqual({
      outcome: 'reached',
      passedOn: ['x-one', 'request-disposition'],
      seen: 'answered',
    });
    expect(seenOf('answered', invite('X-Two: yes'))).toMatchObject({ passedOn: [] });
    expect(seenOf('final 480', invite())).toMatchObject({ outcome: 'reached' });
  });

  it.for([
    ['final 403', 1100, 'refused'],
    ['final 603', 1100, 'refused'],
    ['final 302', 1100, 'refused'],
    ['final 403', 1101, 'silent'],
    ['nothing within 4000 ms', 4100, 'silent'],
    ['answered', 200, 'silent'],
  ] as const)('that got to no phone and ended with "%s" at %i ms are %s', ([outcome, doneMs, what]) => {
    expect(seenOf(outcome, atTrap('voicemail', 150), doneMs)).toMatchObject({ outcome: what, passedOn: [] });
  });

  it('do not reach a phone by anything but an INVITE, nor where nothing is on record', () => {
    const notify = message('phone', 'in', 120, { line: 'NOTIFY sip:a@b', headers: ['X-One: yes'] });
    expect(seenOf('final 403', [notify])).toMatchObject({ outcome: 'refused', passedOn: [] });
    const unseen = headerSightings([call(own as Canary, 'final 403')], new Map());
    expect(unseen.get('plain one')).toMatchObject({ outcome: 'refused', passedOn: [] });
  });

  it('are refused by a response alone', () => {
    expect(seenOf('Error: final 403', [])).toMatchObject({ outcome: 'silent' });
  });

  it('without one show what the server adds by what phones are called with, and by nothing else', () => {
    const [plain, voicemail] = [to('phone'), to('voicemail')];
    const adds = (...messages: WireMessage[]) =>
      headersOfServer([call(plain, 'answered')], new Map([[plain.key, messages]]));
    const header = (line: string) => ({ line, headers: ['X-Server: yes'] });
    expect(adds(message('phone', 'in', 120, header('INVITE sip:a@b')))).toContain('x-server');
    expect(adds(message('phone', 'in', 120, header('NOTIFY sip:a@b')))).toEqual(new Set());
    expect(adds(message('caller', 'out', 120, header('INVITE sip:a@b')))).toEqual(new Set());
    const atPhone = new Map([[voicemail.key, [message('phone', 'in', 120, header('INVITE sip:a@b'))]]]);
    expect(headersOfServer([call(voicemail, 'answered'), call(plain, 'answered')], atPhone)).toEqual(new Set());
  });

  it('say nothing of what the server adds by itself: those without say it', () => {
    const plain = to('phone');
    const invite = message('phone', 'in', 120, { line: 'INVITE sip:a@b', headers: ['X-Server: yes'] });
    const messages = new Map([
      [plain.key, [invite]],
      [own?.key ?? '', [message('phone', 'in', 120, { line: 'INVITE sip:a@b', headers: ['X-One: yes'] })]],
    ]);
    const added = headersOfServer(
      [call(plain, 'answered'), call(own as Canary, 'answered'), call(to('voicemail'), 'answered')],
      messages,
    );
    expect(added).toContain('x-server');
    expect(added).not.toContain('x-one');
  });
});

describe('181 that every call of this server gets', () => {
  const taken = (canary: Canary, forwardings?: number, by: Role | null = 'phone') => ({
    call: { ...call(canary, 'answered'), ...(forwardings !== undefined && { forwardings }) },
    reachedEpochMs: by === canary.trap ? START_EPOCH_MS + 150 : null,
  });
  const phone = to('phone');

  it('are those that canaries to a phone get as well: the least of them, where it answered', () => {
    expect(forwardingsOfServer([taken(phone, 2), taken(phone, 1)])).toBe(1);
    expect(forwardingsOfServer([taken(phone, 2), taken(phone)])).toBe(0);
  });

  it('are not those of a canary that was forwarded: somebody else answered it, or nobody did', () => {
    expect(forwardingsOfServer([taken(phone, 1, 'voicemail')])).toBe(0);
    expect(forwardingsOfServer([taken(phone, 1, null), taken(phone, 2)])).toBe(2);
  });

  it('are none where no canary was taken by a phone, and not those of a diversion or of a header', () => {
    const [own] = headerCanaries('test', [{ policy: 'plain', variant: variant('one', 'X-One: yes') }], 7, KAMAILIO);
    expect(forwardingsOfServer([])).toBe(0);
    expect(forwardingsOfServer([taken(to('voicemail'), 1, 'voicemail')])).toBe(0);
    expect(forwardingsOfServer([taken(own as Canary, 1)])).toBe(0);
  });
});
