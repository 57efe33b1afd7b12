/** A campaign made up of verdicts, for what is said of it. */

import { verdicts } from '../../harness/judge/verdicts.ts';
import type { CellResult, Verdict } from '../../harness/model/results.ts';
import { unplaced } from '../../harness/plan/unplaced.ts';
import { type Campaign, findingOf, type RepeatedTrial } from '../../harness/sabotage/findings.ts';
import { isProvenNegative, sabotageCells } from '../../harness/sabotage/matrix.ts';
import { NOTHING_BROKEN, type Sabotage } from '../../harness/sabotage/sabotage.ts';

export const cells = sabotageCells('ms-sipre').filter(({ scenario }) => scenario.id === 'voicemail-no-answer');
export const [CONTROL = '', TARGET_CLASS = '', SENSITIVITY = '', DECOY = ''] = cells.map(({ id }) => id);

const OUTCOMES = new Map([
  [TARGET_CLASS, 'suppressed'],
  [SENSITIVITY, 'suppressed'],
] as const);

/** Results with these verdicts; every other cell passed. */
export function resultsWith(verdictOf: Readonly<Record<string, Verdict>>, why: string | null = null): CellResult[] {
  const observations = new Map(cells.map((cell) => [cell.id, unplaced(cell, { unplayable: null, troubles: [] })]));
  const expectationOf = () => ({ outcome: 'engaged', claims: [], callee: 'rings', statuses: [] }) as const;
  return verdicts({ cells, observations, expectationOf }).map((result) => {
    const verdict = verdictOf[result.id] ?? 'pass';
    const observed = { ...result.observed, outcome: OUTCOMES.get(result.id) ?? ('engaged' as const) };
    return { ...result, observed, verdict, why: verdict === 'pass' ? null : why };
  });
}

export function trialWith(
  verdictOf: Readonly<Record<string, Verdict>>,
  over: Partial<RepeatedTrial['trial']> & { tookPlace?: boolean; why?: string; late?: readonly string[] } = {},
): RepeatedTrial {
  const { tookPlace = true, why = 'because', late = [], ...trial } = over;
  return {
    breakage: { tookPlace: () => tookPlace },
    trial: {
      results: resultsWith(verdictOf, why).map((each) => (late.includes(each.id) ? { ...each, late: true } : each)),
      observations: new Map(),
      controls: new Map(),
      ended: 'complete',
      trouble: null,
      ...trial,
    },
  };
}

export function sabotage(over: Partial<Sabotage> = {}): Sabotage {
  return {
    id: 'made-up',
    title: 'Nothing is done.',
    breaks: 'server',
    meantFor: isProvenNegative,
    begin: () => NOTHING_BROKEN,
    ...over,
  };
}

export function campaignOf(...tried: readonly (readonly [Sabotage, ...RepeatedTrial[]])[]): Campaign {
  const baseline = resultsWith({});
  return {
    policy: 'ms-sipre',
    server: { id: 'kamailio', name: 'Kamailio', version: '5.6.3' },
    baseline,
    repeat: 1,
    findings: tried.map(([each, ...trials]) => findingOf(each, cells, baseline, trials)),
  };
}
