import { cellData, isCell, page } from './cell-data.js';
import { element } from './element.js';
import { ladder, ROLES, TRAP_OF_FEATURE } from './ladder.js';

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
    flows(flow, control, variant?.headerNames ?? []),
    comparison(cell),
    claimList(cell.expected.claims),
    legTable(cell.observed.legs),
    rerun(cell),
  ];
}

function passSentence({ expected, observed, control }) {
  const seen = observed.outcome === 'engaged' ? 'The feature took the call' : 'The call was kept out of the feature';
  const proof =
    observed.outcome === 'suppressed' && control?.outcome === 'engaged' ? ' Without the headers it was not.' : '';
  const { claims } = expected;
  return `${seen}, as ${claims.length === 0 ? 'expected' : `${claims.join(', ')} ${claims.length === 1 ? 'says' : 'say'}`}.${proof}`;
}

function flows(flow, control, headerNames) {
  const controlFlow = control === null || control instanceof Error ? null : control;
  const seen = new Set(
    [flow, controlFlow].flatMap((each) => each?.messages ?? []).flatMap(({ from, to }) => [from, to]),
  );
  const view = { roles: ROLES.filter((role) => seen.has(role)), trap: TRAP_OF_FEATURE[flow.cell.feature], headerNames };
  const own = pane(
    control === null ? 'This call, a control' : 'This call',
    outcomeText(flow.cell.observed),
    ladder(flow, view),
  );
  if (control === null) return element('div', { class: 'flows one' }, own);
  const other =
    controlFlow === null
      ? pane('Its control', '', element('p', { role: 'alert' }, control.message))
      : pane(
          'Its control: the same call without the headers',
          outcomeText(controlFlow.cell.observed),
          ladder(controlFlow, view),
        );
  return element('div', { class: 'flows' }, own, other);
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

function comparison({ feature, expected, observed, control }) {
  const callee = {
    rings: observed.calleeRang,
    answers: observed.legs.some((leg) => leg.role === 'phone' && leg.answered),
    silent: !observed.calleeRang,
  };
  const rows = [
    [
      feature,
      expected.outcome,
      observed.outcome,
      expected.outcome === 'unspecified' ? null : expected.outcome === observed.outcome,
    ],
    [
      "callee's own phone",
      expected.callee,
      observed.calleeRang ? 'rang' : 'did not ring',
      expected.callee === 'unspecified' ? null : callee[expected.callee],
    ],
    [
      'final response',
      expected.statuses.join(' or ') || 'unspecified',
      String(observed.status ?? 'none'),
      expected.statuses.length === 0 ? null : expected.statuses.includes(observed.status),
    ],
    [
      'mailbox',
      '',
      observed.notifications.map((entry) => entry.kind.replace('-', ' ')).join(', ') || 'nothing new',
      null,
    ],
    ...(control === null ? [] : [['control', '', control.outcome, null]]),
  ];
  return element(
    'table',
    { class: 'comparison' },
    element('caption', {}, 'Expected and observed'),
    element(
      'thead',
      {},
      element('tr', {}, ...['', 'expected', 'observed', ''].map((text) => element('th', { scope: 'col' }, text))),
    ),
    element(
      'tbody',
      {},
      ...rows.map(([name, demanded, seen, agrees]) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, name),
          element('td', {}, demanded),
          element('td', {}, seen),
          element(
            'td',
            { class: agrees === false ? 'wrong' : 'right' },
            agrees === null ? '' : agrees ? '✓ agrees' : '✕ differs',
          ),
        ),
      ),
    ),
  );
}

function claimList(ids) {
  if (ids.length === 0) return null;
  const items = ids.map((id) => {
    const claim = page.claims.find((row) => row.id === id);
    if (claim === undefined) return element('li', {}, element('code', {}, id));
    const source = /^https?:\/\/\S+$/i.test(claim.url)
      ? element('a', { href: claim.url, rel: 'noopener noreferrer', target: '_blank' }, claim.source)
      : claim.source;
    return element(
      'li',
      {},
      claim.statement,
      element('span', { class: 'src' }, element('code', {}, id), ' · ', source, ` · ${claim.evidence}`),
    );
  });
  return element('section', { class: 'says' }, element('h3', {}, 'Who says so'), element('ul', {}, ...items));
}

function legTable(legs) {
  if (legs.length === 0) return null;
  const rows = legs.map(({ role, user, startMs, endMs, rang, result, status }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, role),
      ...[
        user,
        `${Math.round(startMs)} to ${endMs === null ? 'the end' : Math.round(endMs)} ms`,
        rang ? 'rang' : '',
        result,
        String(status ?? ''),
      ].map((text) => element('td', {}, text)),
    ),
  );
  return element(
    'section',
    {},
    element('h3', {}, 'Legs'),
    element('div', { class: 'scroll' }, element('table', { class: 'plain legs' }, element('tbody', {}, ...rows))),
  );
}

function rerun({ rerun: command, trace }) {
  const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it and copy';
    }
  });
  return element(
    'section',
    {},
    element('h3', {}, 'Run it again'),
    element('div', { class: 'rerun' }, element('pre', { class: 'command' }, command), button),
    element('p', { class: 'quiet' }, 'Messages: ', element('a', { href: trace }, trace)),
  );
}

function closeButton() {
  const button = element('button', { type: 'button', class: 'close', 'aria-label': 'Close' }, '✕');
  button.addEventListener('click', () => dialog.close());
  return button;
}
