import { giveTabStop } from './grid-keys.js';
import { loadData, putMarkup, whileBusy } from './load-data.js';
import { columnCount, rowCount } from './matrix-cells.js';

/** Of a row and of what stands above the rows, while a table is not there. */
const ROW_REM = 1.95;
const HEAD_REM = 11;
/** How far out of sight tables are kept. */
const MARGIN = '100% 0px';

const section = document.getElementById('matrix');

/** The tables of the matrix, there or not. `wanted` has a byte per place, `shown` what the table in the page shows. */
export const tables = [...section.querySelectorAll('.block')].map((block, index) => ({
  element: block,
  index,
  place: block.querySelector('.scroll'),
  on: true,
  wanted: null,
  rows: null,
}));

/** Shows what is wanted of each table; rows and tables with nothing left go away. @returns the number of cells left */
export function showWanted(wantedOf) {
  let count = 0;
  for (const table of tables) {
    table.wanted = wantedOf(table.index);
    const inTable = table.wanted.reduce((sum, one) => sum + one, 0);
    if (table.on !== inTable > 0) table.element.hidden = inTable === 0;
    table.on = inTable > 0;
    count += inTable;
    if (!table.on) continue;
    if (table.rows === null) reserve(table);
    else update(table);
  }
  fillInSight();
  return count;
}

/** Room for a table that is not there, as much as it will take. */
function reserve({ place, wanted, index }) {
  let rows = 0;
  for (let row = 0; row < rowCount(index); row += 1) if (wanted === null || isWanted(wanted, row)) rows += 1;
  place.style.height = `${HEAD_REM + rows * ROW_REM}rem`;
}

function isWanted(wanted, row) {
  return wanted.subarray(row * columnCount, (row + 1) * columnCount).includes(1);
}

/** Touches only what changes, and no cell of a row that goes away whole: a style costs more than a comparison. */
function update({ rows, wanted, element }) {
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
  giveTabStop(element.querySelector('table'));
}

/** Takes up a table that is in the page. */
function takeUp(table) {
  table.rows = [...table.element.querySelectorAll('tbody tr')].map((row, index) => ({
    element: row,
    on: true,
    links: [...row.cells].slice(1).flatMap((cell, column) => {
      const link = cell.firstElementChild;
      return link === null ? [] : [{ element: link, place: index * columnCount + column, on: true }];
    }),
  }));
  if (table.wanted === null) giveTabStop(table.element.querySelector('table'));
  else update(table);
}

async function fill(table) {
  if (table.rows !== null || table.filling) return;
  table.filling = true;
  try {
    const markup = await whileBusy(loadData(table.place.dataset.part, { keep: false }));
    putMarkup(table.place, markup);
    takeUp(table);
    table.place.style.height = '';
  } catch (error) {
    table.place.textContent = error.message;
  } finally {
    table.filling = false;
  }
}

/** Puts a table that is far out of sight away again, unless somebody is in it. */
function empty(table) {
  if (table.rows === null || table.place.contains(document.activeElement)) return;
  if (document.querySelector('dialog[open]') !== null) return;
  table.place.style.height = `${table.place.offsetHeight}px`;
  table.place.replaceChildren();
  table.rows = null;
}

/** After a filter, before the next frame is waited for. */
function fillInSight() {
  if (!section.classList.contains('large')) return;
  const near = tables
    .filter(({ on, rows }) => on && rows === null)
    .map((table) => [table, table.element.getBoundingClientRect()]);
  for (const [table, { top, bottom }] of near) if (bottom > -innerHeight && top < 2 * innerHeight) void fill(table);
}

export function watchTables() {
  if (!section.classList.contains('large')) {
    for (const table of tables) takeUp(table);
    return;
  }
  const byElement = new Map(tables.map((table) => [table.element, table]));
  for (const table of tables) reserve(table);
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const table = byElement.get(target);
        if (isIntersecting) void fill(table);
        else empty(table);
      }
    },
    { rootMargin: MARGIN },
  );
  for (const { element } of tables) observer.observe(element);
}
