import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, CellRow } from '../model/results.ts';
import { tracesIn } from '../results/read.ts';
import { cellText } from '../results/text.ts';
import type { Earlier, EarlierVerdicts } from './earlier.ts';
import { type CellGroup, entriesOf } from './html/data.ts';
import { groupKey } from './html/page-data.ts';
import { packed } from './html/parts.ts';
import type { ToCome } from './renderer.ts';

interface Ready {
  readonly results: readonly CellResult[];
  readonly data: string;
}

/**
 * What the page has of cells, packed while the last windows are waited out: half a second for 2,400 of them, which nobody waits
 * for then. What has changed by the end is packed again.
 */
export class PartsAhead {
  readonly #traceOf: (cell: CellResult) => Promise<readonly SeenMessage[]>;
  readonly #idsOf: ReadonlyMap<string, readonly string[]>;
  readonly #verdicts: () => Promise<EarlierVerdicts | null>;
  readonly #known = new Map<string, CellResult>();
  readonly #ready = new Map<string, Ready>();
  #working: Promise<void> | null = null;
  #hasNew = false;
  #over = false;

  /**
   * @param dir The report's, with `traces/` in it.
   * @param ids Of all cells that the page will have.
   * @param verdicts In the runs before; null: there are none.
   */
  constructor(dir: string, ids: readonly string[], verdicts: () => Promise<EarlierVerdicts | null>) {
    this.#traceOf = tracesIn(dir);
    this.#idsOf = Map.groupBy(ids, groupKey);
    this.#verdicts = verdicts;
  }

  /** Nothing is being packed. */
  get isAtRest(): boolean {
    return this.#working === null;
  }

  /** As of `Rendering`. */
  add(results: readonly CellResult[], toCome: ToCome): void {
    for (const result of results) this.#known.set(result.id, result);
    this.#hasNew = true;
    if (toCome === 'nothing') this.#over = true;
    if (toCome === 'windows') this.#working ??= this.#work();
  }

  /** The data of a group as it is now; null where it was not packed, or has changed. */
  async dataOf({ key, cells }: CellGroup, earlier: Earlier | null): Promise<string | null> {
    this.#over = true;
    await this.#working;
    const ready = this.#ready.get(key);
    if (ready === undefined || ready.results.length !== cells.length) return null;
    if (!cells.every((cell, at) => isOf(cell, ready.results[at]))) return null;
    const before = await Promise.all(cells.map(({ id }) => earlier?.beforeOf(id) ?? null));
    return before.every((each) => each === null) ? ready.data : null;
  }

  /** What goes wrong here goes wrong again when the page is made, and is told then. */
  async #work(): Promise<void> {
    try {
      const verdicts = await this.#verdicts();
      while (this.#hasNew && !this.#over) {
        this.#hasNew = false;
        for (const [key, ids] of this.#idsOf) if (!this.#over) await this.#pack(key, ids, verdicts);
      }
    } catch {
      this.#over = true;
    }
    this.#working = null;
  }

  async #pack(key: string, ids: readonly string[], verdicts: EarlierVerdicts | null): Promise<void> {
    const results = ids.flatMap((id) => this.#known.get(id) ?? []);
    if (results.length < ids.length || results.some(({ repeats }) => repeats !== undefined)) return;
    const before = this.#ready.get(key)?.results;
    if (before !== undefined && results.every((each, at) => each === before[at])) return;
    const cells = results.map(async (result) => ({
      cell: JSON.parse(cellText(result)) as CellResult, // as it will be read
      messages: await this.#traceOf(result),
      others: [],
      ...(verdicts !== null && { past: verdicts(result.id) }),
    }));
    this.#ready.set(key, { results, data: await packed(entriesOf(await Promise.all(cells))) });
  }
}

function isOf(row: CellRow, result: CellResult | undefined): boolean {
  return (
    row.id === result?.id && row.verdict === result.verdict && row.why === result.why && row.trace === result.trace
  );
}
