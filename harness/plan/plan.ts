import { UsageError } from '../errors.ts';
import { cellId } from '../model/cell-id.ts';
import type { HeaderVariant, PolicyId, Scenario } from '../model/scenario.ts';
import { PATHS, type Path, type Transport } from '../model/words.ts';
import { unknownWord } from '../unknown-word.ts';

/** One call to place: server x policy x situation x variant (x transport x the caller's path). */
export interface Cell {
  /** As `cell-id.ts` makes it. */
  readonly id: string;
  readonly server: string;
  readonly policy: PolicyId;
  readonly scenario: Scenario;
  readonly variant: HeaderVariant;
  readonly transport: Transport;
  readonly path: Path;
  /** Id of the cell that places the same call without the variant's headers; null for a control itself. */
  readonly control: string | null;
}

export interface PlanInput {
  readonly server: string;
  readonly transport: Transport;
  /** @default direct alone */
  readonly paths?: readonly Path[] | undefined;
  readonly policies: readonly PolicyId[];
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
}

/** What to keep of the whole matrix. Empty means all. Filters are parts of a cell id, any of which must occur. */
export interface Selection {
  readonly policies: readonly string[];
  readonly situations: readonly string[];
  readonly variants: readonly string[];
  readonly filters: readonly string[];
}

export const WHOLE_MATRIX: Selection = { policies: [], situations: [], variants: [], filters: [] };

/**
 * The cells to run, in matrix order. Every selected cell brings its control along, because without it the cell proves
 * nothing (see docs/decisions.md, "Controls").
 *
 * @throws {UsageError} for an id that does not exist or a selection that is empty; the message lists what there is.
 */
export function plan(input: PlanInput, selection: Selection = WHOLE_MATRIX): Cell[] {
  return planAll([input], selection);
}

/**
 * The cells of several servers, one after the other. An id or a filter must match something on one of them, not on each:
 * they do not all play the same policies.
 *
 * @throws {UsageError} as {@link plan}
 */
export function planAll(inputs: readonly PlanInput[], selection: Selection = WHOLE_MATRIX): Cell[] {
  const known = (idsIn: (input: PlanInput) => readonly string[]): string[] => [...new Set(inputs.flatMap(idsIn))];
  const policies = known((input) => input.policies);
  const situations = known((input) => idsOf(input.scenarios));
  const variants = known((input) => idsOf(input.variants));
  requireKnown('policy', selection.policies, policies);
  requireKnown('situation', selection.situations, situations);
  requireKnown('variant', selection.variants, variants);
  const all = inputs.flatMap(cellsOf);
  const chosen = all.filter(
    (cell) =>
      isSelected(selection.policies, cell.policy) &&
      isSelected(selection.situations, cell.scenario.id) &&
      isSelected(selection.variants, cell.variant.id),
  );
  const { filters } = selection;
  // Each of them must match something: a slip of the pen must not make the coverage smaller.
  const idle = filters.filter((part) => !chosen.some(({ id }) => id.includes(part)));
  if (idle.length > 0 || chosen.length === 0) {
    throw new UsageError(
      `no cell matches ${idle.map((part) => `"${part}"`).join(', ') || 'the selection'}: ` +
        'a filter is a part of a cell id such as ms-sipre/voicemail-busy/none; `./ringfence list` shows the ids',
    );
  }
  const wanted = chosen.filter(({ id }) => filters.length === 0 || filters.some((part) => id.includes(part)));
  const needed = new Set(wanted.flatMap((cell) => [cell.id, cell.control]));
  return all.filter((cell) => needed.has(cell.id));
}

function cellsOf({ server, transport, paths = ['direct'], policies, scenarios, variants }: PlanInput): Cell[] {
  const control = controlVariant(variants);
  // An application has a leg of its own, and puts the header there.
  const goes = ({ application }: Scenario, path: Path): boolean =>
    application === undefined ? paths.includes(path) : path === 'b2bua-set';
  return policies.flatMap((policy) =>
    PATHS.flatMap((path) =>
      scenarios
        .filter((scenario) => goes(scenario, path))
        .flatMap((scenario) =>
          variants.map((variant): Cell => {
            const idWith = ({ id }: HeaderVariant): string =>
              cellId({ server, policy, situation: scenario.id, variant: id, transport, path });
            return {
              id: idWith(variant),
              server,
              policy,
              scenario,
              variant,
              transport,
              path,
              control: variant === control ? null : idWith(control),
            };
          }),
        ),
    ),
  );
}

function controlVariant(variants: readonly HeaderVariant[]): HeaderVariant {
  const controls = variants.filter((variant) => variant.kind === 'control');
  const [control] = controls;
  if (control === undefined || controls.length > 1) {
    throw new UsageError(`exactly one variant of kind "control" is needed, found ${controls.length}`);
  }
  return control;
}

function idsOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map((row) => row.id);
}

function isSelected(wanted: readonly string[], id: string): boolean {
  return wanted.length === 0 || wanted.includes(id);
}

function requireKnown(kind: string, asked: readonly string[], known: readonly string[]): void {
  for (const id of asked) {
    if (!known.includes(id)) throw unknownWord(kind, id, known, `--${kind}`);
  }
}
