import { isUnsteady } from '../model/results.ts';
import { OUTCOME_WORDS } from '../model/words.ts';
import { unsteadyReason } from '../report/causes.ts';
import type { Change, ChangeKind } from './compare.ts';

/** Changes of one kind that look alike: same verdicts, same outcomes, same reason but for numbers. Never empty. */
export interface ChangeGroup {
  readonly kind: ChangeKind;
  readonly first: Change;
  readonly changes: readonly Change[];
}

const ORDER: readonly ChangeKind[] = ['worse', 'better', 'verdict', 'observed', 'appeared'];

/** What got worse first, proven failures before all; within a kind what most cells share. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
  const groups = Map.groupBy(changes, (change) =>
    [change.kind, transition(change), reason(change).replaceAll(/\d+/g, '#')].join('\n'),
  );
  return [...groups.values()]
    .flatMap((own) => {
      const [first] = own;
      return first === undefined ? [] : [{ kind: first.kind, first, changes: own }];
    })
    .toSorted((a, b) => rank(a) - rank(b) || b.changes.length - a.changes.length);
}

function rank({ kind, first }: ChangeGroup): number {
  return kind === 'worse' && first.after?.verdict === 'fail' ? -1 : ORDER.indexOf(kind);
}

/** `pass → fail, kept out → not kept out`; one where nothing changed. */
export function transition({ before, after }: Change): string {
  if (after === null) return `${before?.verdict} → gone`;
  if (before === null) return `new → ${after.verdict}, ${OUTCOME_WORDS[after.observed.outcome]}`;
  const statuses =
    before.observed.status === after.observed.status ? [] : [before.observed.status, after.observed.status];
  const rang =
    before.observed.calleeRang === after.observed.calleeRang ? '' : `, phone ${ringing(before)} → ${ringing(after)}`;
  const final = statuses.length === 0 ? '' : `, final ${statuses.map((status) => status ?? 'none').join(' → ')}`;
  const verdicts = arrow(before.verdict, after.verdict);
  const steady = isUnsteady(before) || isUnsteady(after) ? `, ${arrow(steadiness(before), steadiness(after))}` : '';
  return `${verdicts}, ${arrow(OUTCOME_WORDS[before.observed.outcome], OUTCOME_WORDS[after.observed.outcome])}${final}${rang}${steady}`;
}

/** Why the second run's cell is what it is; of a cell that is gone or passes now, why the first run's was. */
export function reason({ before, after }: Change): string {
  if (after !== null && isUnsteady(after)) return unsteadyReason(after);
  if (after !== null && after.why !== null) return after.why;
  return before === null || before.why === null ? '' : `before: ${before.why}`;
}

function steadiness(cell: NonNullable<Change['after']>): string {
  return isUnsteady(cell) ? 'unsteady' : 'steady';
}

function arrow(before: string, after: string): string {
  return before === after ? before : `${before} → ${after}`;
}

function ringing({ observed }: NonNullable<Change['after']>): string {
  return observed.calleeRang ? 'rang' : 'silent';
}
