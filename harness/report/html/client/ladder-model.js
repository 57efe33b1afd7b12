// @ts-check
import { firstDeviation, isWrongFinal, reachesTrap, TRAP_OF_FEATURE } from './deviation.js';
import { commonAxis } from './ladder-axis.js';
import { filedOf, ghostsOf, proofNotes, timerNotes, timersOf } from './ladder-extras.js';
import { labelOf, methodOf, repeated, sortOf, statusOf, toneOf } from './message-kind.js';

/** From the caller's side to the far side, always in this order. */
const ROLES = [
  'caller',
  'b2bua',
  'server',
  'phone',
  'simultaneous-ring',
  'team',
  'delegate',
  'forward-target',
  'voicemail',
  'notifications',
];
const LANE_NAMES = {
  'simultaneous-ring': 'sim. ring',
  'forward-target': 'forward',
  voicemail: 'voice mail',
  notifications: 'notified',
};

/**
 * @typedef {import('./message-kind.js').Message} Message
 * @typedef {import('./ladder-extras.js').Flow} Flow
 * @typedef {import('./ladder-extras.js').Ghost} Ghost
 * @typedef {import('./ladder-extras.js').Filed} Filed
 * @typedef {import('./ladder-extras.js').Note} Note
 * @typedef {{
 *   type: 'message', atMs: number, sort: string, index: number, from: string, to: string, label: string, tone: string,
 *   repeats: number, cancel: boolean, atTrap: boolean, wrong: boolean, text: string | null, twin: number | null
 * }} MessageRow `index` and `repeats` (-1: none) count the call's messages, `twin` those of the other call. `text` says what is remarkable.
 * @typedef {MessageRow | Ghost | Filed | Note} Row
 * @typedef {{ role: string, state: 'rings' | 'talks' | 'waits', first: number, last: number, text: string }} Bar Slots that it covers.
 * @typedef {{ rows: readonly (Row | null)[], bars: readonly Bar[] }} Side A row, or nothing, per slot.
 * @typedef {{ role: string, name: string, trap: boolean }} Lane
 * @typedef {{
 *   lanes: readonly Lane[], slots: readonly { atMs: number, idleBeforeMs: number | null }[], own: Side, control: Side | null
 * }} Ladder
 */

/**
 * A call beside its control, laid out: lanes by role, one time axis (slots) for both, and what each slot shows on either
 * side. Pure; drawn as a page, as SVG and as text.
 *
 * @param {Flow} flow
 * @param {Flow | null} control null: the call is a control itself, or its control is not on record.
 * @param {string} name What the other call is called.
 * @returns {Ladder}
 */
export function ladderOf(flow, control, name = 'the control') {
  const own = sideRows(flow, control, name);
  const twin = control === null ? null : sideRows(control, null, name);
  if (twin !== null && control !== null) linkTwins(own, twin, flow.messages, control.messages);
  const slots = commonAxis(own, twin ?? []);
  return {
    lanes: lanesOf(flow.cell.feature, [...own, ...(twin ?? [])]),
    slots: slots.map(({ atMs, idleBeforeMs }) => ({ atMs, idleBeforeMs })),
    own: sideOf(
      flow,
      own,
      slots.map((slot) => slot.own),
    ),
    control:
      twin === null || control === null
        ? null
        : sideOf(
            control,
            twin,
            slots.map((slot) => slot.twin),
          ),
  };
}

/** @param {Flow} flow @param {Flow | null} control @param {string} name @returns {Row[]} in order of time */
function sideRows(flow, control, name) {
  const { cell, messages } = flow;
  const deviation = firstDeviation(cell, messages, control?.messages ?? null);
  const rows = messages.map((message, index) => messageRow(flow, message, index));
  for (const row of rows) {
    if (deviation === null || messages[row.index] !== deviation.message) continue;
    row.text = [cell.verdict === 'fail' ? 'first deviation' : `first difference from ${name}`, row.text]
      .filter((part) => part !== null)
      .join(': ');
  }
  const ghosts = ghostsOf(flow, control, name);
  if (deviation?.kind === 'missing' && messages.length > 0)
    markMissing(ghosts, deviation.message, cell.verdict === 'fail', name);
  const others = [...ghosts, ...filedOf(cell), ...proofNotes(cell), ...timerNotes(timersOf(cell))];
  return /** @type {Row[]} */ ([...rows, ...others]).toSorted((a, b) => a.atMs - b.atMs);
}

/** The first thing that the control had and this call did not: its ghost says so, or gets one. @param {Ghost[]} ghosts @param {Message} message @param {boolean} failed @param {string} name */
function markMissing(ghosts, message, failed, name) {
  const say = failed ? 'first deviation' : `first difference from ${name}`;
  const known = ghosts.find((ghost) => ghost.sort === sortOf(message));
  if (known !== undefined) {
    known.text = `${say}: ${known.text}`;
    return;
  }
  const label = labelOf(message);
  const text = `${say}: here ${name} has ${label} from ${message.from} to ${message.to}`;
  const { atMs, from, to } = message;
  ghosts.push({ type: 'ghost', atMs, sort: sortOf(message), from, to, label, text, wrong: false });
}

/** @param {Flow} flow @param {Message} message @param {number} index @returns {MessageRow} */
function messageRow({ cell, messages }, message, index) {
  const { feature, expected } = cell;
  const repeats = repeated(messages, index);
  const atTrap = reachesTrap(feature, message);
  const forbidden = atTrap && expected.outcome === 'suppressed';
  const wrongFinal = isWrongFinal(message, expected.statuses);
  const remarks = [
    forbidden ? 'must not come' : null,
    wrongFinal ? `not ${expected.statuses.join(' or ')}` : null,
    repeats < 0 ? null : 'sent again',
  ].filter((part) => part !== null);
  return {
    type: 'message',
    atMs: message.atMs,
    sort: sortOf(message),
    index,
    from: message.from,
    to: message.to,
    label: labelOf(message),
    tone: toneOf(message),
    repeats,
    cancel: methodOf(message) === 'CANCEL' && statusOf(message) === null,
    atTrap,
    wrong: forbidden || wrongFinal,
    text: remarks.length === 0 ? null : remarks.join(', '),
    twin: null,
  };
}

/** The n-th message of a sort belongs to the other call's n-th; repetitions do not count. @param {Row[]} own @param {Row[]} twin @param {readonly Message[]} messages @param {readonly Message[]} twinMessages */
function linkTwins(own, twin, messages, twinMessages) {
  const others = originals(twin);
  for (const [sort, rows] of originals(own)) {
    for (const [index, row] of rows.entries()) {
      const other = others.get(sort)?.[index];
      if (other === undefined || messages[row.index] === undefined || twinMessages[other.index] === undefined) continue;
      row.twin = other.index;
      other.twin = row.index;
    }
  }
}

/** @param {Row[]} rows @returns {Map<string, MessageRow[]>} */
function originals(rows) {
  /** @type {MessageRow[]} */
  const messages = rows.filter((row) => row.type === 'message');
  return Map.groupBy(
    messages.filter((row) => row.repeats < 0),
    (row) => row.sort,
  );
}

/** @param {string} feature @param {readonly Row[]} rows @returns {Lane[]} */
function lanesOf(feature, rows) {
  const seen = new Set(rows.flatMap((row) => ('from' in row ? [row.from, row.to] : [])));
  const trap =
    feature === 'missed-call-notification'
      ? 'notifications'
      : TRAP_OF_FEATURE[/** @type {keyof typeof TRAP_OF_FEATURE} */ (feature)];
  const unknown = [...seen].filter((role) => !ROLES.includes(role));
  return [...ROLES.filter((role) => seen.has(role)), ...unknown].map((role) => ({
    role,
    name: LANE_NAMES[/** @type {keyof typeof LANE_NAMES} */ (role)] ?? role,
    trap: role === trap,
  }));
}

/** @param {Flow} flow @param {readonly Row[]} rows @param {readonly (number | null)[]} rowOfSlot @returns {Side} */
function sideOf(flow, rows, rowOfSlot) {
  const placed = rowOfSlot.map((index) => (index === null ? null : (rows[index] ?? null)));
  return { rows: placed, bars: barsOf(flow, placed) };
}

/** When a phone rings, when it talks, and which wait of the server runs. @param {Flow} flow @param {readonly (Row | null)[]} placed @returns {Bar[]} */
function barsOf({ cell, messages }, placed) {
  const span = (/** @type {number} */ fromMs, /** @type {number} */ toMs) => ({
    first: placed.findIndex((row) => row !== null && row.atMs >= fromMs),
    last: placed.findLastIndex((row) => row !== null && row.atMs <= toMs),
  });
  const legs = cell.observed.legs.flatMap((/** @type {any} */ { role, callId, startMs, endMs, rang, answered }) => {
    const answer = messages.find(
      (message) =>
        answered &&
        message.from === role &&
        message.callId === callId &&
        methodOf(message) === 'INVITE' &&
        toneOf(message) === 'success',
    );
    const overMs = endMs ?? messages.at(-1)?.atMs ?? startMs;
    const upMs = answer?.atMs ?? overMs;
    return [
      rang
        ? { role, state: 'rings', ...span(startMs, upMs), text: `rings for ${Math.round(upMs - startMs)} ms` }
        : null,
      answer === undefined
        ? null
        : { role, state: 'talks', ...span(upMs, overMs), text: `talks for ${Math.round(overMs - upMs)} ms` },
    ];
  });
  const waits = timersOf(cell).map(({ name, ms, fromMs, toMs }) => ({
    role: 'server',
    state: 'waits',
    ...span(fromMs, toMs),
    text: `${name}: ${ms} ms`,
  }));
  return [...legs, ...waits].filter((bar) => bar !== null && bar.first >= 0 && bar.last >= bar.first);
}
