import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { CellRow, Verdict } from '../model/results.ts';
import type {
  ChangedCells,
  Earlier,
  EarlierRun,
  EarlierVerdicts,
  FindEarlier,
  FoundEarlier,
} from '../report/earlier.ts';
import { readRun } from '../results/read.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { readVerdicts } from '../results/verdicts.ts';
import { type Change, compareRuns } from './compare.ts';
import { groupChanges, reason, transition } from './groups.ts';
import { tellingsOf } from './telling.ts';
import { countsLine, KIND_WORDS, TONES } from './text.ts';

/** `2026-11-27T112052-d7rst6`; of ids in this form the later run is the greater. */
const RUN_ID = /^\d{4}-\d{2}-\d{2}T\d{6}-[a-z0-9]{4,8}$/;

export function isRunId(name: string): boolean {
  return RUN_ID.test(name);
}

/** A run of 2,400 cells has 10 MB and takes 0.14 s of CPU to read, its verdicts alone a tenth of it. */
const RUNS_READ = 5;
const BYTES_READ = 60_000_000;
/** Beyond, two runs beside each other are more than a run may take of memory. */
const CELLS_COMPARED = 20_000;

/** Pages show so many calls as they were before; a change of everything is told by its groups. */
const BEFORE_SHOWN = 200;

/** Of all but the last, verdicts are all that is shown. */
interface ReadRun extends EarlierRun {
  /** By cell id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

interface LastRun extends ReadRun {
  readonly stored: StoredRun;
}

interface ReadEarlier {
  /** Oldest first. */
  readonly runs: readonly ReadRun[];
  /** Of {@link runs}; null: there are none. */
  readonly last: LastRun | null;
  readonly notes: readonly string[];
}

/** The runs before that of the folder `dir`, which lie beside it: folders named as runs are, with results in them. */
export class EarlierRuns implements FindEarlier {
  readonly #dir: string;
  #read: Promise<ReadEarlier> | null = null;
  #found: Promise<FoundEarlier> | null = null;

  constructor(dir: string) {
    this.#dir = resolve(dir);
  }

  /** While nothing else is to be done, before this run has results: it takes a sixth of a second for each run. Idempotent. */
  readAhead(ids: readonly string[]): void {
    this.#readOf(ids).catch(() => {}); // whoever asks is told
  }

  /** Found once, when it is first asked. */
  find(run: StoredRun): Promise<FoundEarlier> {
    this.#found ??= this.#find(run);
    return this.#found;
  }

  async verdicts(ids: readonly string[]): Promise<EarlierVerdicts | null> {
    const { runs } = await this.#readOf(ids);
    return runs.length === 0 ? null : verdictsIn(runs);
  }

  async #find(run: StoredRun): Promise<FoundEarlier> {
    const { runs, last, notes } = await this.#readOf(run.results.cells.map(({ id }) => id));
    return { earlier: last === null ? null : await comparedWith(runs, last, run), notes };
  }

  #readOf(ids: readonly string[]): Promise<ReadEarlier> {
    this.#read ??= readEarlier(this.#dir, new Set(ids));
    return this.#read;
  }
}

/** @param ids cells of this run: runs that have none of them are no earlier ones */
async function readEarlier(dir: string, ids: ReadonlySet<string>): Promise<ReadEarlier> {
  const own = basename(dir);
  if (!isRunId(own)) return { runs: [], last: null, notes: [] };
  const names = (await readdir(dirname(dir))).filter((name) => isRunId(name) && name < own).toSorted();
  if (names.length > 0 && ids.size > CELLS_COMPARED) {
    const cells = ids.size.toLocaleString('en-US');
    return {
      runs: [],
      last: null,
      notes: [`${cells} cells are not compared in passing with the run before: ./ringfence compare`],
    };
  }
  const notes: string[] = [];
  const runs: ReadRun[] = [];
  let last: LastRun | null = null;
  let bytes = 0;
  for (const name of names.toReversed()) {
    const { size } = await stat(join(dirname(dir), name, 'results.json')).catch(() => ({ size: 0 }));
    if (size === 0) continue; // it left none, or is under way
    bytes += size;
    if (bytes > BYTES_READ) {
      if (runs.length === 0)
        notes.push(`the run before, ${name}, is too large to be read in passing: ./ringfence compare`);
      break;
    }
    const read = await readOrNote(join(dirname(dir), name), last === null ? readWhole : readForVerdicts, notes);
    if (read === null || ![...read.verdicts.keys()].some((id) => ids.has(id))) continue;
    if ('stored' in read) last ??= read;
    runs.unshift(read);
    if (runs.length === RUNS_READ) break;
  }
  return { runs, last, notes };
}

async function readOrNote(
  dir: string,
  read: (dir: string) => Promise<ReadRun | LastRun>,
  notes: string[],
): Promise<ReadRun | LastRun | null> {
  try {
    return await read(dir);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    notes.push(`the earlier run ${basename(dir)} is not compared with: ${error.message}`);
    return null;
  }
}

async function readWhole(dir: string): Promise<LastRun> {
  const stored = await readRun(dir);
  const { run, cells } = stored.results;
  const verdicts = new Map(cells.map(({ id, verdict }) => [id, verdict]));
  return { id: run.id, startedAt: run.startedAt, href: `../${basename(dir)}/`, stored, verdicts };
}

async function readForVerdicts(dir: string): Promise<ReadRun> {
  const read = await readVerdicts(dir);
  return read === null ? readWhole(dir) : { ...read, href: `../${basename(dir)}/` };
}

async function comparedWith(runs: readonly ReadRun[], last: LastRun, run: StoredRun): Promise<Earlier> {
  // A cell that was not asked for this time is no loss.
  const comparison = compareRuns(last.stored.results, run.results, { allowGone: true });
  const groups = groupChanges(comparison.changes.filter(({ before }) => before !== null));
  const tellings = await tellingsOf(groups, last.stored.detailsOf, run.detailsOf);
  const shown = new Map(
    comparison.changes.flatMap(({ before, after }) => (before === null || after === null ? [] : [[after.id, before]])),
  );
  const before = new Map([...shown].slice(0, BEFORE_SHOWN));
  return {
    runs,
    since: {
      run: last,
      line: countsLine(comparison),
      asBefore: groups.length === 0 && comparison.claims.length === 0,
      groups: groups.map(
        ({ kind, first, changes }): ChangedCells => ({
          tone: TONES[kind],
          kind: KIND_WORDS[kind],
          transition: transition(first),
          why: reason(first),
          telling: tellings.get(first) ?? null,
          cells: changes.flatMap(({ after }: Change) => after ?? []),
        }),
      ),
    },
    verdictsOf: verdictsIn(runs),
    async beforeOf(id) {
      const row = before.get(id);
      if (row === undefined) return null;
      const [cell] = await last.stored.detailsOf([row]);
      if (cell === undefined) return null;
      return { cell, messages: await messagesOf(last.stored, row), others: [] };
    },
  };
}

function verdictsIn(runs: readonly ReadRun[]): EarlierVerdicts {
  return (id) => runs.map(({ verdicts }) => verdicts.get(id) ?? null);
}

/** None where the run's folder has lost its traces: this report is worth making without them. */
async function messagesOf({ traceOf }: StoredRun, row: CellRow): ReturnType<StoredRun['traceOf']> {
  try {
    return await traceOf(row);
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}
