import { keepTabStops } from './grid-keys.js';

/** Fields of the form that choose one of several; their names stand in the address and on the tables. */
const CHOICES = ['policy', 'server', 'transport', 'feature', 'variant'];
/** Browsers complain of an address that changes with every key. */
const ADDRESS_DELAY_MS = 250;

const form = document.getElementById('filters');
/** Every cell of the matrix with what it is chosen by. */
const blocks = [...document.querySelectorAll('.block')].map((block) => ({
  element: block,
  on: true,
  rows: [...block.querySelectorAll('tbody tr')].map((row) => ({ element: row, on: true, cells: cellsOf(block, row) })),
}));
let addressTimer = null;

function cellsOf(block, row) {
  const features = [...block.querySelectorAll('th.s')].map((head) => head.dataset.feature);
  const { policy, server, transport } = block.dataset;
  const { variant } = row.cells[0].dataset;
  return [...row.cells].slice(1).flatMap((cell, column) => {
    const link = cell.firstElementChild;
    if (link === null) return [];
    const verdict = cell.classList[0];
    return [
      { link, row, on: true, words: null, verdict, policy, server, transport, variant, feature: features[column] },
    ];
  });
}

/** What a cell is found by: its id, the variant's title, the reason. Made when somebody searches. */
function wordsOf(cell) {
  const id = decodeURIComponent(cell.link.getAttribute('href').slice(1));
  cell.words ??= `${id} ${cell.row.firstElementChild.textContent} ${cell.link.title}`.toLowerCase();
  return cell.words;
}

/** Shows what the form asks for; rows and tables with nothing left go away. */
export function applyFilters() {
  const asked = filtersOfForm();
  const choices = CHOICES.filter((name) => asked.get(name));
  const verdicts = asked.getAll('verdict');
  const words = (asked.get('text') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const wanted = (cell) =>
    choices.every((name) => cell[name] === asked.get(name)) &&
    (verdicts.length === 0 || verdicts.includes(cell.verdict)) &&
    words.every((word) => wordsOf(cell).includes(word));
  let count = 0;
  for (const block of blocks) {
    let inBlock = 0;
    for (const row of block.rows) inBlock += showRow(row, row.cells.map(wanted));
    showPart(block, inBlock > 0);
    count += inBlock;
  }
  form.elements.shown.value = `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
  document.getElementById('nothing').hidden = count > 0;
  keepTabStops();
}

/** Touches only what changes, and no cell of a row that goes away whole: a style costs more than a comparison. */
function showRow(row, wanted) {
  const count = wanted.filter((on) => on).length;
  showPart(row, count > 0);
  if (count === 0) return 0;
  for (const [index, cell] of row.cells.entries()) {
    if (cell.on !== wanted[index]) cell.link.classList.toggle('off', !wanted[index]);
    cell.on = wanted[index];
  }
  return count;
}

function showPart(part, on) {
  if (on !== part.on) part.element.hidden = !on;
  part.on = on;
}

/** The filters that are set, named as in the address. */
function filtersOfForm() {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
}

function setForm(filters) {
  for (const field of form.querySelectorAll('select')) {
    const value = filters.get(field.name) ?? '';
    field.value = [...field.options].some((option) => option.value === value) ? value : '';
  }
  const verdicts = filters.getAll('verdict');
  for (const box of form.querySelectorAll('input[name="verdict"]')) box.checked = verdicts.includes(box.value);
  form.elements.text.value = filters.get('text') ?? '';
}

/** Puts the filters into the address, so that it can be passed on and survives a reload. */
function writeAddress() {
  clearTimeout(addressTimer);
  addressTimer = null;
  const query = filtersOfForm().toString();
  setAddress('replaceState', `${location.pathname}${query === '' ? '' : `?${query}`}${location.hash}`);
}

function setAddress(how, address) {
  try {
    history[how](null, '', address);
  } catch {
    // Some browsers let a page of file:// change nothing before the fragment; then the filters are not in the address.
  }
}

function readAddress() {
  // The fragment changed before the filters were written: what the form says is newer.
  if (addressTimer !== null) return writeAddress();
  setForm(new URLSearchParams(location.search));
  applyFilters();
}

export function watchFilters() {
  const changed = () => {
    applyFilters();
    clearTimeout(addressTimer);
    addressTimer = setTimeout(writeAddress, ADDRESS_DELAY_MS);
  };
  form.addEventListener('input', changed);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    setForm(new URLSearchParams());
    changed();
  });
  document.addEventListener('click', followFilterLink);
  addEventListener('popstate', readAddress);
  setForm(new URLSearchParams(location.search));
  if (filtersOfForm().size > 0) applyFilters();
}

/** A link such as `?verdict=fail#matrix` filters the page that is there, instead of loading it again. */
function followFilterLink(event) {
  const link = event.target.closest('a[href^="?"]');
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  clearTimeout(addressTimer);
  addressTimer = null;
  const { search } = new URL(link.href);
  setForm(new URLSearchParams(search));
  setAddress('pushState', `${location.pathname}${search}#matrix`);
  applyFilters();
  document.getElementById('matrix').scrollIntoView();
}
