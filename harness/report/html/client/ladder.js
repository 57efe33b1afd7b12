import { element } from './element.js';
import { messageView } from './message-view.js';

/**
 * One side of a ladder as part of the page: a column per role, a line per slot. Both sides of a ladder have the same
 * slots; the style sheet lays them on common lines, so what stands side by side happened at the same time.
 *
 * @param {object} model as `ladderOf()` makes it
 * @param {'own' | 'control'} name
 * @param {{messages: object[], left: number, cell: object}} flow
 * @param {{headerNames: string[], twinMessages: object[] | null}} view
 */
export function ladder(model, name, flow, view) {
  const side = model[name];
  const slots = side.rows.map((row, slot) => slotItem(model, side, row, slot, flow, view));
  const none = element('li', { class: 'rest' }, 'No message on record.');
  const list = element('ol', {}, ...(flow.messages.length === 0 ? [none] : slots));
  if (flow.left > 0)
    list.append(element('li', { class: 'rest' }, `and ${flow.left} more messages: ${flow.cell.trace}`));
  const made = element('div', { class: 'ladder', 'data-side': name }, heads(model.lanes), list);
  made.style.setProperty('--n', String(model.lanes.length));
  return made;
}

function heads(lanes) {
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

function slotItem({ lanes, slots }, side, row, slot, flow, view) {
  const { idleBeforeMs } = slots[slot];
  const pause =
    idleBeforeMs === null
      ? null
      : element('span', { class: 'pause' }, `⋮ ${Math.round(idleBeforeMs).toLocaleString('en-US')} ms nothing`);
  const content = row === null ? [] : ROW_CONTENT[row.type](row, lanes, flow, view);
  return element(
    'li',
    { class: `slot ${row === null ? 'empty' : `${row.type} ${classOf(row)}`}`.trimEnd() },
    rails(lanes, side.bars, slot),
    pause,
    ...content,
  );
}

function classOf(row) {
  const words = [
    row.wrong ? 'wrong' : '',
    row.type === 'proof' ? row.kind : '',
    row.cancel ? 'cancel' : '',
    row.atTrap ? 'at-trap' : '',
    row.repeats >= 0 ? 'again' : '',
    row.text?.startsWith('first ') ? 'first-difference' : '',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** Lifelines, and on them who rings, who talks, what the server waits for. */
function rails(lanes, bars, slot) {
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

const ROW_CONTENT = { message: messageContent, ghost: ghostContent, note: filedContent, proof: proofContent };

function messageContent(row, lanes, flow, { headerNames, twinMessages }) {
  const message = flow.messages[row.index];
  const twin = row.twin === null ? null : (twinMessages?.[row.twin] ?? null);
  const at = String(Math.round(row.atMs));
  const remark = row.text === null ? '' : `, ${row.text}`;
  const button = element(
    'button',
    {
      type: 'button',
      class: row.tone,
      'aria-expanded': 'false',
      'aria-label': `${at} ms: ${row.label}, ${row.from} to ${row.to}${remark}`,
      'data-index': String(row.index),
      'data-twin': row.twin === null ? null : String(row.twin),
    },
    element('span', { class: 'time' }, at),
    element('span', { class: 'lane' }, arrow(row, lanes)),
    remarkOf(row),
  );
  const box = element('div', { class: 'box', hidden: true });
  button.addEventListener('toggle-message', ({ detail: open }) => {
    if (open && box.childNodes.length === 0) box.append(...messageView(message, twin, row.label, headerNames));
    box.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
  });
  return [button, box];
}

function ghostContent(row, lanes) {
  return [
    element(
      'div',
      { class: 'line' },
      element('span', { class: 'time' }, String(Math.round(row.atMs))),
      element('span', { class: 'lane' }, arrow(row, lanes, 'absent')),
      remarkOf(row),
    ),
  ];
}

function filedContent(row, lanes) {
  return [
    element(
      'div',
      { class: 'line' },
      element('span', { class: 'time' }, String(Math.round(row.atMs))),
      element('span', { class: 'lane', 'aria-hidden': 'true' }, arrow({ ...row, label: '' }, lanes)),
      element('span', { class: 'remark' }, `${row.wrong ? '✕ must not come: ' : ''}${row.text}`),
    ),
  ];
}

const PROOF_SIGNS = { canary: '◆', window: '▁', timer: '◷' };

function proofContent({ atMs, kind, text, wrong }) {
  return [
    element(
      'div',
      { class: 'line' },
      element('span', { class: 'time' }, String(Math.round(atMs))),
      element('span', { class: 'remark' }, `${wrong ? '✕' : PROOF_SIGNS[kind]} ${text}`),
    ),
  ];
}

function remarkOf({ text, wrong, repeats }) {
  if (text === null) return null;
  const sign = wrong ? '✕ ' : repeats >= 0 ? '↻ ' : '';
  return element('span', { class: 'remark' }, `${sign}${text}`);
}

function arrow({ from, to, label }, lanes, labelClass = 'label') {
  const [start, end] = [from, to].map((role) => lanes.findIndex((lane) => lane.role === role));
  const made = element(
    'span',
    { class: `arrow ${end > start ? 'right' : 'left'}` },
    label === '' ? null : element('span', { class: labelClass }, label),
  );
  made.style.left = `${((Math.min(start, end) + 0.5) / lanes.length) * 100}%`;
  made.style.width = `${(Math.abs(end - start) / lanes.length) * 100}%`;
  return made;
}
