import { whileBusy } from './load-data.js';
import { cellFilter, loadReasons } from './matrix-cells.js';
import { showWanted } from './matrix-tables.js';

/** Fields of the form that choose one of several; their names stand in the address and on the tables. */
const CHOICES = ['policy', 'server', 'transport', 'feature', 'variant'];
/** Browsers complain of an address that changes with every key. */
const ADDRESS_DELAY_MS = 250;

const form = document.getElementById('filters');
let addressTimer = null;

/** Shows what the form asks for. */
export function applyFilters() {
  const asked = filtersOfForm();
  const choices = Object.fromEntries(CHOICES.flatMap((name) => (asked.get(name) ? [[name, asked.get(name)]] : [])));
  const words = (asked.get('text') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const count = showWanted(cellFilter(choices, asked.getAll('verdict'), words));
  form.elements.shown.value = `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
  document.getElementById('nothing').hidden = count > 0;
  if (words.length > 0) void searchReasons();
}

/** Words may stand in a reason, too. */
async function searchReasons() {
  try {
    if (await whileBusy(loadReasons())) applyFilters();
  } catch (error) {
    form.elements.shown.value = error.message;
  }
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
  // Whoever goes for the search will want them.
  form.elements.text.addEventListener('focus', () => void loadReasons().catch(() => {}), { once: true });
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
