import type { Demand } from '../model/as-sent.ts';
import { headerArrives } from '../model/path.ts';
import { isElsewhere } from '../model/reason.ts';
import type { HeaderVariant, PolicyId, Scenario } from '../model/scenario.ts';
import type { Path } from '../model/words.ts';
import { expectation } from './index.ts';

/**
 * What is demanded of a call whose header lines were the caller's own choice. An application is tested for being kept out of
 * things: where some header of the matrix keeps a call out on such a server, so must what it sent. Where none does, what follows
 * from what it sent is all there is to ask.
 *
 * @param sent Header lines of its INVITE that the matrix knows, as they were on the wire.
 */
function expectationAsSent(
  { policy, scenario }: { readonly policy: PolicyId; readonly scenario: Scenario },
  sent: readonly string[],
  variants: readonly HeaderVariant[],
): Demand {
  const own = expectation(policy, scenario, { headers: sent });
  if (scenario.kind !== 'diversion' || own.outcome === 'suppressed') return own;
  for (const variant of variants) {
    if (variant.kind !== 'inhibitor') continue;
    const other = expectation(policy, scenario, variant);
    if (other.outcome === 'suppressed') return { ...other, remedy: variant.id };
  }
  return own;
}

/** What is demanded of a cell, whoever decides on its header lines. */
export function demandOf(
  cell: {
    readonly policy: PolicyId;
    readonly scenario: Scenario;
    readonly variant: HeaderVariant;
    /** @default direct */
    readonly path?: Path;
  },
  sent: readonly string[],
  variants: readonly HeaderVariant[],
): Demand {
  if (cell.variant.kind === 'as-sent') return expectationAsSent(cell, sent, variants);
  // A server is told nothing by what does not reach it.
  const headers = headerArrives(cell.path ?? 'direct') ? cell.variant.headers : [];
  const demand = expectation(cell.policy, cell.scenario, { headers });
  const { onCancel } = cell.variant;
  return onCancel === undefined || cell.scenario.trap !== 'missed-call-inbox'
    ? demand
    : missedUnder(demand, onCancel, cell.scenario);
}

/** Whether a missed call is noted that a CANCEL says was none is nobody's statement, but of a server that heeds it. */
function missedUnder(demand: Demand, onCancel: readonly string[], { subscriber }: Scenario): Demand {
  if (subscriber.heedsReason !== true || demand.outcome !== 'engaged') return { ...demand, outcome: 'unspecified' };
  const heeded = 'rfc3326-elsewhere-not-missed';
  if (!onCancel.some(isElsewhere)) return { ...demand, claims: [heeded, ...demand.claims] };
  const others = demand.claims.filter((id) => id !== 'missed-call-while-ringing');
  return { ...demand, outcome: 'suppressed', claims: [heeded, ...others] };
}
