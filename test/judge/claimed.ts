/** Claims of one part or a few, and cells that bear on them. */
import { type ClaimCell, evaluateClaims } from '../../harness/judge/claims.ts';
import type { CellResult } from '../../harness/model/results.ts';
import type { Claim, ClaimPart } from '../../harness/model/scenario.ts';

export function held(test: Claim['test'] & {}, cells: ClaimCell[]): [string, readonly string[]] {
  const own = evaluateClaims([claim(test)], cells).find((each) => each.policy === 'ms-sipre');
  if (own === undefined) throw new Error('no result for ms-sipre');
  return [own.held, own.cells];
}

/** One cell for each of three situations, as many as there are outcomes. */
export function threeCells(...outcomes: CellResult['observed']['outcome'][]): CellResult[] {
  return outcomes.map((each, index) => cell(['busy', 'idle', 'team'][index] ?? '', 'h', { outcome: each }));
}

export function outcome(which: 'engaged' | 'suppressed', situations: string[]): ClaimPart {
  return { variants: ['h'], situations, says: 'outcome', outcome: which };
}

export function claim(test: Claim['test'] & {}): Claim {
  const source = { title: 'Test', url: 'https://example.test/', readOn: '2026-11-22' };
  return { id: 'it', statement: 'It is so.', source, evidence: 'inferred', test };
}

interface Seen {
  readonly outcome?: CellResult['observed']['outcome'];
  readonly status?: number;
  readonly calleeRang?: boolean;
  readonly verdict?: CellResult['verdict'];
}

export function cell(situation: string, variant: string, seen: Seen): CellResult {
  return {
    id: `kamailio/ms-sipre/${situation}/${variant}/udp/direct`,
    server: 'kamailio',
    policy: 'ms-sipre',
    situation,
    feature: 'voicemail',
    variant,
    transport: 'udp',
    path: 'direct',
    verdict: seen.verdict ?? 'pass',
    expected: { outcome: 'unspecified', claims: [], callee: 'unspecified', statuses: [] },
    observed: {
      outcome: seen.outcome ?? 'suppressed',
      status: seen.status ?? 480,
      calleeRang: seen.calleeRang ?? true,
      legs: [],
      notifications: [],
    },
    control: null,
    why: null,
    durationMs: 0,
    rerun: '',
    trace: '',
  };
}
