const matrixPart = document.getElementById('matrix');
const keysDialog = document.getElementById('help');
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** One tab stop per table, arrow keys inside: nobody tabs through ten thousand cells. */
export function watchGridKeys() {
  matrixPart.addEventListener('focusin', ({ target }) => {
    if (target.matches('table.matrix td a')) makeTabStop(target);
  });
  matrixPart.addEventListener('keydown', (event) => {
    const cell = event.target.closest('table.matrix td');
    const link = cell === null || event.ctrlKey || event.metaKey || event.altKey ? null : linkFor(event.key, cell);
    if (link === null) return;
    event.preventDefault();
    link.focus();
  });
}

/** A table has one tab stop, and never one that is filtered out: it could not be reached by Tab. */
export function giveTabStop(table) {
  const stops = table.querySelectorAll('td a:not([tabindex="-1"])');
  if (stops.length === 1 && isShown(stops[0])) return;
  for (const link of stops) link.tabIndex = -1;
  const shown = table.querySelector('tr:not([hidden]) td a:not(.off)');
  if (shown !== null) makeTabStop(shown);
}

function makeTabStop(link) {
  for (const other of link.closest('table').querySelectorAll('td a:not([tabindex="-1"])')) other.tabIndex = -1;
  link.tabIndex = 0;
}

function isShown(link) {
  return !link.classList.contains('off') && !link.closest('tr').hidden;
}

function linkFor(key, cell) {
  if (key === 'Home' || key === 'End') {
    const shown = [...cell.parentElement.querySelectorAll('td a:not(.off)')];
    return shown.at(key === 'Home' ? 0 : -1) ?? null;
  }
  return STEPS[key] === undefined ? null : linkBeyond(cell, STEPS[key]);
}

/** The next link in a direction, over gaps and over what the filters hide. */
function linkBeyond(cell, [down, right]) {
  const rows = [...cell.closest('tbody').rows];
  let row = rows.indexOf(cell.parentElement) + down;
  let column = cell.cellIndex + right;
  while (rows[row]?.cells[column] !== undefined) {
    const link = rows[row].cells[column].querySelector('a:not(.off)');
    if (link !== null && !rows[row].hidden) return link;
    row += down;
    column += right;
  }
  return null;
}

/** Keys that work anywhere on the page, but not while somebody types or has a dialog open. */
export function watchPageKeys() {
  const search = document.getElementById('filters').elements.text;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    if (event.target.matches('input[type="search"], select, textarea')) return;
    if (event.key === '/') {
      event.preventDefault();
      matrixPart.scrollIntoView();
      search.focus({ preventScroll: true });
      search.select();
    }
    if (event.key === '?') keysDialog.showModal();
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || search.value === '') return;
    event.preventDefault();
    search.value = '';
    search.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.querySelector('button.keys').addEventListener('click', () => keysDialog.showModal());
  keysDialog.querySelector('button').addEventListener('click', () => keysDialog.close());
}
