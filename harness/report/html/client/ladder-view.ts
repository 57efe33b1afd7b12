import type { Message } from '../../../ladder/message.ts';
import type { Bar, Filed, Flow, Ghost, Ladder, Lane, MessageRow, ProofRow, Row } from '../../../ladder/rows.ts';
import { element } from './element.ts';
import { messageView } from './message-view.ts';

/** A call as the page has it. */
export interface ShownFlow extends Flow {
  /** Messages that are on record, and not in the page. */
  readonly left: number;
  /** Where the record is. */
  readonly trace: string;
}

export interface LadderOptions {
  /** Of the variant, in lower case. */
  readonly headerNames: readonly string[];
  /** Of the other call; null where there is none. */
  readonly twinMessages: readonly Message[] | null;
}

/**
 * One side of a ladder as part of the page: a column per role, a line per slot. Both sides of a ladder have the same
 * slots; the style sheet lays them on common lines, so what stands side by side happened at the same time.
 */
export function ladderView(
  model: Ladder,
  name: 'own' | 'control',
  flow: ShownFlow,
  options: LadderOptions,
): HTMLElement {
  const side = model[name] ?? { rows: [], bars: [] };
  const slots = side.rows.map((row, slot) => {
    const idleBeforeMs = model.slots[slot]?.idleBeforeMs ?? null;
    return element(
      'li',
      { class: `slot ${row === null ? 'empty' : `${row.type} ${classOf(row)}`}`.trimEnd() },
      rails(model.lanes, side.bars, slot),
      idleBeforeMs === null
        ? null
        : element('span', { class: 'pause' }, `⋮ ${Math.round(idleBeforeMs).toLocaleString('en-US')} ms nothing`),
      ...(row === null ? [] : rowContent(row, model.lanes, flow, options)),
    );
  });
  const none = element('li', { class: 'rest' }, 'No message on record.');
  const list = element('ol', {}, ...(flow.messages.length === 0 ? [none] : slots));
  if (flow.left > 0) list.append(element('li', { class: 'rest' }, `and ${flow.left} more messages: ${flow.trace}`));
  const made = element('div', { class: 'ladder', 'data-side': name }, heads(model.lanes), list);
  made.style.setProperty('--n', String(model.lanes.length));
  return made;
}

function heads(lanes: readonly Lane[]): HTMLElement {
  const names = lanes.map((lane) =>
    element('span', { class: lane.trap ? 'trap' : null, title: lane.trap ? 'proves the feature' : null }, lane.name),
  );
  return element(
    'div',
    { class: 'heads', 'aria-hidden': 'true' },
    element('span', { class: 'time' }, 'ms'),
    element('div', { class: 'lane' }, ...names),
  );
}

function classOf(row: Row): string {
  const isMessage = row.type === 'message';
  const words = [
    row.wrong ? 'wrong' : '',
    row.type === 'proof' ? row.kind : '',
    isMessage && row.cancel ? 'cancel' : '',
    isMessage && row.atTrap ? 'at-trap' : '',
    isMessage && row.repeats >= 0 ? 'again' : '',
    row.text?.startsWith('first ') ? 'first-difference' : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** Lifelines, and on them who rings, who talks, what the server waits for. */
function rails(lanes: readonly Lane[], bars: readonly Bar[], slot: number): HTMLElement {
  const made = element('span', { class: 'rails', 'aria-hidden': 'true' });
  for (const { role, state, first, last, text } of bars) {
    if (slot < first || slot > last) continue;
    const ends = `${slot === first ? ' begins' : ''}${slot === last ? ' ends' : ''}`;
    const bar = element('i', { class: `${state}${ends}`, title: text });
    bar.style.left = `${(lanes.findIndex((lane) => lane.role === role) + 0.5) * (100 / lanes.length)}%`;
    made.append(bar);
  }
  return made;
}

function rowContent(row: Row, lanes: readonly Lane[], flow: ShownFlow, options: LadderOptions): HTMLElement[] {
  switch (row.type) {
    case 'message':
      return messageContent(row, lanes, flow, options);
    case 'ghost':
      return [line(row, element('span', { class: 'lane' }, arrow(row, lanes, 'absent')), remark(row))];
    case 'note':
      return [filedLine(row, lanes)];
    case 'proof':
      return [
        line(row, element('span', { class: 'remark' }, `${row.wrong ? '✕' : PROOF_SIGNS[row.kind]} ${row.text}`)),
      ];
  }
}

function messageContent(
  row: MessageRow,
  lanes: readonly Lane[],
  flow: ShownFlow,
  { headerNames, twinMessages }: LadderOptions,
): HTMLElement[] {
  const message = flow.messages[row.index];
  if (message === undefined)
    throw new Error(`This call has no message ${row.index}, but its ladder has a line for it.`);
  const twin = row.twin === null ? null : (twinMessages?.[row.twin] ?? null);
  const button = element(
    'button',
    {
      type: 'button',
      class: row.tone,
      'aria-expanded': 'false',
      'aria-label': `${time(row)} ms: ${row.label}, ${row.from} to ${row.to}${row.text === null ? '' : `, ${row.text}`}`,
      'data-index': String(row.index),
      'data-twin': row.twin === null ? null : String(row.twin),
    },
    element('span', { class: 'time' }, time(row)),
    element('span', { class: 'lane' }, arrow(row, lanes)),
    remark(row),
  );
  const box = element('div', { class: 'box', hidden: true });
  button.addEventListener('toggle-message', (event) => {
    const open = event instanceof CustomEvent && event.detail === true;
    if (open && box.childNodes.length === 0) box.append(...messageView(message, twin, row.label, headerNames));
    box.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  });
  return [button, box];
}

function filedLine(row: Filed, lanes: readonly Lane[]): HTMLElement {
  return line(
    row,
    element('span', { class: 'lane', 'aria-hidden': 'true' }, arrow({ ...row, label: '' }, lanes)),
    element('span', { class: 'remark' }, `${row.wrong ? '✕ must not come: ' : ''}${row.text}`),
  );
}

const PROOF_SIGNS: Readonly<Record<ProofRow['kind'], string>> = {
  canary: '◆',
  window: '▁',
  timer: '◷',
  arrival: '✉',
};

function line(row: Row, ...content: readonly (HTMLElement | null)[]): HTMLElement {
  return element('div', { class: 'line' }, element('span', { class: 'time' }, time(row)), ...content);
}

function time({ atMs }: Row): string {
  return String(Math.round(atMs));
}

function remark(row: MessageRow | Ghost): HTMLElement | null {
  if (row.text === null) return null;
  const again = row.type === 'message' && row.repeats >= 0;
  return element('span', { class: 'remark' }, `${row.wrong ? '✕ ' : again ? '↻ ' : ''}${row.text}`);
}

function arrow(
  { from, to, label }: MessageRow | Ghost | Filed,
  lanes: readonly Lane[],
  labelClass = 'label',
): HTMLElement {
  const laneOf = (role: string): number => lanes.findIndex((lane) => lane.role === role);
  const [start, end] = [laneOf(from), laneOf(to)];
  const made = element(
    'span',
    { class: `arrow ${end > start ? 'right' : 'left'}` },
    label === '' ? null : element('span', { class: labelClass }, label),
  );
  made.style.left = `${((Math.min(start, end) + 0.5) / lanes.length) * 100}%`;
  made.style.width = `${(Math.abs(end - start) / lanes.length) * 100}%`;
  return made;
}
