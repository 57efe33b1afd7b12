import { OUTCOME_WORDS } from '../../../../model/words.ts';
import type { RunPlan, RunState, TableCounts } from '../../../../watch/told.ts';
import { byId, element } from '../element.ts';
import { Told } from './told.ts';

const plan = JSON.parse(byId('data', HTMLScriptElement).text) as RunPlan;
const doing = byId('doing', HTMLElement);
const judged = byId('judged', HTMLProgressElement);
const figures = byId('figures', HTMLElement);
const findings = byId('findings', HTMLElement);
const heading = byId('table-h', HTMLElement);
const place = byId('table', HTMLElement);

/** The table that is there, and what it shows. */
let shown: {
  readonly index: number;
  readonly cells: readonly (HTMLTableCellElement | undefined)[];
  text: string;
} | null = null;
let findingsShown = '';

const told = new Told<RunState>(
  show,
  'The run does not answer: its command has ended, or was interrupted. The console says how, and where the report is.',
);

const buttons = plan.tables.map(({ name }, index) => {
  const button = element('button', { type: 'button', 'aria-pressed': 'false' }, name, element('small', {}));
  button.addEventListener('click', () => told.look(index));
  return button;
});
byId('tables', HTMLElement).append(...buttons);
told.look(null);

function show(state: RunState): void {
  setText(doing, state.doing);
  const all = state.counts.reduce((sum, { cells }) => sum + cells, 0);
  const done = state.counts.reduce((sum, each) => sum + each.judged, 0);
  judged.max = all;
  judged.value = done;
  showFigures(state, done, all);
  for (const [index, counts] of state.counts.entries()) showCounts(index, counts, index === state.table);
  showTable(state.table, state.cells);
  showFindings(state.findings);
}

function showFigures({ figures: known, leftMs }: RunState, done: number, all: number): void {
  const entries: readonly (readonly [string, string])[] = [
    ['cells judged', `${number(done)} of ${number(all)}`],
    ['calls begun', known === null ? '–' : `${number(known.begun)} of ${number(known.total)}`],
    ['calls under way', known === null ? '–' : number(known.underWay)],
    ['rate', known === null ? '–' : known.perSecond === null ? 'as accounts are free' : `${number(known.perSecond)}/s`],
    ['lab late by', known === null ? '–' : `${number(known.lateMs)} ms`],
    ['left', leftMs === null ? '–' : `about ${number(Math.max(1, Math.ceil(leftMs / 1000)))} s`],
  ];
  if (figures.childElementCount === 0)
    figures.append(...entries.map(([name]) => element('div', {}, element('dt', {}, name), element('dd', {}))));
  const values = figures.querySelectorAll('dd');
  for (const [index, [, value]] of entries.entries()) setText(values[index], value);
}

function showCounts(index: number, { cells, judged: done, failed, inconclusive }: TableCounts, isShown: boolean): void {
  const button = buttons[index];
  button?.setAttribute('aria-pressed', String(isShown));
  const wrong = [
    failed > 0 ? `${number(failed)} failed` : '',
    inconclusive > 0 ? `${number(inconclusive)} inconclusive` : '',
  ];
  const text = [`${number(done)} of ${number(cells)}`, ...wrong.filter((each) => each !== '')].join(', ');
  setText(button?.querySelector('small'), text);
}

/** Touches only what has changed. */
function showTable(index: number, text: string): void {
  if (shown?.index !== index) shown = { index, cells: drawn(index, text), text: text.replaceAll(/[^.]/g, '-') };
  for (const [at, cell] of shown.cells.entries()) {
    const now = text[at] ?? '';
    if (cell === undefined || now === shown.text[at]) continue;
    const { classes, name, sign } = lookOf(now);
    cell.className = classes;
    cell.replaceChildren(element('span', { role: 'img', 'aria-label': name, title: name }, sign));
  }
  shown.text = text;
}

/** Of a cell that is called. */
function lookOf(code: string): { readonly classes: string; readonly name: string; readonly sign: string } {
  const judgedAs = plan.codes[code];
  if (judgedAs === undefined) return { classes: 'called', name: 'called, not judged yet', sign: '…' };
  const { verdict, outcome, sign } = judgedAs;
  return { classes: `${verdict} ${outcome}`, name: `${OUTCOME_WORDS[outcome]}, ${verdict}`, sign };
}

function drawn(index: number, text: string): (HTMLTableCellElement | undefined)[] {
  const { name, rows, columns } = plan.tables[index] ?? { name: '', rows: [], columns: [] };
  const cells = [...text].map((code) => (code === '.' ? undefined : element('td', { class: 'waits' })));
  const head = columns.map(({ id, title }) =>
    element('th', { scope: 'col', class: 's', title }, element('span', {}, id)),
  );
  const body = rows.map(({ id, title }, row) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row', title }, element('code', {}, id)),
      ...columns.map((_, column) => cells[row * columns.length + column] ?? element('td', { class: 'none' })),
    ),
  );
  heading.textContent = name;
  place.replaceChildren(
    element(
      'table',
      { class: 'matrix' },
      element('caption', {}, `${name}: header variants down, situations across`),
      element('thead', {}, element('tr', {}, element('td'), ...head)),
      element('tbody', {}, ...body),
    ),
  );
  return cells;
}

function showFindings(all: RunState['findings']): void {
  const text = JSON.stringify(all);
  if (text === findingsShown) return;
  findingsShown = text;
  const none = element('p', { class: 'quiet' }, 'No cell failed yet, and none was inconclusive.');
  const items = all.map(({ id, verdict, why }) =>
    element('li', {}, element('span', { class: `badge ${verdict}` }, verdict), ' ', element('code', {}, id), ` ${why}`),
  );
  findings.replaceChildren(items.length === 0 ? none : element('ul', { class: 'watch-findings' }, ...items));
}

function setText(found: Element | null | undefined, text: string): void {
  if (found && found.textContent !== text) found.textContent = text;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
