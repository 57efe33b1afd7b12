/** A call kept out of voice mail as it must be, in a lab where everything held: `pass` until a test changes something. */
import { type Case, type Judgement, judge } from '../../harness/judge/judge.ts';
import type { Answer, Observation } from '../../harness/model/observation.ts';
import type { Expectation } from '../../harness/model/results.ts';
import { diverted, scenario, suppressed } from '../helpers/observations.ts';

export const mustSuppress: Expectation = { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [] };
export const mustEngage: Expectation = {
  outcome: 'engaged',
  claims: ['a-claim'],
  callee: 'unspecified',
  statuses: [],
};

export function usualCase(over: Partial<Case> = {}): Case {
  return { scenario, planned: [], seen: suppressed(), control: diverted(), expected: mustSuppress, ...over };
}

export function verdictOn(over: Partial<Case> = {}): Judgement {
  return judge(usualCase(over));
}

export function withCaller(seen: Observation, over: Partial<Observation['caller']>): Observation {
  return { ...seen, caller: { ...seen.caller, ...over } };
}

/** What the caller has of an answer, by nobody on record but for what `answer` says. */
export function answered(answer: Partial<Answer>): Partial<Observation['caller']> {
  return { finalStatus: 200, answers: [{ atMs: 612, by: null, knownBy: null, ...answer }] };
}
