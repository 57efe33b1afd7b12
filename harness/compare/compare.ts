import { UsageError } from '../errors.ts';
import { cellId } from '../model/cell-id.ts';
import { type CellRow, type ClaimResult, isUnsteady, type RunRows, type Verdict } from '../model/results.ts';
import { inMatrixOrder } from '../results/matrix-order.ts';

/**
 * `worse`: proof was lost, a wrong was found, the cell became unsteady, or it is gone. `better`: proven right, or steady, and it was not.
 * `verdict`: another verdict that is neither. `observed`: the same verdict, but the outcome, the caller's final status
 * or the ringing of the callee's phone is another. `appeared`: a cell that only the second run has.
 */
export type ChangeKind = 'worse' | 'better' | 'verdict' | 'observed' | 'appeared';

/** One side is null for a cell that only one run has, never both. */
export interface Change {
  readonly kind: ChangeKind;
  readonly before: CellRow | null;
  readonly after: CellRow | null;
}

export interface ClaimChange {
  readonly claim: string;
  readonly policy: string;
  readonly before: ClaimResult['held'];
  readonly after: ClaimResult['held'];
}

export interface Comparison {
  /** Cells that both runs have. */
  readonly matched: number;
  /** In matrix order. */
  readonly changes: readonly Change[];
  /** Of claims that both runs speak of; what a claim is worth does not hang on whether it held, so none is worse. */
  readonly claims: readonly ClaimChange[];
}

/** Parts of a cell's id in which the two runs may differ. */
export const ACROSS = ['server', 'policy', 'transport'] as const;
export type Across = (typeof ACROSS)[number];

export interface CompareOptions {
  /** Match cells that differ in these only. @default none: cells are the same when their ids are */
  readonly across?: readonly Across[];
  /** A cell that is gone is accepted: the second run was meant to be smaller. @default false */
  readonly allowGone?: boolean;
}

/**
 * What changed from `a` to `b`. Pure.
 *
 * @throws {UsageError} when no cell is in both, or when a cell of one run matches several.
 */
export function compareRuns(a: RunRows, b: RunRows, options: CompareOptions = {}): Comparison {
  const { across = [], allowGone = false } = options;
  const before = byKey(a, across, 'first');
  const after = byKey(b, across, 'second');
  const matched = [...after.keys()].filter((key) => before.has(key)).length;
  if (matched === 0) throw nothingMatches(a, b);
  const changes = inOneOrder(a, b, [...before.entries(), ...after.entries()], across).flatMap((key): Change[] => {
    const [was = null, is = null] = [before.get(key), after.get(key)];
    if (is === null) return allowGone ? [] : [{ kind: 'worse', before: was, after: null }];
    if (was === null) return [{ kind: 'appeared', before: null, after: is }];
    const kind = kindOf(was, is);
    return kind === null ? [] : [{ kind, before: was, after: is }];
  });
  return { matched, changes, claims: claimChanges(a.claimResults, b.claimResults, across.includes('policy')) };
}

/** Verdicts with which nobody has to be alarmed: proven right, or no source says what is right. */
const SETTLED: readonly Verdict[] = ['pass', 'unspecified'];

function kindOf(before: CellRow, after: CellRow): ChangeKind | null {
  if (isUnsteady(after) && !isUnsteady(before)) return 'worse';
  if (isUnsteady(before) && !isUnsteady(after) && before.verdict === after.verdict) return 'better';
  if (before.verdict !== after.verdict) return verdictChange(before.verdict, after.verdict);
  const same =
    before.observed.outcome === after.observed.outcome &&
    before.observed.status === after.observed.status &&
    before.observed.calleeRang === after.observed.calleeRang;
  return same ? null : 'observed';
}

/**
 * Worse: anything to `fail`; a settled cell to `inconclusive` or `unsupported`; `unsupported` to `inconclusive`. Better:
 * anything that was not settled to `pass` or `unspecified`. Neither: `pass` and `unspecified` for each other, which is a
 * change of what the sources say; a `fail` that can no longer be proven is not fixed, and a feature that is no longer
 * there neither.
 */
export function verdictChange(before: Verdict, after: Verdict): 'worse' | 'better' | 'verdict' {
  if (after === 'fail') return 'worse';
  if (SETTLED.includes(after)) return SETTLED.includes(before) ? 'verdict' : 'better';
  if (SETTLED.includes(before)) return 'worse';
  return before === 'unsupported' ? 'worse' : 'verdict';
}

function byKey({ cells }: RunRows, across: readonly Across[], which: string): Map<string, CellRow> {
  const found = new Map<string, CellRow>();
  for (const cell of cells) {
    const key = keyOf(cell, across);
    const other = found.get(key);
    if (other !== undefined) {
      throw new UsageError(
        `--across ${across.join(' --across ')}: the ${which} run has both ${other.id} and ${cell.id}, ` +
          'so it is not clear which of them to compare; give a run with one of the two',
      );
    }
    found.set(key, cell);
  }
  return found;
}

function keyOf(cell: CellRow, across: readonly Across[]): string {
  return cellId({ ...cell, ...Object.fromEntries(across.map((part) => [part, '*'])) });
}

/** The keys once each, in matrix order; rows that only the first run has come before those of the second. */
function inOneOrder(
  a: RunRows,
  b: RunRows,
  entries: readonly (readonly [string, CellRow])[],
  across: readonly Across[],
): string[] {
  const rows = {
    situations: [...a.situations, ...b.situations],
    variants: [...a.variants, ...b.variants],
  };
  const cells = [...new Map(entries).values()];
  return inMatrixOrder({ ...rows, cells }).map((cell) => keyOf(cell, across));
}

function nothingMatches(a: RunRows, b: RunRows): UsageError {
  const servers = [a, b].map(({ cells }) => [...new Set(cells.map((cell) => cell.server))].join(', ') || 'none');
  return new UsageError(
    `no cell is in both runs: the first has ${a.cells.length}, of the server ${servers[0]}, ` +
      `the second ${b.cells.length}, of ${servers[1]}; --across server compares two servers`,
  );
}

function claimChanges(a: readonly ClaimResult[], b: readonly ClaimResult[], acrossPolicies: boolean): ClaimChange[] {
  const key = ({ claim, policy }: ClaimResult): string => (acrossPolicies ? claim : `${claim}\n${policy}`);
  const before = new Map(a.map((each) => [key(each), each]));
  return b.flatMap((is) => {
    const was = before.get(key(is));
    if (was === undefined || was.held === is.held) return [];
    const policy = was.policy === is.policy ? is.policy : `${was.policy} → ${is.policy}`;
    return [{ claim: is.claim, policy, before: was.held, after: is.held }];
  });
}
