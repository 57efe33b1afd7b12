import { cellId, cellPlace } from '../model/cell-id.ts';
import type { CellRow, RunRows } from '../model/results.ts';
import type { StoredRun } from './stored-run.ts';

/** Gives servers that share an id but not name and version ids of their own, in every run and place that names them. */
export function serversApart(runs: readonly StoredRun[]): StoredRun[] {
  const identities = new Map<string, Set<string>>();
  for (const [id, server] of runs.flatMap(({ results }) => Object.entries(results.run.servers))) {
    identities.set(id, (identities.get(id) ?? new Set()).add(identityOf(id, server)));
  }
  const conflicting = new Set([...identities].filter(([, seen]) => seen.size > 1).map(([id]) => id));
  return conflicting.size === 0 ? [...runs] : runs.map((run) => rename(run, conflicting));
}

function rename({ results, traceOf, detailsOf }: StoredRun, conflicting: ReadonlySet<string>): StoredRun {
  const names = new Map(
    Object.entries(results.run.servers).map(([id, server]) => [
      id,
      conflicting.has(id) ? `${id}@${identityOf(id, server)}` : id,
    ]),
  );
  const serverOf = (id: string): string => names.get(id) ?? id;
  const original = new Map(results.cells.map((cell) => [renamedId(cell.id, serverOf), cell]));
  const renamed: RunRows = {
    ...results,
    run: {
      ...results.run,
      servers: Object.fromEntries(
        Object.entries(results.run.servers).map(([id, server]) => [serverOf(id), server] as const),
      ),
      // What speaks against a policy is settled anew; whose question it was is not.
      ...(results.run.behavesLike !== undefined && {
        behavesLike: Object.fromEntries(
          Object.entries(results.run.behavesLike).map(([id, each]) => [serverOf(id), each] as const),
        ),
      }),
    },
    claimResults: results.claimResults.map((each) => ({
      ...each,
      cells: each.cells.map((id) => renamedId(id, serverOf)),
    })),
    cells: results.cells.map((cell) => renamedCell(cell, serverOf)),
  };
  return {
    results: renamed,
    traceOf: async (cell) => {
      const own = original.get(cell.id);
      return own === undefined ? [] : traceOf({ ...own, trace: cell.trace });
    },
    detailsOf: async (cells) => {
      const own = await detailsOf(cells.flatMap(({ id }) => original.get(id) ?? []));
      return own.map((cell) => renamedCell(cell, serverOf));
    },
  };
}

/** `rerun` stays as it was: it is a command for the run that the cell came from. */
function renamedCell<Cell extends CellRow>(cell: Cell, serverOf: (id: string) => string): Cell {
  const id = renamedId(cell.id, serverOf);
  if (id === cell.id) return cell;
  return {
    ...cell,
    id,
    server: serverOf(cell.server),
    control: cell.control === null ? null : { ...cell.control, id: renamedId(cell.control.id, serverOf) },
  };
}

function renamedId(id: string, serverOf: (id: string) => string): string {
  const place = cellPlace(id);
  return cellId({ ...place, server: serverOf(place.server) });
}

/** What tells a server from another of the same id; safe in an id and in a file name. The name only where the id does not say it. */
function identityOf(id: string, { name, version }: { readonly name: string; readonly version: string }): string {
  const identity = name.toLowerCase() === id ? version : `${name}-${version}`;
  return identity.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
}
