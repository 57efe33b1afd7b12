import type { CellResult, CellRow } from '../model/results.ts';

/**
 * Makes rows of one run. What many cells say in the same words (their parts, reasons, expectations) is kept once: parsed
 * from a file, each cell would have a copy of its own.
 */
export function rowMaker(): (cell: CellResult) => CellRow {
  const texts = new Map<string, string>();
  const one = <Text extends string>(text: Text): Text => shared(texts, text, () => text) as Text;
  const expectations = new Map<string, CellRow['expected']>();
  const legs = new Map<string, CellRow['observed']['legs']>();
  const repeats = new Map<string, NonNullable<CellRow['repeats']>>();
  const earlier = new Map<number, NonNullable<CellRow['earlier']>>();
  return (cell) => ({
    id: one(cell.id),
    server: one(cell.server),
    policy: one(cell.policy),
    situation: one(cell.situation),
    feature: one(cell.feature),
    ...(cell.trap !== undefined && { trap: one(cell.trap) }),
    variant: one(cell.variant),
    transport: one(cell.transport),
    path: one(cell.path),
    verdict: one(cell.verdict),
    expected: shared(expectations, JSON.stringify(cell.expected), () => cell.expected),
    observed: {
      outcome: one(cell.observed.outcome),
      status: cell.observed.status,
      calleeRang: cell.observed.calleeRang,
      ...(cell.observed.otherTraps !== undefined && { otherTraps: cell.observed.otherTraps }),
      ...(cell.observed.hangUp !== undefined && { hangUp: cell.observed.hangUp }),
      legs: shared(legs, cell.observed.legs.map(({ role }) => role).join(' '), () =>
        cell.observed.legs.map(({ role }) => ({ role: one(role) })),
      ),
    },
    control: cell.control === null ? null : { id: one(cell.control.id), outcome: one(cell.control.outcome) },
    why: cell.why === null ? null : one(cell.why),
    ...(cell.late !== undefined && { late: cell.late }),
    ...(cell.earlier !== undefined && { earlier: countOf(earlier, cell.earlier.length) }),
    ...repeatsOf(repeats, cell),
    durationMs: cell.durationMs,
    rerun: cell.rerun,
    trace: cell.trace,
  });
}

/** Most repeated cells agree, and say the same then. */
function repeatsOf(
  known: Map<string, NonNullable<CellRow['repeats']>>,
  { repeats }: CellResult,
): Pick<CellRow, 'repeats'> {
  return repeats === undefined ? {} : { repeats: shared(known, JSON.stringify(repeats), () => repeats) };
}

function countOf(counts: Map<number, { readonly length: number }>, length: number): { readonly length: number } {
  return shared(counts, length, () => ({ length }));
}

function shared<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
