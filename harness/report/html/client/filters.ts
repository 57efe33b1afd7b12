import { counted } from '../../../counted.ts';
import { queryWith, setAddress } from './address.ts';
import { byId, elementOf, find, messageOf } from './element.ts';
import { whileBusy } from './load-data.ts';
import { cellFilter, loadReasons } from './matrix-cells.ts';
import { showWanted } from './matrix-tables.ts';
import { isSearched, searchMessages } from './message-search.ts';
import { wordsOf } from './words.ts';

/** Fields of the form that choose one of several; their names stand in the address and on the tables. */
const CHOICES = ['policy', 'server', 'transport', 'feature', 'variant'];
/** All of the form, as they stand in the address. */
const FILTERS = [...CHOICES, 'verdict', 'text'];
/** Browsers complain of an address that changes with every key. */
const ADDRESS_DELAY_MS = 250;

/** After the last key, before messages are read. */
const SEARCH_DELAY_MS = 300;
const SAY_EVERY_MS = 500;

const form = byId('filters', HTMLFormElement);
const search = find(form, 'input[name="text"]', HTMLInputElement);
const count = find(form, 'output[name="shown"]', HTMLOutputElement);
const nothing = byId('nothing', HTMLElement);
/** The search of messages that is under way. */
let searching: AbortController | null = null;
let addressTimer: ReturnType<typeof setTimeout> | null = null;

/** Shows what the form asks for. */
function applyFilters(): void {
  const asked = filtersOfForm();
  const choices = Object.fromEntries(
    CHOICES.map((name) => [name, asked.get(name) ?? ''] as const).filter(([, value]) => value !== ''),
  );
  const words = wordsOf(asked.get('text') ?? '');
  const show = (note: string): void => {
    const shown = showWanted(cellFilter(choices, asked.getAll('verdict'), words));
    count.value = `${counted(shown, 'cell')}${note}`;
    nothing.hidden = shown > 0 || !isSearched(words);
  };
  searching?.abort();
  show(isSearched(words) ? '' : ' so far: searching the messages');
  if (words.length > 0) void searchReasons();
  if (!isSearched(words)) void searchInMessages(words, show);
}

/** It may take a while, and says so: after every part at first, and then when something can be read in between. */
async function searchInMessages(words: readonly string[], show: (note: string) => void): Promise<void> {
  const own = new AbortController();
  searching = own;
  let saidAt = Number.NEGATIVE_INFINITY;
  const onPart = ({ parts, of }: { readonly parts: number; readonly of: number }): void => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    show(` so far: searched ${parts} of ${of} parts of the messages`);
    saidAt = performance.now();
  };
  try {
    await new Promise((resolve) => setTimeout(resolve, SEARCH_DELAY_MS));
    if (own.signal.aborted) return;
    const end = await whileBusy(searchMessages(words, { signal: own.signal, onPart }));
    if (end === null) return;
    show(end.left === 0 ? '' : `; ${end.left.toLocaleString('en-US')} messages of long calls are in traces/ alone`);
  } catch (error) {
    if (!own.signal.aborted) count.value = `the messages cannot be searched: ${messageOf(error)}`;
  }
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
