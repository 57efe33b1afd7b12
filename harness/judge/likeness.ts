/** Which policy a server behaves like of which nobody says what it does. Pure. */
import { type CellRow, type Expectation, isUnsteady, type Likeness } from '../model/results.ts';
import type { HeaderVariant, Scenario } from '../model/scenario.ts';
import { POLICIES } from '../model/words.ts';
import { expectation } from '../oracle/index.ts';

/** What cells are made of. A cell of a row or situation that is not in it tells nothing here. */
interface Catalogue {
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
}

/**
 * Every policy held against the cells of a server that tell policies apart: those of which two of them demand what cannot both
 * be. The one that least speaks against comes first. What was not proven, or does not go the same way each time, speaks for nobody.
 */
export function likeness(rows: readonly CellRow[], { scenarios, variants }: Catalogue): Likeness[] {
  const scenarioOf = new Map(scenarios.map((scenario) => [scenario.id, scenario]));
  const variantOf = new Map(variants.map((variant) => [variant.id, variant]));
  const bearings = rows.flatMap((row) => {
    const scenario = scenarioOf.get(row.situation);
    const variant = variantOf.get(row.variant);
    if (scenario === undefined || variant === undefined || row.control === null || !isProven(row)) return [];
    const demands = POLICIES.map((policy) => expectation(policy, scenario, variant));
    const tells = demands.some((one) => demands.some((other) => cannotBoth(one, other)));
    return tells ? [{ id: row.id, says: demands.map((demand) => said(demand, row)) }] : [];
  });
  return POLICIES.map((policy, index) => {
    const idsThatSay = (word: Bearing): string[] =>
      bearings.flatMap(({ id, says }) => (says[index] === word ? [id] : []));
    return { policy, agrees: idsThatSay('for').length, against: idsThatSay('against') };
  }).toSorted((a, b) => a.against.length - b.against.length || b.agrees - a.agrees);
}

type Bearing = 'for' | 'against' | 'nothing';

const PROVEN: ReadonlySet<CellRow['verdict']> = new Set(['pass', 'fail', 'unspecified']);

function isProven(row: CellRow): boolean {
  return PROVEN.has(row.verdict) && !isUnsteady(row) && row.observed.outcome !== 'unknown';
}

/** Either way round, and nobody with himself. */
export function cannotBoth(one: Expectation, other: Expectation): boolean {
  const differ = (a: string, b: string): boolean => a !== b && a !== 'unspecified' && b !== 'unspecified';
  const rings = ({ callee }: Expectation): string => (callee === 'answers' ? 'rings' : callee);
  const statusesDiffer =
    one.statuses.length > 0 && other.statuses.length > 0 && !one.statuses.some((each) => other.statuses.includes(each));
  return differ(one.outcome, other.outcome) || differ(rings(one), rings(other)) || statusesDiffer;
}

/**
 * That the callee's phone was not heard to ring proves nothing by itself. But a call that was refused and rang nobody is kept out of
 * everything: where the phone must ring, it is not kept out as that policy has it.
 */
export function said(
  { outcome, callee, statuses }: Expectation,
  { observed }: { readonly observed: Pick<CellRow['observed'], 'outcome' | 'status' | 'calleeRang'> },
): Bearing {
  const mustRing = callee === 'rings' || callee === 'answers';
  const isRefused = observed.outcome === 'suppressed' && !observed.calleeRang && (observed.status ?? 0) >= 400;
  if (outcome === 'suppressed' && mustRing && isRefused) return 'nothing';
  const asDemanded = [
    ...(outcome === 'unspecified' ? [] : [outcome === observed.outcome]),
    ...(callee === 'unspecified' || !observed.calleeRang ? [] : [callee !== 'silent']),
    ...(statuses.length === 0 || observed.status === null ? [] : [statuses.includes(observed.status)]),
  ];
  if (asDemanded.length === 0) return 'nothing';
  return asDemanded.every(Boolean) ? 'for' : 'against';
}
