import type { CellRow, ClaimResult, Likeness, RunResults, RunRows } from '../model/results.ts';
import { inMatrixOrder } from './matrix-order.ts';
import { serversApart } from './servers-apart.ts';
import { mergedShards } from './shards.ts';
import type { StoredRun } from './stored-run.ts';

/** What is settled anew over the merged cells: what one run could not settle alone, several may. */
export interface Settle {
  claims(cells: readonly CellRow[]): readonly ClaimResult[];
  /** How each policy fares with a server. @param cells all of its own */
  likeness(cells: readonly CellRow[]): Likeness[];
}

/**
 * Several runs as one. On the same cell the later run wins; servers of the same id that are not the same server are
 * kept apart (`kamailio@5.6.3`, `kamailio@5.8.1`). One run is returned as it is.
 */
export function mergeRuns(stored: readonly [StoredRun, ...StoredRun[]], settle: Settle): StoredRun {
  if (stored.length === 1) return stored[0];
  const runs = serversApart(stored);
  // Rows that a later run replaces are not held on to: a run of a hundred thousand has as many.
  const latest = new Map<string, CellRow>();
  const source = new Map<string, StoredPlaces>();
  for (const { results, detailsOf, traceOf } of runs) {
    const places = { detailsOf, traceOf };
    for (const cell of results.cells) {
      latest.set(cell.id, cell);
      source.set(cell.id, places);
    }
  }
  const all = runs.map((run) => run.results);
  const rows = {
    situations: mergeRows(all.map((each) => each.situations)),
    variants: mergeRows(all.map((each) => each.variants)),
    claims: mergeRows(all.map((each) => each.claims)),
  };
  const cells = inMatrixOrder({ ...rows, cells: [...latest.values()] });
  const known = new Set(rows.claims.map((claim) => claim.id));
  return {
    results: {
      schema: stored[0].results.schema,
      run: { ...mergeRunFacts(all.map((each) => each.run)), ...behavesLike(all, cells, settle) },
      ...rows,
      claimResults: settle.claims(cells).filter(({ claim }) => known.has(claim)),
      cells,
    },
    ...foundIn(source),
  };
}

/** Of the servers of which one of the runs asked it. */
function behavesLike(
  all: readonly RunRows[],
  cells: readonly CellRow[],
  settle: Settle,
): Pick<RunRows['run'], 'behavesLike'> {
  const asked = [...new Set(all.flatMap(({ run }) => Object.keys(run.behavesLike ?? {})))];
  if (asked.length === 0) return {};
  const own = Map.groupBy(cells, ({ server }) => server);
  return { behavesLike: Object.fromEntries(asked.map((server) => [server, settle.likeness(own.get(server) ?? [])])) };
}

type StoredPlaces = Pick<StoredRun, 'detailsOf' | 'traceOf'>;

/** @param source Where each cell is. */
function foundIn(source: ReadonlyMap<string, StoredPlaces>): StoredPlaces {
  return {
    traceOf: async (cell) => (await source.get(cell.id)?.traceOf(cell)) ?? [],
    detailsOf: async (wanted) => {
      const groups = Map.groupBy(wanted, ({ id }) => source.get(id));
      const found = await Promise.all([...groups].map(async ([places, own]) => (await places?.detailsOf(own)) ?? []));
      const byId = new Map(found.flat().map((cell) => [cell.id, cell]));
      return wanted.flatMap(({ id }) => byId.get(id) ?? []);
    },
  };
}

/** Rows by id. A later run's text wins; a row that is new comes after the one that it followed in its own run. */
function mergeRows<Row extends { readonly id: string }>(lists: readonly (readonly Row[])[]): Row[] {
  const merged: Row[] = [];
  for (const list of lists) {
    let after = -1;
    for (const row of list) {
      const at = merged.findIndex((each) => each.id === row.id);
      if (at === -1) merged.splice(after + 1, 0, row);
      else merged[at] = row;
      after = at === -1 ? after + 1 : at;
    }
  }
  return merged;
}

type RunFacts = RunResults['run'];

function mergeRunFacts(runs: readonly RunFacts[]): RunFacts {
  const joined = (pick: (run: RunFacts) => string): string => [...new Set(runs.map(pick))].join(' + ');
  const troubles = runs.flatMap((run) => (run.trouble === null ? [] : [`${nameIn(runs, run)}: ${run.trouble}`]));
  const warnings = [...new Set(runs.flatMap((run) => (run.warnings ?? []).map((each) => ofServer(runs, run, each))))];
  const shards = mergedShards(runs);
  return {
    id: joined((run) => run.id),
    startedAt: runs.map((run) => run.startedAt).toSorted()[0] ?? '',
    durationMs: runs.reduce((sum, run) => sum + run.durationMs, 0),
    ringfence: joined((run) => run.ringfence),
    node: joined((run) => run.node),
    caller: {
      id: joined((run) => run.caller.id),
      name: joined((run) => run.caller.name),
      version: joined((run) => run.caller.version),
    },
    runtime: mergedRuntime(runs),
    servers: Object.assign({}, ...runs.map((run) => run.servers)) as RunFacts['servers'],
    ...mergedUa(runs),
    ended: (['failed', 'cancelled'] as const).find((end) => runs.some((run) => run.ended === end)) ?? 'complete',
    trouble: troubles.length === 0 ? null : troubles.join('; '),
    ...(warnings.length > 0 && { warnings }),
    ...(shards.length > 0 && { shards }),
  };
}

/** What tells a run from the others: its id, or its server where several were called in one run. */
function nameIn(runs: readonly RunFacts[], { id, servers }: RunFacts): string {
  return runs.filter((each) => each.id === id).length > 1 ? Object.keys(servers).join(', ') : id;
}

/** A warning is of the server that was called, where not all runs called the same. */
function ofServer(runs: readonly RunFacts[], { servers }: RunFacts, warning: string): string {
  const own = Object.keys(servers).join(', ');
  return runs.every((other) => Object.keys(other.servers).join(', ') === own) ? warning : `${own}: ${warning}`;
}

/** Left out when all callees' phones were Ringfence's. */
function mergedUa(runs: readonly RunFacts[]): Pick<RunFacts, 'ua'> {
  const own = { id: 'phone', name: "Ringfence's phones", version: '' };
  const uas = runs.map(({ ua }) => ua ?? own);
  if (uas.every((ua) => ua === own)) return {};
  const joined = (pick: (ua: typeof own) => string): string => [...new Set(uas.map(pick))].join(' + ');
  const [first = own] = uas;
  const same = uas.every(
    ({ id, name, version }) => id === first.id && name === first.name && version === first.version,
  );
  if (same) return { ua: first };
  return { ua: { id: joined((ua) => ua.id), name: joined((ua) => `${ua.name} ${ua.version}`.trimEnd()), version: '' } };
}

function mergedRuntime(runs: readonly RunFacts[]): RunFacts['runtime'] {
  const [first = 'process', ...others] = runs.map(({ runtime }) => runtime);
  return others.every((other) => other === first) ? first : 'process and docker';
}
