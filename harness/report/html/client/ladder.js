import { element } from './element.js';

/** From the caller's side to the far side, always in this order. */
export const ROLES = [
  'caller',
  'server',
  'phone',
  'simultaneous-ring',
  'team',
  'delegate',
  'forward-target',
  'voicemail',
];
const ROLE_HEADS = { 'simultaneous-ring': 'sim. ring', 'forward-target': 'forward', voicemail: 'voice mail' };

/** The endpoint that a feature diverts to. */
export const TRAP_OF_FEATURE = {
  voicemail: 'voicemail',
  forwarding: 'forward-target',
  'simultaneous-ring': 'simultaneous-ring',
  'team-ring': 'team',
  'delegate-ring': 'delegate',
};

/**
 * A call flow: a column per role, a line per message, the raw message on click.
 *
 * @param {{messages: object[], left: number, cell: object}} flow
 * @param {{roles: string[], trap: string | undefined, headerNames: string[]}} view
 */
export function ladder(flow, view) {
  const rows = [
    ...flow.messages.map((message) => ({ atMs: message.atMs, make: () => messageRow(message, view) })),
    ...flow.cell.observed.notifications.map((entry) => ({ atMs: entry.atMs, make: () => notificationRow(entry) })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const list = element('ol', {}, ...rows.map((row) => row.make()));
  if (flow.left > 0)
    list.append(element('li', { class: 'note' }, `and ${flow.left} more messages: ${flow.cell.trace}`));
  const made = element('div', { class: 'ladder' }, heads(view), list);
  made.style.setProperty('--n', String(view.roles.length));
  if (rows.length === 0) list.append(element('li', { class: 'note' }, 'No message on record.'));
  return made;
}

function heads({ roles, trap }) {
  const names = roles.map((role) =>
    element('span', { class: role === trap ? 'trap' : null }, ROLE_HEADS[role] ?? role),
  );
  return element(
    'div',
    { class: 'heads', 'aria-hidden': 'true' },
    element('span', { class: 'time' }, 'ms'),
    element('div', { class: 'lane' }, ...names),
  );
}

function messageRow(message, { roles, trap, headerNames }) {
  const from = roles.indexOf(message.from);
  const to = roles.indexOf(message.to);
  const label = labelOf(message);
  const at = String(Math.round(message.atMs));
  const arrow = element(
    'span',
    { class: `arrow ${to > from ? 'right' : 'left'}` },
    element('span', { class: 'label' }, label),
  );
  arrow.style.left = `${((Math.min(from, to) + 0.5) / roles.length) * 100}%`;
  arrow.style.width = `${(Math.abs(to - from) / roles.length) * 100}%`;
  const raw = element('pre', { class: 'raw', hidden: true, tabindex: '0', 'aria-label': `${label}, as on the wire` });
  const button = element(
    'button',
    {
      type: 'button',
      class: kindOf(message),
      'aria-expanded': 'false',
      'aria-label': `${at} ms: ${label}, ${message.from} to ${message.to}`,
    },
    element('span', { class: 'time' }, at),
    element('span', { class: 'lane' }, arrow),
  );
  button.addEventListener('click', () => {
    if (raw.childNodes.length === 0) raw.append(...rawLines(message.raw, headerNames));
    raw.hidden = !raw.hidden;
    button.setAttribute('aria-expanded', String(!raw.hidden));
  });
  return element('li', { class: message.from === trap || message.to === trap ? 'at-trap' : null }, button, raw);
}

function notificationRow({ kind, by, atMs }) {
  return element(
    'li',
    { class: 'note' },
    element('span', { class: 'time' }, String(Math.round(atMs))),
    `${kind.replace('-', ' ')} in the mailbox, made by ${by === 'server' ? 'the server' : 'voice mail'}`,
  );
}

/** `INVITE`, `180 Ringing`, `200 OK (BYE)`. */
function labelOf({ startLine, cseq }) {
  const response = /^SIP\/2\.0 (.*)$/.exec(startLine);
  if (response === null) return short(startLine.split(' ')[0]);
  const method = cseq.split(' ')[1] ?? '';
  const text = short(response[1]);
  return method === 'INVITE' || method === '' ? text : `${text} (${method})`;
}

/** As much as fits between two columns; the message itself is one click away. */
function short(text) {
  return text.length > 24 ? `${text.slice(0, 23).trimEnd()}…` : text;
}

function kindOf({ startLine }) {
  const response = /^SIP\/2\.0 (\d)/.exec(startLine);
  if (response === null) return 'request';
  return response[1] === '1' ? 'provisional' : response[1] === '2' ? 'success' : 'refusal';
}

/** The message with the variant's header fields marked, continuation lines included. */
function rawLines(raw, headerNames) {
  let marked = false;
  return raw.split('\n').map((line) => {
    const name = /^([^\s:]+)\s*:/.exec(line)?.[1];
    if (!/^\s/.test(line) || line.trim() === '')
      marked = name !== undefined && headerNames.includes(name.toLowerCase());
    return marked ? element('mark', {}, `${line}\n`) : `${line}\n`;
  });
}
