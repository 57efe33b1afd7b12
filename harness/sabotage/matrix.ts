/** The cells that are attacked, and the words in which a sabotage says which of them it is meant for. */
import { scenarios as allScenarios, variants as allVariants } from '../../scenarios/index.ts';
import { headerNames } from '../model/header-lines.ts';
import type { CellResult } from '../model/results.ts';
import type { PolicyId, Scenario, Trap } from '../model/scenario.ts';
import { POLICIES } from '../model/words.ts';
import { type Cell, plan } from '../plan/plan.ts';

const SITUATIONS = [
  'voicemail-no-answer',
  'forward-no-answer',
  'team-ring',
  'missed-call-hangup-while-ringing',
  'answered-by-callee',
];
const VARIANTS = ['none', 'target-class-secondary', 'sensitivity-private-no-diversion', 'x-no-voicemail'];

/** A callee's phone rings no longer than this: two score of labs wait for it, one after the other. */
const LONGEST_RING_MS = 1500;

export function sabotageCells(policy: PolicyId): Cell[] {
  return plan(
    {
      server: 'kamailio',
      transport: 'udp',
      policies: POLICIES,
      scenarios: allScenarios.filter(({ id }) => SITUATIONS.includes(id)).map(ringingShorter),
      variants,
    },
    { policies: [policy], situations: [], variants: [], filters: [] },
  );
}

function ringingShorter(scenario: Scenario): Scenario {
  const { waits } = scenario.subscriber;
  const totalMs = Math.min(waits.totalMs, LONGEST_RING_MS);
  return { ...scenario, subscriber: { ...scenario.subscriber, waits: { ...waits, totalMs } } };
}

const variants = allVariants.filter(({ id }) => VARIANTS.includes(id));

/** Names, in lower case, of the header fields that any call here may have. */
export const VARIANT_HEADERS: ReadonlySet<string> = headerNames(variants);

/** Those of them that keep calls out of something: what a sabotage looks for. */
export const INHIBITORS: ReadonlySet<string> = headerNames(variants.filter(({ kind }) => kind === 'inhibitor'));

/** "Kept out", and proven: what must not be said of a lab that is broken in just that place. */
export function isProvenNegative({ control }: Cell, { verdict, observed }: CellResult): boolean {
  return control !== null && verdict === 'pass' && observed.outcome === 'suppressed';
}

type MeantFor = (cell: Cell, baseline: CellResult) => boolean;

/** Those of calls with a header that means something: a server can tell them. */
export const everyMarkedNegative: MeantFor = (cell, baseline) =>
  isProvenNegative(cell, baseline) && cell.variant.kind === 'inhibitor';

/** The control is diverted, the call with the header is not. */
export const keptFromDiversion: MeantFor = (cell, baseline) =>
  isProvenNegative(cell, baseline) && cell.scenario.kind === 'diversion';

/** Likewise, and the caller waits for it. */
export const keptWhileWaiting: MeantFor = (cell, baseline) =>
  keptFromDiversion(cell, baseline) && cell.scenario.caller === 'patient';

export function keptFrom(...traps: readonly Trap[]): MeantFor {
  return (cell, baseline) => keptFromDiversion(cell, baseline) && traps.includes(cell.scenario.trap);
}

/** A decoy that rightly changed nothing. */
export const decoyIgnored: MeantFor = ({ variant }, { verdict, observed }) =>
  variant.kind === 'decoy' && verdict === 'pass' && observed.outcome === 'engaged';

export const noCell: MeantFor = () => false;
