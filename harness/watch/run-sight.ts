/** A run while it goes on: what is known of each cell, in a byte, and how the calls stand. */
import { type CellPlace, commonId } from '../model/cell-id.ts';
import type { CellResult } from '../model/results.ts';
import type { HeaderVariant, Scenario } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import { visible } from '../report/visible.ts';
import type { Progress } from '../run/run-options.ts';
import { CALLED, CODES, codeOf, NO_CELL, NOT_YET } from './codes.ts';
import type { RunPlan, RunState, TableCounts } from './told.ts';

/** What is planned, of one server. */
export interface WatchedMatrix {
  readonly server: { readonly name: string; readonly id: string };
  readonly cells: readonly Cell[];
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
}

/** Enough to begin to look. */
const FINDINGS_SHOWN = 20;
const REASON_LENGTH = 300;

interface Table {
  readonly name: string;
  /** Its id. */
  readonly server: string;
  /** Index of each, by id. */
  readonly rows: ReadonlyMap<string, number>;
  readonly columns: ReadonlyMap<string, number>;
  readonly titles: ReadonlyMap<string, string>;
  /** A byte per place. */
  readonly places: Uint8Array;
  readonly counts: { -readonly [Name in keyof TableCounts]: TableCounts[Name] };
}

export class RunSight {
  readonly #tables = new Map<string, Table>();
  readonly #findings = new Map<string, RunState['findings'][number]>();
  /** Id of the one that is called; null before the first call. */
  #server: string | null = null;
  #progress: Pick<Progress, 'text' | 'leftMs' | 'figures'> = { text: 'starting' };

  constructor(matrices: readonly WatchedMatrix[]) {
    for (const { server, cells, scenarios, variants } of matrices) {
      const groups = Map.groupBy(cells, (cell) =>
        tableOf({ ...cell, situation: cell.scenario.id, variant: cell.variant.id }),
      );
      for (const [id, own] of groups) this.#tables.set(id, tableFor(own, server.name, scenarios, variants));
    }
  }

  get plan(): RunPlan {
    const entries = (
      indexes: ReadonlyMap<string, number>,
      titles: Table['titles'],
    ): RunPlan['tables'][number]['rows'] =>
      [...indexes.keys()].map((id) => ({ id: visible(id), title: visible(titles.get(id) ?? '') }));
    return {
      codes: CODES,
      tables: [...this.#tables.values()].map(({ name, rows, columns, titles }) => ({
        name: visible(name),
        rows: entries(rows, titles),
        columns: entries(columns, titles),
      })),
    };
  }

  says(progress: Pick<Progress, 'text' | 'leftMs' | 'figures'>): void {
    const { figures = this.#progress.figures, ...said } = progress;
    this.#progress = { ...said, ...(figures && { figures }) };
  }

  /** What is judged already, and called once more, stays as it is. */
  called(cells: readonly Cell[]): void {
    for (const { scenario, variant, ...cell } of cells) {
      const { table, place } = this.#placeOf({ ...cell, situation: scenario.id, variant: variant.id });
      this.#server = cell.server;
      if (table?.places[place] === NOT_YET) table.places[place] = CALLED;
    }
  }

  /** A later result of a cell takes the place of the earlier. */
  judged(results: readonly CellResult[]): void {
    for (const result of results) {
      const { table, place } = this.#placeOf(result);
      if (table === undefined) continue;
      count(table.counts, table.places[place], -1);
      table.places[place] = codeOf(result.verdict, result.observed.outcome);
      count(table.counts, table.places[place], 1);
      this.#note(result);
    }
  }

  /** @param look the index of a table; null, or none: of the server that is called, the first that is not judged to its end */
  stateFor(look: string | null): RunState {
    const tables = [...this.#tables.values()];
    const asked = /^\d+$/.test(look ?? '') ? Number(look) : -1;
    const table = tables[asked] === undefined ? this.#following(tables) : asked;
    const { text, leftMs, figures } = this.#progress;
    return {
      doing: visible(text),
      leftMs: leftMs === undefined ? null : Math.max(0, Math.round(leftMs())),
      figures: figures?.() ?? null,
      counts: tables.map(({ counts }) => ({ ...counts })),
      table,
      cells: Buffer.from(tables[table]?.places ?? []).toString('latin1'),
      findings: [...this.#findings.values()].toReversed(),
    };
  }

  #following(tables: readonly Table[]): number {
    const own = tables.filter(({ server }) => this.#server === null || server === this.#server);
    const open = own.find(({ counts }) => counts.judged < counts.cells) ?? own.at(-1);
    return open === undefined ? 0 : tables.indexOf(open);
  }

  /** `table` is undefined where the plan has no such cell. */
  #placeOf(cell: CellPlace): { readonly table: Table | undefined; readonly place: number } {
    const table = this.#tables.get(tableOf(cell));
    const row = table?.rows.get(cell.variant);
    const column = table?.columns.get(cell.situation);
    if (table === undefined || row === undefined || column === undefined) return { table: undefined, place: -1 };
    return { table, place: row * table.columns.size + column };
  }

  #note({ id, verdict, why }: CellResult): void {
    this.#findings.delete(id);
    if (verdict !== 'fail' && verdict !== 'inconclusive') return;
    this.#findings.set(id, { id: visible(id), verdict, why: visible(shortened(why ?? '')) });
    const [oldest] = this.#findings.keys();
    if (this.#findings.size > FINDINGS_SHOWN && oldest !== undefined) this.#findings.delete(oldest);
  }
}

function shortened(text: string): string {
  return text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH)}…` : text;
}

function tableOf(place: CellPlace): string {
  return commonId(place, ['situation', 'variant']);
}

function tableFor(
  cells: readonly Cell[],
  server: string,
  scenarios: readonly Scenario[],
  variants: readonly HeaderVariant[],
): Table {
  const [first] = cells;
  const [situations, sent] = [
    new Set(cells.map(({ scenario }) => scenario.id)),
    new Set(cells.map((cell) => cell.variant.id)),
  ];
  const columns = indexesOf(scenarios.filter(({ id }) => situations.has(id)));
  const rows = indexesOf(variants.filter(({ id }) => sent.has(id)));
  const places = new Uint8Array(rows.size * columns.size).fill(NO_CELL);
  for (const { scenario, variant } of cells) {
    places[(rows.get(variant.id) ?? 0) * columns.size + (columns.get(scenario.id) ?? 0)] = NOT_YET;
  }
  return {
    server: first?.server ?? '',
    name: `${first?.policy} on ${server}, ${first?.transport}${first?.path === 'direct' ? '' : `, ${first?.path}`}`,
    rows,
    columns,
    titles: new Map([...scenarios, ...variants].map(({ id, title }) => [id, title])),
    places,
    counts: { cells: cells.length, judged: 0, failed: 0, inconclusive: 0 },
  };
}

function indexesOf(all: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(all.map(({ id }, index) => [id, index]));
}

function count(counts: Table['counts'], code: number | undefined, by: 1 | -1): void {
  const known = CODES[String.fromCharCode(code ?? NO_CELL)];
  if (known === undefined) return;
  counts.judged += by;
  if (known.verdict === 'fail') counts.failed += by;
  if (known.verdict === 'inconclusive') counts.inconclusive += by;
}
