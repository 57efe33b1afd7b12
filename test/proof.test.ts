import { expect, it } from 'vitest';
import { verdicts } from '../harness/judge/verdicts.ts';
import type { Expectation } from '../harness/model/results.ts';
import { plan } from '../harness/plan/plan.ts';
import { diverted, scenario } from './helpers/observations.ts';

const expectation: Expectation = { outcome: 'engaged', claims: ['a-claim'], callee: 'unspecified', statuses: [] };
const none = { id: 'none', title: 'No header', headers: [], kind: 'control', claims: [] } as const;

function controlOf(unregistered: readonly string[] | null) {
  const cells = plan({
    server: 'kamailio',
    transport: 'udp',
    policies: ['plain'],
    scenarios: [scenario],
    variants: [none],
  });
  const observations = cells.map(({ id }) => [id, diverted({ unregistered: unregistered ?? [] })] as const);
  const [cell] = verdicts({
    cells,
    observations: new Map(unregistered === null ? [] : observations),
    expectationOf: () => expectation,
  });
  return cell;
}

it('keeps with a cell what makes it believable: window, canaries, headers, waits', () => {
  expect(controlOf([])?.proof).toEqual({
    startedAt: '2027-01-15T08:00:00.000Z',
    windowEndMs: 1800,
    windowClosedMs: 2010,
    slackMs: 400,
    lateMs: 20,
    canary: {
      trap: 'voicemail',
      before: { sentMs: -300, reachedMs: -290 },
      after: { sentMs: 2000, reachedMs: 2010 },
    },
    headersSent: [],
    timersMs: { total: 600, user: 200, team2: 600 },
    troubles: [],
  });
});

it('keeps what went wrong on our side', () => {
  expect(controlOf(['alice: 403'])?.proof?.troubles).toEqual(['not registered: alice: 403']);
});

it('says of a call that was never placed that it was not', () => {
  expect(controlOf(null)?.proof).toMatchObject({ startedAt: null, troubles: [expect.stringContaining('not placed')] });
});
