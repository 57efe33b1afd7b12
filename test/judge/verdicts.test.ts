import { describe, expect, it } from 'vitest';
import { type VerdictsInput, verdicts } from '../../harness/judge/verdicts.ts';
import type { Observation } from '../../harness/model/observation.ts';
import type { CellResult, Expectation } from '../../harness/model/results.ts';
import type { HeaderVariant } from '../../harness/model/scenario.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import { unplaced, whyNotPlaced } from '../../harness/plan/unplaced.ts';
import { diverted, missedCall, rangAlone, scenario, suppressed } from '../helpers/observations.ts';

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

  it('has no beginning where the call was never placed', () => {
    expect(results({ observations: new Map() })[1]?.proof).toMatchObject({ startedAt: null, windowClosedMs: null });
  });
});
