import type { Expectation } from '../../harness/model/results.ts';
import type { HeaderField, HeaderVariant, PolicyId, Scenario } from '../../harness/model/scenario.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { scenarios, variants } from '../../scenarios/index.ts';

export function scenarioOf(id: string): Scenario {
  const found = scenarios.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no scenario "${id}"`);
  return found;
}

export function variantOf(id: string): HeaderVariant {
  const found = variants.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no variant "${id}"`);
  return found;
}

/** The answer without its citations: what a call is judged by. */
export type Answer = Pick<Expectation, 'outcome' | 'callee' | 'statuses'>;

export function answerTo(policy: PolicyId, scenario: Scenario, ...headers: HeaderField[]): Answer {
  const { outcome, callee, statuses } = expectation(policy, scenario, { headers });
  return { outcome, callee, statuses };
}

/** `outcome callee statuses` in one line, so that a table of expectations reads as one. */
export function line(policy: PolicyId, situation: string, variant: string): string {
  const { outcome, callee, statuses } = expectation(policy, scenarioOf(situation), variantOf(variant));
  return [outcome, callee, statuses.join('/')].join(' ').trimEnd();
}
