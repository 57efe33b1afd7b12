import { askedOf, signOf } from '../evidence/checks.ts';
import { CHECK_IDS, type Check } from '../model/checks.ts';
import type { CellResult } from '../model/results.ts';
import type { DetailsOf } from '../results/stored-run.ts';
import type { Change } from './compare.ts';
import type { ChangeGroup } from './groups.ts';

/** By the first change of a group: the check that tells the two verdicts apart, in words. */
export type Tellings = ReadonlyMap<Change, string>;

/** Of changes of the verdict. Reads one cell of each side for each group. */
export async function tellingsOf(groups: readonly ChangeGroup[], a: DetailsOf, b: DetailsOf): Promise<Tellings> {
  const found = new Map<Change, string>();
  for (const { first } of groups) {
    const { before, after } = first;
    if (before === null || after === null || before.verdict === after.verdict) continue;
    const [[was], [is]] = await Promise.all([a([before]), b([after])]);
    const text = was === undefined || is === undefined ? null : telling(was, is);
    if (text !== null) found.set(first, text);
  }
  return found;
}

/**
 * The first check that fails on one side only, as both sides have it. Pure. Null where none does, as in files of older runs:
 * `The trap was alive after the window: ✓ a canary reached voice mail … → ✕ no canary reached voice mail …`.
 */
export function telling(before: CellResult, after: CellResult): string | null {
  const id = CHECK_IDS.find((each) => fails(before, each) !== fails(after, each));
  if (id === undefined) return null;
  const [was, is] = [checkOf(before, id), checkOf(after, id)];
  const asked = is ?? was;
  return asked === undefined ? null : `${askedOf(asked)}: ${side(before, was)} → ${side(after, is)}`;
}

function fails(cell: CellResult, id: Check['id']): boolean {
  return checkOf(cell, id)?.holds === false;
}

function checkOf({ checks }: CellResult, id: Check['id']): Check | undefined {
  return checks?.find((check) => check.id === id);
}

function side({ checks }: CellResult, check: Check | undefined): string {
  if (check !== undefined) return `${signOf(check)} ${check.seen}`;
  return checks === undefined ? 'not on record' : 'not asked';
}
