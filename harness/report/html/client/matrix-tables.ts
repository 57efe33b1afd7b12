import { byId, find, messageOf } from './element.ts';
import { giveTabStop } from './grid-keys.ts';
import { fillWith, whileBusy } from './load-data.ts';
import { columnCount, idAt, placeOf, rowCount } from './matrix-cells.ts';

/** Of a row and of what stands above the rows, while a table is not there. */
const ROW_REM = 1.95;
const HEAD_REM = 11;
/** How far out of sight tables are kept. */
const MARGIN = '100% 0px';

/** `on`: what the page shows now, so that nothing is touched that stays as it is. */
interface ShownLink {
  readonly element: Element;
  readonly place: number;
  on: boolean;
}

interface ShownRow {
  readonly element: HTMLTableRowElement;
  readonly links: readonly ShownLink[];
  on: boolean;
}

/** A table of the matrix, there or not. */
interface MatrixTable {
  readonly element: HTMLElement;
  readonly index: number;
  /** Where it stands while it is there. */
  readonly place: HTMLElement;
  on: boolean;
  filling: boolean;
  /** A byte per place; null before anything was asked for. */
  wanted: Uint8Array | null;
  /** null: it is not there. */
  rows: readonly ShownRow[] | null;
}

const section = byId('matrix', HTMLElement);

const tables = [...section.querySelectorAll<HTMLElement>('.block')].map(
  (block, index): MatrixTable => ({
    element: block,
    index,
    place: find(block, '.scroll', HTMLElement),
    on: true,
    filling: false,
    wanted: null,
    rows: null,
  }),
);

/** Shows what is wanted of each table; rows and tables with nothing left go away. @returns the number of cells left */
export function showWanted(wantedOf: (index: number) => Uint8Array): number {
  let count = 0;
  for (const table of tables) {
    const wanted = wantedOf(table.index);
    table.wanted = wanted;
    const inTable = wanted.reduce((sum, one) => sum + one, 0);
    if (table.on !== inTable > 0) table.element.hidden = inTable === 0;
    table.on = inTable > 0;
    count += inTable;
    if (!table.on) continue;
    if (table.rows === null) reserve(table);
    else update(table, table.rows, wanted);
  }
  fillInSight();
  return count;
}

/** The next or the previous cell that the filters leave, in the order of the tables; null at the end. */
export function neighbourOf(id: string, step: 1 | -1): string | null {
  const from = placeOf(id);
  if (from === null) return null;
  let { index, place } = from;
  for (;;) {
    place += step;
    while (place < 0 || place >= rowCount(index) * columnCount) {
      index += step;
      if (tables[index] === undefined) return null;
      place = step === 1 ? 0 : rowCount(index) * columnCount - 1;
    }
    const { wanted } = tables[index] ?? { wanted: null };
    const found = wanted === null || wanted[place] === 1 ? idAt(index, place) : null;
    if (found !== null) return found;
  }
}

/** Room for a table that is not there, as much as it will take. */
function reserve({ place, wanted, index }: MatrixTable): void {
  let rows = 0;
  for (let row = 0; row < rowCount(index); row += 1) if (wanted === null || isWanted(wanted, row)) rows += 1;
  place.style.height = `${HEAD_REM + rows * ROW_REM}rem`;
}

function isWanted(wanted: Uint8Array, row: number): boolean {
  return wanted.subarray(row * columnCount, (row + 1) * columnCount).includes(1);
}

/** Touches only what changes, and no cell of a row that goes away whole: a style costs more than a comparison. */
function update(table: MatrixTable, rows: readonly ShownRow[], wanted: Uint8Array): void {
  for (const [index, row] of rows.entries()) {
    const on = isWanted(wanted, index);
    if (row.on !== on) row.element.hidden = !on;
    row.on = on;
    if (!on) continue;
    for (const link of row.links) {
      const linkOn = wanted[link.place] === 1;
      if (link.on !== linkOn) link.element.classList.toggle('off', !linkOn);
      link.on = linkOn;
    }
  }
  giveTabStop(find(table.element, 'table', HTMLTableElement));
}

/** Takes up a table that is in the page. */
function takeUp(table: MatrixTable): void {
  const rows = [...table.element.querySelectorAll<HTMLTableRowElement>('tbody tr')].map(
    (row, index): ShownRow => ({
      element: row,
      on: true,
      links: [...row.cells].slice(1).flatMap((cell, column): ShownLink[] => {
        const link = cell.firstElementChild;
        return link === null ? [] : [{ element: link, place: index * columnCount + column, on: true }];
      }),
    }),
  );
  table.rows = rows;
  if (table.wanted === null) giveTabStop(find(table.element, 'table', HTMLTableElement));
  else update(table, rows, table.wanted);
}

async function fill(table: MatrixTable): Promise<void> {
  if (table.rows !== null || table.filling) return;
  table.filling = true;
  try {
    await whileBusy(fillWith(table.place));
    takeUp(table);
    table.place.style.height = '';
  } catch (error) {
    table.place.textContent = messageOf(error);
  } finally {
    table.filling = false;
  }
}

/** Puts a table that is far out of sight away again, unless somebody is in it. */
function empty(table: MatrixTable): void {
  if (table.rows === null || table.place.contains(document.activeElement)) return;
  if (document.querySelector('dialog[open]') !== null) return;
  table.place.style.height = `${table.place.offsetHeight}px`;
  table.place.replaceChildren();
  table.rows = null;
}

/** After a filter, before the next frame is waited for. */
function fillInSight(): void {
  if (!section.classList.contains('large')) return;
  const near = tables
    .filter(({ on, rows }) => on && rows === null)
    .map((table) => ({ table, box: table.element.getBoundingClientRect() }))
    .filter(({ box: { top, bottom } }) => bottom > -innerHeight && top < 2 * innerHeight);
  for (const { table } of near) void fill(table);
}

export function watchTables(): void {
  if (!section.classList.contains('large')) {
    for (const table of tables) takeUp(table);
    return;
  }
  const byElement = new Map<Element, MatrixTable>(tables.map((table) => [table.element, table]));
  for (const table of tables) reserve(table);
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const table = byElement.get(target);
        if (table === undefined) continue;
        if (isIntersecting) void fill(table);
        else empty(table);
      }
    },
    { rootMargin: MARGIN },
  );
  for (const { element } of tables) observer.observe(element);
}
