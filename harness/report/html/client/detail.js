import { cellData, isCell } from './cell-data.js';
import { checklist, claimList, comparison, legTable, rerun } from './cell-facts.js';
import { element } from './element.js';
import { exportButtons } from './exports.js';
import { ladder } from './ladder.js';
import { closeMessages, watchLadders } from './ladder-keys.js';
import { ladderOf } from './ladder-model.js';
import { ladderSvg } from './ladder-svg.js';
import { ladderText } from './ladder-text.js';
import { page } from './load-data.js';

const dialog = document.getElementById('detail');
/** Id of the cell in the dialog. */
let shown = null;

/** Opens the cell that the address names, or closes the details when it names none. */
export async function showCellOfAddress() {
  const id = idOfAddress();
  if (id === null) {
    if (dialog.open) dialog.close();
    return;
  }
  try {
    const flow = await cellData(id);
    const control = flow.cell.control === null ? null : await cellData(flow.cell.control.id).catch((error) => error);
    if (id !== idOfAddress()) return;
    dialog.replaceChildren(...detail(flow, control));
  } catch (error) {
    dialog.replaceChildren(
      closeButton(),
      element('h2', { id: 'detail-h' }, id),
      element('p', { role: 'alert' }, error.message),
    );
  }
  shown = id;
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

/** Closing goes back to the matrix, and takes the cell out of the address. */
export function watchDialog() {
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
  watchLadders(dialog);
}

function idOfAddress() {
  try {
    const id = decodeURIComponent(location.hash.slice(1));
    return id.includes('/') && isCell(id) ? id : null;
  } catch {
    return null;
  }
}

function detail(flow, control) {
  const { cell } = flow;
  const situation = page.situations.find((row) => row.id === cell.situation);
  const variant = page.variants.find((row) => row.id === cell.variant);
  const controlFlow = control === null || control instanceof Error ? null : control;
  const model = ladderOf(flow, controlFlow);
  return [
    closeButton(),
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
      ` ${cell.why ?? passSentence(cell)}`,
    ),
    element('div', { class: 'facts' }, comparison(cell), checklist(cell, controlFlow?.cell ?? null)),
    flows(model, flow, control, variant?.headerNames ?? []),
    ladderLegend(),
    otherCalls(flow, variant?.headerNames ?? []),
    exported(model, flow, controlFlow),
    claimList(cell.expected.claims),
    legTable(cell.observed.legs),
    rerun(cell),
  ].filter((part) => part !== null);
}

function exported(model, { cell, messages }, controlFlow) {
  const verdict = `${cell.verdict}${cell.why === null ? '' : `: ${cell.why}`}`;
  return exportButtons({
    cell,
    control: controlFlow?.cell ?? null,
    messages,
    controlMessages: controlFlow?.messages ?? null,
    ladderSvg: ladderSvg(model, {
      title: cell.id,
      description: verdict,
      ownTitle: `${cell.policy}, ${cell.situation}, ${cell.variant}: ${cell.verdict}`,
      controlTitle: 'Its control: the same call without the headers',
    }),
    ladderText: ladderText(model, {
      title: `${cell.id}: ${verdict}`,
      controlTitle: `control: ${cell.control?.id ?? ''}`,
    }),
  });
}

function passSentence({ expected, observed, control }) {
  const seen = observed.outcome === 'engaged' ? 'The feature took the call' : 'The call was kept out of the feature';
  const proof =
    observed.outcome === 'suppressed' && control?.outcome === 'engaged' ? ' Without the headers it was not.' : '';
  const { claims } = expected;
  return `${seen}, as ${claims.length === 0 ? 'expected' : `${claims.join(', ')} ${claims.length === 1 ? 'says' : 'say'}`}.${proof}`;
}

function flows(model, flow, control, headerNames) {
  const controlFlow = control === null || control instanceof Error ? null : control;
  const own = pane(
    control === null ? 'This call, a control' : 'This call',
    outcomeText(flow.cell.observed),
    ladder(model, 'own', flow, { headerNames, twinMessages: controlFlow?.messages ?? null }),
  );
  if (control === null) return grid('flows one', model, own);
  const other =
    controlFlow === null
      ? pane('Its control', '', element('p', { role: 'alert' }, control.message))
      : pane(
          'Its control: the same call without the headers',
          outcomeText(controlFlow.cell.observed),
          ladder(model, 'control', controlFlow, { headerNames, twinMessages: flow.messages }),
        );
  return grid('flows', model, own, other);
}

/** Of a cell that was called several times: each call that went otherwise, beside the one that the result is of. */
function otherCalls(flow, headerNames) {
  const { repeats } = flow.cell;
  if (repeats === undefined) return null;
  const { count, agreed, others } = repeats;
  if (agreed) return element('p', { class: 'quiet repeats' }, `Called ${count} times, each time with the same result.`);
  const parts = others.flatMap((other, index) => {
    const { attempt, verdict, outcome, status, calleeRang, why } = other;
    const observed = { outcome, status, calleeRang, legs: [], notifications: [] };
    const otherFlow = { cell: { ...flow.cell, verdict, why, observed, proof: undefined }, ...flow.others[index] };
    const model = ladderOf(flow, otherFlow, `call ${attempt}`);
    return [
      element(
        'p',
        { class: `verdict-line ${verdict}` },
        `Call ${attempt}: `,
        element('span', { class: `badge ${verdict}` }, verdict),
        why === null ? '' : ` ${why}`,
      ),
      grid(
        'flows',
        model,
        pane(
          'This call',
          outcomeText(flow.cell.observed),
          ladder(model, 'own', flow, { headerNames, twinMessages: otherFlow.messages }),
        ),
        pane(
          `Call ${attempt} of the same cell`,
          outcomeText(observed),
          ladder(model, 'control', otherFlow, { headerNames, twinMessages: flow.messages }),
        ),
      ),
    ];
  });
  return element(
    'section',
    { class: 'repeats' },
    element(
      'h3',
      {},
      element('span', { class: 'badge unsteady' }, 'unsteady'),
      ` Of ${count} calls not all went the same way`,
    ),
    ...parts,
  );
}

/** The title, the heads, the slots and what is left over are lines of one grid for both sides. */
function grid(words, model, ...panes) {
  const made = element('div', { class: words }, ...panes);
  made.style.setProperty('--lines', String(model.slots.length + 3));
  return made;
}

function ladderLegend() {
  const signs = [
    ['wrong', '✕', 'must not come, or was to come and did not'],
    ['ghost', '┄', 'did not come'],
    ['rings', '', 'rings'],
    ['talks', '', 'talks'],
    ['waits', '', 'a wait of the server'],
    ['', '◆', 'canary'],
    ['', '↻', 'sent again'],
  ];
  const items = signs.map(([name, sign, words]) =>
    element('span', {}, element('i', { class: `sign ${name}` }, sign), ` ${words}`),
  );
  return element(
    'p',
    { class: 'ladder-legend' },
    ...items,
    'Keys: ↑ ↓ along a call, ← → to its twin, Enter opens, Esc closes.',
  );
}

function pane(title, outcome, ...content) {
  return element(
    'section',
    { 'aria-label': title },
    element('h3', {}, title, element('small', {}, outcome)),
    ...content,
  );
}

function outcomeText({ outcome, status }) {
  return `${outcome}, final ${status ?? 'none'}`;
}

function closeButton() {
  const button = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '✕');
  button.addEventListener('click', () => dialog.close());
  return button;
}
