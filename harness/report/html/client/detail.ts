import { drawnLadder } from '../../../evidence/drawn.ts';
import { ladderOf } from '../../../ladder/model.ts';
import type { Ladder } from '../../../ladder/rows.ts';
import type { PageCell } from '../page-data.ts';
import { cellHref } from './address.ts';
import { cellData, isCell } from './cell-data.ts';
import { checklist, claimList, comparison, legTable, passSentence, rerun } from './cell-facts.ts';
import { byId, element, elementOf, find, messageOf } from './element.ts';
import { exportButtons } from './exports.ts';
import { flows, ladderLegend, otherCalls } from './flows.ts';
import { closeMessages, watchLadders } from './ladder-keys.ts';
import { page } from './load-data.ts';
import { neighbourOf } from './matrix-tables.ts';
import { nowAndBefore, pastRow } from './past.ts';

const dialog = byId('detail', HTMLDialogElement);
/** Id of the cell in the dialog. */
let shown: string | null = null;

/** Opens the cell that the address names, or closes the details when it names none. */
export async function showCellOfAddress(): Promise<void> {
  const id = idOfAddress();
  if (id === null) {
    if (dialog.open) dialog.close();
    return;
  }
  try {
    const flow = await cellData(id);
    const control = flow.cell.control === null ? null : await controlData(flow.cell.control.id);
    if (id !== idOfAddress()) return;
    dialog.replaceChildren(...detail(flow, control));
  } catch (error) {
    dialog.replaceChildren(
      closeButton(),
      element('h2', { id: 'detail-h', tabindex: '-1' }, id),
      element('p', { role: 'alert' }, messageOf(error)),
    );
  }
  shown = id;
  // What had the focus is gone with the cell before, and keys would go nowhere.
  if (dialog.open) find(dialog, 'h2', HTMLElement).focus();
  else dialog.showModal();
  dialog.scrollTop = 0;
}

/** A call is worth showing without its control: what became of that is told in its place. */
async function controlData(id: string): Promise<PageCell | Error> {
  try {
    return await cellData(id);
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** Closing goes back to the matrix, and takes the cell out of the address. */
export function watchDialog(): void {
  dialog.addEventListener('close', () => {
    // The event comes late: the address may name another cell by then.
    if (idOfAddress() === shown) history.replaceState(null, '', location.pathname + location.search);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  // Escape closes what was opened last: the messages first.
  dialog.addEventListener('cancel', (event) => {
    if (closeMessages(dialog)) event.preventDefault();
  });
  dialog.addEventListener('keydown', followKey);
  watchLadders(dialog);
}

function idOfAddress(): string | null {
  try {
    const id = decodeURIComponent(location.hash.slice(1));
    return id.includes('/') && isCell(id) ? id : null;
  } catch {
    return null;
  }
}

function detail(flow: PageCell, control: PageCell | Error | null): HTMLElement[] {
  const { cell } = flow;
  const situation = page.situations.find((row) => row.id === cell.situation);
  const variant = page.variants.find((row) => row.id === cell.variant);
  const headerNames = variant?.headerNames ?? [];
  const controlFlow = control instanceof Error ? null : control;
  const model = ladderOf(flow, controlFlow);
  return [
    closeButton(),
    neighbours(cell.id),
    element('p', { class: 'crumbs' }, `${cell.policy} · ${cell.feature} · ${cell.server} · ${cell.transport}`),
    element(
      'h2',
      { id: 'detail-h', tabindex: '-1', autofocus: true },
      variant?.title ?? cell.variant,
      element('small', {}, situation?.title ?? cell.situation),
    ),
    element(
      'p',
      { class: `verdict-line ${cell.verdict}` },
      element('span', { class: `badge ${cell.verdict}` }, cell.verdict),
      ' ',
      ...(cell.why === null ? passSentence(cell) : [cell.why]),
    ),
    pastRow(flow),
    element('div', { class: 'facts' }, comparison(cell), checklist(cell)),
    flows(model, flow, control, headerNames),
    ladderLegend(),
    otherCalls(flow, headerNames),
    nowAndBefore(flow, headerNames),
    exported(model, flow, controlFlow),
    claimList(cell.expected.claims),
    legTable(cell.observed.legs),
    rerun(cell),
  ].filter((part) => part !== null);
}

/** To the cells before and after it, of those that the filters leave. */
function neighbours(id: string): HTMLElement {
  const link = (rel: 'prev' | 'next', step: 1 | -1, words: string): HTMLElement | null => {
    const other = neighbourOf(id, step);
    return other === null ? null : element('a', { href: cellHref(other), rel, title: other }, words);
  };
  return element(
    'nav',
    { class: 'neighbours', 'aria-label': 'Other cells' },
    link('prev', -1, '← previous'),
    link('next', 1, 'next →'),
  );
}

/** `p` and `n`, as the links. */
function followKey({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): void {
  const rel = { p: 'prev', n: 'next' }[key];
  if (rel === undefined || ctrlKey || metaKey || altKey || elementOf(target)?.matches('input, select, textarea'))
    return;
  dialog.querySelector<HTMLAnchorElement>(`.neighbours [rel="${rel}"]`)?.click();
}

function exported(model: Ladder, { cell, messages, left }: PageCell, controlFlow: PageCell | null): HTMLElement {
  return exportButtons({
    cell,
    control: controlFlow?.cell ?? null,
    messages,
    controlMessages: controlFlow?.messages ?? null,
    left: left + (controlFlow?.left ?? 0),
    ...drawnLadder(model, cell),
  });
}

function closeButton(): HTMLElement {
  const button = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '✕');
  button.addEventListener('click', () => dialog.close());
  return button;
}
