import type { Expectation } from '../model/results.ts';
import type { Claim, HeaderVariant, Scenario } from '../model/scenario.ts';
import { type LEG_TRAPS, type PATHS, POLICIES, type Statement } from '../model/words.ts';
import { expectation } from './index.ts';

/** A cell as it comes out on a server that does all that its policy demands, and nothing else is known of. */
export interface DemandedCell {
  readonly server: string;
  readonly policy: Statement;
  readonly situation: string;
  readonly variant: string;
  readonly transport: 'udp';
  readonly path: (typeof PATHS)[number];
  readonly verdict: 'pass';
  readonly observed: {
    readonly outcome: 'engaged' | 'suppressed' | 'unknown';
    readonly status: number | null;
    readonly calleeRang: boolean | null;
    readonly otherTraps?: { readonly trap: (typeof LEG_TRAPS)[number]; readonly reached: boolean }[];
  };
}

/** The cells that claims speak of, as the policies have them: what a claim is held against before anybody calls. Pure. */
export function demandedCells(
  claims: readonly Claim[],
  scenarios: readonly Scenario[],
  variants: readonly HeaderVariant[],
): DemandedCell[] {
  const parts = claims.flatMap(({ test = [] }) => test);
  const paths = new Set(['direct' as const, ...parts.flatMap((part) => part.paths ?? [])]);
  return POLICIES.flatMap((policy) =>
    scenarios.flatMap((scenario) =>
      variants.flatMap((variant): DemandedCell[] => {
        const { outcome, statuses, callee, elsewhere } = expectation(policy, scenario, variant);
        return [...paths].map((path) => ({
          server: 'any',
          policy,
          situation: scenario.id,
          variant: variant.id,
          transport: 'udp',
          path,
          verdict: 'pass',
          observed: {
            outcome: outcome === 'unspecified' ? 'unknown' : outcome,
            status: statuses[0] ?? null,
            ...othersDemanded(scenario, elsewhere),
            calleeRang: callee === 'unspecified' ? null : callee !== 'silent',
          },
        }));
      }),
    ),
  );
}

/** Nothing, where one of them is nobody's statement. */
function othersDemanded(
  { otherTraps }: Scenario,
  elsewhere: Expectation['elsewhere'] = {},
): Pick<DemandedCell['observed'], 'otherTraps'> {
  const said = otherTraps?.flatMap((trap) => {
    const outcome = elsewhere[trap]?.outcome;
    return outcome === undefined ? [] : [{ trap, reached: outcome === 'engaged' }];
  });
  return said === undefined || said.length < (otherTraps?.length ?? 0) ? {} : { otherTraps: said };
}
