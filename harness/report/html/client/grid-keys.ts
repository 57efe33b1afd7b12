import { byId, elementOf, find } from './element.ts';

const matrixPart = byId('matrix', HTMLElement);
const keysDialog = byId('help', HTMLDialogElement);

/** From its top: else a long list is shown from its only button on, which is its last line. */
function showKeys(): void {
  keysDialog.showModal();
  byId('help-h', HTMLElement).focus();
}

const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

/** One tab stop per table, arrow keys inside: nobody tabs through ten thousand cells. */
export function watchGridKeys(): void {
  matrixPart.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLAnchorElement && target.matches('table.matrix td a')) makeTabStop(target);
  });
  matrixPart.addEventListener('keydown', (event) => {
    const cell = elementOf(event.target)?.closest<HTMLTableCellElement>('table.matrix td') ?? null;
    const link = cell === null || event.ctrlKey || event.metaKey || event.altKey ? null : linkFor(event.key, cell);
    if (link === null) return;
    event.preventDefault();
    link.focus();
  });
}

/** A table has one tab stop, and never one that is filtered out: it could not be reached by Tab. */
export function giveTabStop(table: HTMLTableElement): void {
  const stops = table.querySelectorAll<HTMLAnchorElement>('td a:not([tabindex="-1"])');
  const [only] = stops;
  if (stops.length === 1 && only !== undefined && isShown(only)) return;
  for (const link of stops) link.tabIndex = -1;
  const shown = table.querySelector<HTMLAnchorElement>('tr:not([hidden]) td a:not(.off)');
  if (shown !== null) makeTabStop(shown);
}

function makeTabStop(link: HTMLAnchorElement): void {
  const others = link.closest('table')?.querySelectorAll<HTMLAnchorElement>('td a:not([tabindex="-1"])') ?? [];
  for (const other of others) other.tabIndex = -1;
  link.tabIndex = 0;
}

function isShown(link: HTMLAnchorElement): boolean {
  return !link.classList.contains('off') && link.closest('tr')?.hidden === false;
}

function linkFor(key: string, cell: HTMLTableCellElement): HTMLAnchorElement | null {
  if (key === 'Home' || key === 'End') {
    const shown = [...(cell.parentElement?.querySelectorAll<HTMLAnchorElement>('td a:not(.off)') ?? [])];
    return shown.at(key === 'Home' ? 0 : -1) ?? null;
  }
  const step = STEPS[key];
  return step === undefined ? null : linkBeyond(cell, step);
}

/** The next link in a direction, over gaps and over what the filters hide. */
function linkBeyond(cell: HTMLTableCellElement, [down, right]: readonly [number, number]): HTMLAnchorElement | null {
  const own = cell.closest('tr');
  if (own === null) return null;
  const rows = [...(cell.closest('tbody')?.rows ?? [])];
  let row = rows.indexOf(own) + down;
  let column = cell.cellIndex + right;
  for (let next = rows[row]?.cells[column]; next !== undefined; next = rows[row]?.cells[column]) {
    const link = next.querySelector<HTMLAnchorElement>('a:not(.off)');
    if (link !== null && rows[row]?.hidden === false) return link;
    row += down;
    column += right;
  }
  return null;
}

/** Keys that work anywhere on the page, but not while somebody types or has a dialog open. */
export function watchPageKeys(): void {
  const search = find(byId('filters', HTMLFormElement), 'input[name="text"]', HTMLInputElement);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
    if (elementOf(event.target)?.matches('input[type="search"], select, textarea')) return;
    if (event.key === '/') {
      event.preventDefault();
      matrixPart.scrollIntoView();
      search.focus({ preventScroll: true });
      search.select();
    }
    if (event.key === '?') showKeys();
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || search.value === '') return;
    event.preventDefault();
    search.value = '';
    search.dispatchEvent(new Event('input', { bubbles: true }));
  });
  find(document, 'button.keys', HTMLButtonElement).addEventListener('click', () => showKeys());
  find(keysDialog, 'button', HTMLButtonElement).addEventListener('click', () => keysDialog.close());
}
