/** Each datagram of a call lost once: nobody is accused for it, and nothing that a server does is hidden by it. */
import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { isCanary } from '../../harness/sabotage/marked-calls.ts';
import { relayedSite } from '../../harness/sabotage/path/relayed-site.ts';
import { methodOf, type Rule } from '../../harness/sabotage/path/rule.ts';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { parseUri, type SipMessage } from '../../harness/sip/index.ts';
import { smallRun } from '../helpers/small-run.ts';
import { withFlows } from '../helpers/with-flows.ts';

/** A call that is diverted and answered has no more that cross the relay. */
const DATAGRAMS = 24;
const KEPT_OUT = ['target-class-secondary', 'sensitivity-private-no-diversion'];
const SITUATIONS = ['voicemail-no-answer', 'forward-no-answer', 'answered-by-callee'];
const CALLS_A_ROUND = SITUATIONS.length * (KEPT_OUT.length + 1);
const MARKED = 2 * KEPT_OUT.length * DATAGRAMS;
const CALLS = CALLS_A_ROUND * DATAGRAMS;
const OF_A_CALL = ['INVITE', 'ACK', 'BYE', 'CANCEL'];

/** So long this server rings a phone: in a lab that is later, a ring of a moment may have been as long as one that is not cut. */
const RINGS_MS = 600;

/** In the first round of calls each loses its first datagram, in the second its second; those called again begin at the first. */
class LosesOneOfEach {
  readonly #seen = new Map<string, { readonly round: number; datagrams: number }>();
  lost = 0;

  readonly rule: Rule = (message) => {
    if (isCanary(message) || !OF_A_CALL.includes(methodOf(message))) return 'goes on';
    const callee = calleeOf(message);
    const round = (Math.floor(this.#seen.size / CALLS_A_ROUND) % DATAGRAMS) + 1;
    const call = this.#seen.get(callee) ?? { round, datagrams: 0 };
    this.#seen.set(callee, call);
    call.datagrams += 1;
    if (call.datagrams !== call.round) return 'goes on';
    this.lost += 1;
    return 'is lost';
  };
}

function calleeOf(message: SipMessage): string {
  return parseUri(/<([^<>]*)>/.exec(message.header('To') ?? '')?.[1] ?? '')?.user ?? '';
}

interface Judged extends Pick<CellResult, 'id' | 'situation' | 'variant' | 'verdict'> {
  /** It proved nothing because of that. */
  readonly isLate: boolean;
  /** So was neither it nor its control by more. */
  readonly lateMs: number;
  /** With what was seen. */
  readonly said: string;
}

/**
 * Of all calls, those placed again for a lab that was late among them.
 *
 * @param disobeys the sabotage of a server; null: it does as it should
 */
async function lossy(disobeys: string | null): Promise<Judged[]> {
  const losses = new LosesOneOfEach();
  const results: Judged[] = [];
  const editConfig = sabotages.find(({ id }) => id === disobeys)?.begin().editConfig;
  if (disobeys !== null && editConfig === undefined) throw new Error(`no sabotage ${disobeys} of a server`);
  const { outcome } = await smallRun({
    situations: SITUATIONS,
    variants: ['none', ...KEPT_OUT],
    repeat: DATAGRAMS,
    inTime: 'for a verdict',
    startServer: (where) => startKamailio({ ...where, ...(editConfig && { editConfig }) }),
    changeSite: (site) => relayedSite(site, [losses.rule]),
    onJudged: (judged, observations) => {
      for (const result of judged) {
        const { id, situation, variant, verdict, late, control } = result;
        const lateMs = Math.max(...[id, control?.id ?? id].map((each) => observations.get(each)?.lateMs ?? 0));
        const isLate = late === true;
        results.push({ id, situation, variant, verdict, isLate, lateMs, said: withFlows(result, observations) });
      }
    },
  });
  expect(outcome.trouble).toBeNull();
  expect(results.length).toBeGreaterThanOrEqual(CALLS);
  expect(losses.lost, 'all but the last datagrams, of which short calls have fewer').toBeGreaterThan(
    results.length / 2,
  );
  return results;
}

/** Enough to tell a server apart by. */
const isTold = (results: readonly Judged[]): boolean =>
  results.filter(({ verdict }) => verdict === 'fail').length > MARKED / 2;

/**
 * Of those that were to be kept out. In a lab that stays late few calls prove anything, however often they are placed again; then another
 * is brought up, and what it showed counts as well.
 *
 * @param most so many labs
 */
async function marked(disobeys: string, most = 5): Promise<Judged[]> {
  const results = (await lossy(disobeys)).filter(
    ({ situation, variant }) => situation !== 'answered-by-callee' && KEPT_OUT.includes(variant),
  );
  const stayedLate = !isTold(results) && results.some(({ isLate }) => isLate);
  return stayedLate && most > 1 ? [...results, ...(await marked(disobeys, most - 1))] : results;
}

describe.concurrent('one datagram of each call is lost, each in its turn', () => {
  it('and nobody is accused', async () => {
    const results = await lossy(null);
    expect(results.filter(({ verdict }) => verdict === 'fail').map(({ said }) => said)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(CALLS / 2);
  });

  it.for(['obeys-nothing', 'ring-splash'])('and no call is kept out by a server that %s', async (disobeys) => {
    const results = await marked(disobeys);
    const green = results.filter(({ verdict, lateMs }) => verdict === 'pass' && lateMs <= RINGS_MS);
    expect(green.map(({ said }) => said)).toEqual([]);
    const unproven = results.filter(({ verdict }) => verdict !== 'fail');
    const told = unproven.map(({ lateMs, said }) => `late by ${Math.round(lateMs)} ms: ${said}`).join('\n\n');
    expect(results, told).toSatisfy(isTold);
  });
});
