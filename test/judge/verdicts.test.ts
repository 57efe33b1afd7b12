import { describe, expect, it } from 'vitest';
import { type VerdictsInput, verdicts } from '../../harness/judge/verdicts.ts';
import { AS_SENT } from '../../harness/model/as-sent.ts';
import type { Observation } from '../../harness/model/observation.ts';
import type { CellResult, Expectation } from '../../harness/model/results.ts';
import type { HeaderVariant, Scenario } from '../../harness/model/scenario.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import { unplaced, whyNotPlaced } from '../../harness/plan/unplaced.ts';
import { diverted, leg, missedCall, rangAlone, scenario, suppressed } from '../helpers/observations.ts';

const none: HeaderVariant = { id: 'none', title: 'No header', kind: 'control', claims: [], headers: [] };
const secondary: HeaderVariant = {
  id: 'secondary',
  title: 'x',
  kind: 'inhibitor',
  claims: [],
  headers: [{ name: 'Ms-Target-Class', value: 'secondary', spelling: 'folded' }],
};
const CONTROL = 'kamailio/plain/voicemail-no-answer/none/udp/direct';
const WITH_HEADER = 'kamailio/plain/voicemail-no-answer/secondary/udp/direct';
const HEADER = 'Ms-Target-Class:\r\n secondary';
const mustEngage: Expectation = { outcome: 'engaged', claims: ['a-claim'], callee: 'unspecified', statuses: [] };
const mustSuppress: Expectation = { ...mustEngage, outcome: 'suppressed' };

const cells = (): Cell[] =>
  plan({
    server: 'kamailio',
    transport: 'udp',
    policies: ['plain'],
    scenarios: [scenario],
    variants: [none, secondary],
  });
const sent = (seen: Observation): Observation => ({ ...seen, caller: { ...seen.caller, headersSent: [HEADER] } });
const results = (over: Partial<VerdictsInput> = {}, seen = sent(suppressed()), control = diverted()): CellResult[] =>
  verdicts({
    cells: cells(),
    observations: new Map([
      [CONTROL, control],
      [WITH_HEADER, seen],
    ]),
    expectationOf: ({ control: own }) => (own === null ? mustEngage : mustSuppress),
    ...over,
  });
const withHeader = (seen: Observation): CellResult | undefined => results({}, seen)[1];

describe('a result', () => {
  it('says which cell it is of, what was demanded of it, what was seen, and what the control did', () => {
    const notifications = [{ ...missedCall, kind: 'other' as const }];
    expect(withHeader(sent(suppressed({ notifications })))).toMatchObject({
      id: WITH_HEADER,
      server: 'kamailio',
      policy: 'plain',
      situation: 'voicemail-no-answer',
      feature: 'voicemail',
      variant: 'secondary',
      transport: 'udp',
      path: 'direct',
      verdict: 'pass',
      why: null,
      expected: mustSuppress,
      observed: { outcome: 'suppressed', status: 480, calleeRang: true, legs: [rangAlone], notifications },
      control: { id: CONTROL, outcome: 'engaged' },
    });
  });

  it('of a control names none', () => {
    expect(results()[0]).toMatchObject({ id: CONTROL, verdict: 'pass', control: null });
  });

  it('is there for every cell, in their order, whatever the order of the observations', () => {
    const reversed = cells().toReversed();
    expect(results({ cells: reversed }).map(({ id }) => id)).toEqual([WITH_HEADER, CONTROL]);
  });

  it('wants the header on the wire as it was planned, folded where it is folded', () => {
    expect(withHeader(suppressed())).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('no header of any variant where "Ms-Target-Class:\\r\\n secondary" was to be sent'),
    });
  });

  it('of a cell whose control nobody observed is inconclusive, and says so of the control', () => {
    const [, result] = results({ observations: new Map([[WITH_HEADER, sent(suppressed())]]) });
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('is inconclusive itself: the call was not placed: the run ended before'),
      control: { id: CONTROL, outcome: 'unknown' },
      observed: { outcome: 'suppressed' },
    });
  });

  it('of a cell that nobody observed is inconclusive', () => {
    const [, result] = results({ observations: new Map([[CONTROL, diverted()]]) });
    expect(result).toMatchObject({
      verdict: 'inconclusive',
      why: 'the call was not placed: the run ended before',
      observed: { outcome: 'unknown', status: null, legs: [] },
      control: { id: CONTROL, outcome: 'engaged' },
    });
  });

  it('wants of an application whatever it sent', () => {
    const id = CONTROL.replace('none', AS_SENT.id);
    const own = cells().map((cell) => (cell.id === WITH_HEADER ? { ...cell, id, variant: AS_SENT } : cell));
    const observations = new Map([
      [CONTROL, diverted()],
      [id, sent(suppressed())],
    ]);
    expect(results({ cells: own, observations })[1]).toMatchObject({
      variant: 'as-sent',
      verdict: 'pass',
      proof: { headersSent: [HEADER] },
    });
  });

  it('says that it came of a lab that was late, and does not speak of it otherwise', () => {
    expect(withHeader(sent(diverted({ lateMs: 401 })))).toMatchObject({ verdict: 'inconclusive', late: true });
    expect(withHeader(sent(diverted({ lateMs: 400 })))).not.toHaveProperty('late');
  });

  it('leaves the trace to whoever keeps the messages', () => {
    expect(results()[1]?.trace).toBe('');
  });

  it('of a call that was cancelled before it was placed blames nobody', () => {
    const cell = cells().find(({ id }) => id === WITH_HEADER);
    if (cell === undefined) throw new Error('no cell with a header');
    const seen = unplaced(cell, { unplayable: null, troubles: [whyNotPlaced('cancelled')] });
    const [, result] = results({
      observations: new Map([
        [CONTROL, diverted()],
        [WITH_HEADER, seen],
      ]),
    });
    expect(result).toMatchObject({ verdict: 'inconclusive', why: 'cancelled before this call' });
    expect(result?.checks?.filter(({ holds }) => holds === false).map(({ id }) => id)).toEqual(['invite']);
  });
});

describe('what was observed', () => {
  const observed = (seen: Observation, over: Partial<Scenario> = {}) =>
    results({ cells: cells().map((cell) => ({ ...cell, scenario: { ...scenario, ...over } })) }, sent(seen))[1]
      ?.observed;
  const toHangUp = { application: { alertMs: 500, knows: true, hangsUpOn: ['server'] } } as const;

  it('has of each further trap whether it was reached', () => {
    const seen = suppressed({ legs: [rangAlone, leg('team')] });
    expect(observed(seen, { otherTraps: ['team', 'delegate'] })?.otherTraps).toEqual([
      { trap: 'team', reached: true },
      { trap: 'delegate', reached: false },
    ]);
  });

  it('has how an application hung up on voice mail, where it answered', () => {
    const seen = diverted({ notifications: [missedCall] });
    const gone = { ...seen, caller: { ...seen.caller, byeMs: 1302 } };
    expect(observed(gone, toHangUp)?.hangUp).toEqual({
      signs: ['server'],
      afterMs: 700,
      message: false,
      missedCall: true,
    });
    expect(observed(suppressed(), toHangUp)).not.toHaveProperty('hangUp');
  });

  it('has what a voice mail inside of the server left', () => {
    const arrivals = [
      { by: 'mailbox', atMs: 900, seen: 'a message' },
      { by: 'fingerprint', atMs: 610, seen: 'its look' },
    ] as const;
    const innerVoicemail = { arrivals, shown: ['mailbox', 'fingerprint'], doubt: null } as const;
    expect(observed(diverted({ innerVoicemail }))?.arrivals).toEqual(arrivals);
    expect(observed(suppressed({ innerVoicemail: { ...innerVoicemail, arrivals: [] } }))?.arrivals).toEqual([]);
  });

  it('speaks of nothing that the situation and the server have not', () => {
    expect(Object.keys(observed(suppressed()) ?? {}).toSorted()).toEqual([
      'calleeRang',
      'legs',
      'notifications',
      'outcome',
      'status',
    ]);
  });
});

describe('how long a call took', () => {
  const message = { from: 'caller', to: 'server', startLine: 'x', cseq: '1 INVITE', callId: 'x', raw: '' } as const;
  const took = (...atMs: number[]): number | undefined =>
    withHeader(suppressed({ messages: atMs.map((each) => ({ ...message, atMs: each })) }))?.durationMs;

  it('is from its INVITE to its last message', () => {
    expect(took(-20, 0, 605, 4)).toBe(605);
  });

  it('is nothing where nothing came after the INVITE', () => {
    expect([took(), took(-20)]).toEqual([0, 0]);
  });
});

describe('where to go from a result', () => {
  it('is the command that runs the cell again', () => {
    expect(results()[1]?.rerun).toBe(`./ringfence run ${WITH_HEADER}`);
    expect(results({ rerunOptions: '--ua baresip' })[1]?.rerun).toBe(`./ringfence run ${WITH_HEADER} --ua baresip`);
  });
});

describe('the proof', () => {
  it('has the headers that were sent, and all that went wrong on our side', () => {
    const seen = sent(suppressed({ unregistered: ['alice-test-1 (401)'], troubles: ['SIPp died'] }));
    expect(withHeader(seen)?.proof).toMatchObject({
      headersSent: [HEADER],
      troubles: ['not registered: alice-test-1 (401)', 'SIPp died'],
    });
  });

  it('has what came to an endpoint and names no call, and does not speak of it otherwise', () => {
    const strays = [{ atMs: 5, at: 'team', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' }] as const;
    expect(withHeader(sent(suppressed({ strays })))?.proof?.strays).toEqual(strays);
    expect(withHeader(sent(suppressed()))?.proof).not.toHaveProperty('strays');
  });

  it('has what a B2BUA made of the headers, where a call came to it', () => {
    const proofOf = (got: readonly string[] | null) =>
      withHeader(sent(suppressed({ b2bua: { got, others: [], finalStatus: 480 } })))?.proof;
    expect(proofOf(['Other: 1'])?.b2bua).toEqual({ got: ['Other: 1'], sent: [HEADER] });
    expect(proofOf([])?.b2bua).toEqual({ got: [], sent: [HEADER] });
    expect(proofOf(null)).not.toHaveProperty('b2bua');
  });

  it('has no beginning where the call was never placed', () => {
    expect(results({ observations: new Map() })[1]?.proof).toMatchObject({ startedAt: null, windowClosedMs: null });
  });
});
