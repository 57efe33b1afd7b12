import { queryWith, setAddress } from './address.ts';
import { byId, elementOf, find, messageOf } from './element.ts';
import { whileBusy } from './load-data.ts';
import { cellFilter, loadReasons } from './matrix-cells.ts';
import { showWanted } from './matrix-tables.ts';

/** Fields of the form that choose one of several; their names stand in the address and on the tables. */
const CHOICES = ['policy', 'server', 'transport', 'feature', 'variant'];
/** All of the form, as they stand in the address. */
const FILTERS = [...CHOICES, 'verdict', 'text'];
/** Browsers complain of an address that changes with every key. */
const ADDRESS_DELAY_MS = 250;

const form = byId('filters', HTMLFormElement);
const search = find(form, 'input[name="text"]', HTMLInputElement);
const count = find(form, 'output[name="shown"]', HTMLOutputElement);
const nothing = byId('nothing', HTMLElement);
let addressTimer: ReturnType<typeof setTimeout> | null = null;

/** Shows what the form asks for. */
function applyFilters(): void {
  const asked = filtersOfForm();
  const choices = Object.fromEntries(
    CHOICES.map((name) => [name, asked.get(name) ?? ''] as const).filter(([, value]) => value !== ''),
  );
  const words = (asked.get('text') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const shown = showWanted(cellFilter(choices, asked.getAll('verdict'), words));
  count.value = `${shown.toLocaleString('en-US')} ${shown === 1 ? 'cell' : 'cells'}`;
  nothing.hidden = shown > 0;
  if (words.length > 0) void searchReasons();
}

/** Words may stand in a reason, too. */
async function searchReasons(): Promise<void> {
  try {
    if (await whileBusy(loadReasons())) applyFilters();
  } catch (error) {
    count.value = messageOf(error);
  }
}

/** The filters that are set, named as in the address. */
function filtersOfForm(): URLSearchParams {
  const filters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value !== '') filters.append(name, value);
  }
  return filters;
}

function setForm(filters: URLSearchParams): void {
  for (const field of form.querySelectorAll('select')) {
    const value = filters.get(field.name) ?? '';
    field.value = [...field.options].some((option) => option.value === value) ? value : '';
  }
  const verdicts = filters.getAll('verdict');
  for (const box of form.querySelectorAll<HTMLInputElement>('input[name="verdict"]')) {
    box.checked = verdicts.includes(box.value);
  }
  search.value = filters.get('text') ?? '';
}

/** Puts the filters into the address, so that it can be passed on and survives a reload. */
function writeAddress(): void {
  stopAddressTimer();
  setAddress('replaceState', `${location.pathname}${queryWith(FILTERS, filtersOfForm())}${location.hash}`);
}

function stopAddressTimer(): void {
  if (addressTimer !== null) clearTimeout(addressTimer);
  addressTimer = null;
}

function readAddress(): void {
  // The fragment changed before the filters were written: what the form says is newer.
  if (addressTimer !== null) {
    writeAddress();
    return;
  }
  setForm(new URLSearchParams(location.search));
  applyFilters();
}

export function watchFilters(): void {
  const changed = (): void => {
    applyFilters();
    stopAddressTimer();
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
  search.addEventListener('focus', () => void loadReasons().catch(() => {}), { once: true });
}

/** A link such as `?verdict=fail#matrix` filters the page that is there, instead of loading it again. */
function followFilterLink(event: MouseEvent): void {
  const link = elementOf(event.target)?.closest<HTMLAnchorElement>('a[href^="?"]') ?? null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  stopAddressTimer();
  setForm(new URLSearchParams(link.search));
  setAddress('pushState', `${location.pathname}${queryWith(FILTERS, new URLSearchParams(link.search))}#matrix`);
  applyFilters();
  byId('matrix', HTMLElement).scrollIntoView();
}
