import { counted } from '../counted.ts';
import type { CellRow, RunRows, Verdict } from '../model/results.ts';
import { spread } from '../report/causes.ts';
import { number, serverTitle } from '../report/grid.ts';
import { HELD_WORDS } from '../report/matrix/symbols.ts';
import { type Paint, painter, wrap, wrapCommand } from '../report/matrix/text.ts';
import { visible } from '../report/visible.ts';
import type { ChangeKind, Comparison } from './compare.ts';
import { type ChangeGroup, groupChanges, reason, transition } from './groups.ts';
import type { Tellings } from './telling.ts';

/** A terminal is no place for more; the page has them all. */
const GROUPS_SHOWN = 12;
const CLAIMS_SHOWN = 20;
const WHY_LENGTH = 400;

export interface ComparedRuns {
  readonly a: RunRows;
  readonly b: RunRows;
  readonly comparison: Comparison;
  /** @default none: nothing is said of checks */
  readonly tellings?: Tellings;
}

/** The comparison for a terminal or a CI log. The last line counts. Ends with a newline. */
export function renderComparison(compared: ComparedRuns, options: { colour: boolean; columns: number }): string {
  const { comparison } = compared;
  const columns = Math.max(60, options.columns);
  const paint = painter(options.colour);
  const groups = groupChanges(comparison.changes);
  const parts = [
    [...runLine('from', compared.a, columns), ...runLine('to  ', compared.b, columns)],
    ...groups
      .slice(0, GROUPS_SHOWN)
      .map((group) => groupText(group, compared.tellings?.get(group.first) ?? null, columns, paint)),
    groups.length > GROUPS_SHOWN
      ? [`and ${number(groups.length - GROUPS_SHOWN)} more kinds of change: --out DIR has them all`]
      : [],
    claimLines(comparison, columns),
    wrap(countsLine(comparison), columns).map(paint.bold),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

export function countOf({ changes }: Comparison, kind: ChangeKind): number {
  return changes.filter((change) => change.kind === kind).length;
}

/** `2,250 cells in both: 3 worse (1 of them gone), 0 better, 2 new; 1 claim changed`. */
export function countsLine(comparison: Comparison): string {
  const gone = comparison.changes.filter(({ after }) => after === null).length;
  const others = (['verdict', 'observed', 'appeared'] as const).filter((kind) => countOf(comparison, kind) > 0);
  const parts = [
    `${number(countOf(comparison, 'worse'))} worse${gone > 0 ? ` (${number(gone)} of them gone)` : ''}`,
    ...(['better', ...others] as const).map((kind) => `${number(countOf(comparison, kind))} ${KIND_WORDS[kind]}`),
  ];
  const { matched, claims } = comparison;
  const changedClaims = claims.length === 0 ? '' : `; ${counted(claims.length, 'claim')} changed`;
  return `${counted(matched, 'cell')} in both: ${parts.join(', ')}${changedClaims}`;
}

export function runTitle(results: RunRows): string {
  const servers = Object.keys(results.run.servers).map((id) => serverTitle(results, id));
  return [`run ${results.run.id}`, results.run.startedAt, ...servers].join(' · ');
}

/** What a reader calls the kind. */
export const KIND_WORDS: Readonly<Record<ChangeKind, string>> = {
  worse: 'worse',
  better: 'better',
  verdict: 'otherwise judged',
  observed: 'otherwise observed',
  appeared: 'new',
};

/** The tone of a finding, from the verdicts' palette. */
export const TONES: Readonly<Record<ChangeKind, Verdict>> = {
  worse: 'fail',
  better: 'pass',
  verdict: 'inconclusive',
  observed: 'unspecified',
  appeared: 'unspecified',
};

const KIND_PAINT: Readonly<Record<ChangeKind, keyof Paint>> = {
  worse: 'fail',
  better: 'pass',
  verdict: 'inconclusive',
  observed: 'unspecified',
  appeared: 'dim',
};

function runLine(word: string, results: RunRows, columns: number): string[] {
  return wrap(visible(`${word} ${runTitle(results)}`), columns);
}

function groupText(group: ChangeGroup, telling: string | null, columns: number, paint: Paint): string[] {
  const cells = group.changes.flatMap((change): CellRow[] => {
    const cell = change.after ?? change.before;
    return cell === null ? [] : [cell];
  });
  const [first] = cells;
  if (first === undefined) return [];
  const why = reason(group.first);
  const head = `${KIND_WORDS[group.kind]}: ${transition(group.first)}${why === '' ? '' : `: ${cut(why)}`}`;
  const [top = '', ...rest] = wrap(visible(head), columns);
  return [
    paint[KIND_PAINT[group.kind]](top),
    ...rest,
    ...(telling === null ? [] : wrap(visible(`told apart by: ${cut(telling)}`), columns)),
    ...wrapCommand(visible(first.rerun), columns),
    ...(cells.length > 1
      ? wrap(visible(`and ${number(cells.length - 1)} more like it, altogether in ${spread(cells)}`), columns).map(
          paint.dim,
        )
      : []),
  ];
}

function cut(text: string): string {
  return text.length > WHY_LENGTH ? `${text.slice(0, WHY_LENGTH)}…` : text;
}

function claimLines({ claims }: Comparison, columns: number): string[] {
  if (claims.length === 0) return [];
  const lines = claims
    .slice(0, CLAIMS_SHOWN)
    .flatMap(({ claim, policy, before, after }) =>
      wrap(visible(`${claim} (${policy}): ${HELD_WORDS[before]} → ${HELD_WORDS[after]}`), columns),
    );
  const more = claims.length - CLAIMS_SHOWN;
  return ['Claims', ...lines, ...(more > 0 ? [`and ${number(more)} more`] : [])];
}
