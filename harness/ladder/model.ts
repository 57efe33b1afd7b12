import { fieldChanges } from '../model/header-lines.ts';
import type { Leg } from '../model/observation.ts';
import type { Trap } from '../model/scenario.ts';
import { LEG_ROLES } from '../model/words.ts';
import { commonAxis } from './axis.ts';
import { type Deviation, firstDeviation, isWrongFinal, reachesTrap } from './deviation.ts';
import { arrivalRows, filedOf, ghostsOf, proofRows, timerRows, timersOf } from './extras.ts';
import {
  isChallenge,
  isInviteRequest,
  labelOf,
  type Message,
  methodOf,
  repeated,
  sortOf,
  statusOf,
  toneOf,
} from './message.ts';
import type { Bar, Flow, Ghost, Ladder, Lane, MessageRow, Row, Side } from './rows.ts';
import { trapOf } from './traps.ts';

/** From the caller's side to the far side, always in this order. */
const LANES: readonly string[] = ['caller', 'b2bua', 'server', ...LEG_ROLES, 'notifications'];
const LANE_NAMES: Readonly<Record<string, string>> = {
  b2bua: 'B2BUA',
  'simultaneous-ring': 'sim. ring',
  'forward-target': 'forward',
  voicemail: 'voice mail',
  notifications: 'notified',
};

/**
 * A call beside its control, laid out: lanes by role, one time axis (slots) for both, and what each slot shows on either
 * side. Drawn as a page, as SVG and as text.
 *
 * @param control null: the call is a control itself, or its control is not on record.
 * @param name What the other call is called.
 */
export function ladderOf(flow: Flow, control: Flow | null, name = 'the control'): Ladder {
  const own = sideRows(flow, control, name);
  const twin = control === null ? [] : sideRows(control, null, name);
  const slots = commonAxis(own, twin);
  return {
    lanes: lanesOf(trapOf(flow.cell), [...own, ...twin]),
    slots: slots.map(({ atMs, idleBeforeMs }) => ({ atMs, idleBeforeMs })),
    own: sideOf(
      flow,
      withTwins(own, twin),
      slots.map((slot) => slot.own),
    ),
    control:
      control === null
        ? null
        : sideOf(
            control,
            withTwins(twin, own),
            slots.map((slot) => slot.twin),
          ),
  };
}

/** In order of time. */
function sideRows(flow: Flow, control: Flow | null, name: string): Row[] {
  const { cell, messages } = flow;
  const deviation = firstDeviation(cell, messages, control?.messages ?? null);
  const first = cell.verdict === 'fail' ? 'first deviation' : `first difference from ${name}`;
  const rows: Row[] = [
    ...messages.map((message, index) =>
      messageRow(flow, message, index, message === deviation?.message ? first : null),
    ),
    ...withMissing(ghostsOf(flow, control, name), messages.length === 0 ? null : deviation, first, name),
    ...filedOf(cell),
    ...arrivalRows(cell),
    ...proofRows(cell),
    ...timerRows(timersOf(cell)),
  ];
  return rows.toSorted((a, b) => a.atMs - b.atMs);
}

/** The first thing that the control had and this call did not: its ghost says so, or gets one. */
function withMissing(ghosts: readonly Ghost[], deviation: Deviation | null, first: string, name: string): Ghost[] {
  if (deviation?.kind !== 'missing') return [...ghosts];
  const { message } = deviation;
  const sort = sortOf(message);
  const known = ghosts.find((ghost) => ghost.sort === sort);
  if (known !== undefined) {
    return ghosts.map((ghost) => (ghost === known ? { ...known, text: `${first}: ${known.text}` } : ghost));
  }
  const { atMs, from, to } = message;
  const label = labelOf(message);
  const text = `${first}: here ${name} has ${label} from ${from} to ${to}`;
  return [...ghosts, { type: 'ghost', atMs, sort, from, to, label, text, wrong: false }];
}

/** @param first What it is, when it is the first to differ. */
function messageRow({ cell, messages }: Flow, message: Message, index: number, first: string | null): MessageRow {
  const { expected } = cell;
  const repeats = repeated(messages, index);
  const atTrap = reachesTrap(trapOf(cell), message);
  const forbidden = atTrap && expected.outcome === 'suppressed';
  const wrongFinal = isWrongFinal(messages, message, expected.statuses);
  const challenge = isChallenge(messages, message);
  const remarks = [
    forbidden ? 'must not come' : null,
    wrongFinal ? `not ${expected.statuses.join(' or ')}` : null,
    challenge ? 'asks who calls' : null,
    changedHere(cell, message),
    repeats < 0 ? null : 'sent again',
  ].filter((part) => part !== null);
  const said = [first, remarks.length === 0 ? null : remarks.join(', ')].filter((part) => part !== null);
  return {
    type: 'message',
    atMs: message.atMs,
    sort: sortOf(message),
    index,
    from: message.from,
    to: message.to,
    label: labelOf(message),
    tone: challenge ? 'provisional' : toneOf(message),
    repeats,
    cancel: methodOf(message) === 'CANCEL' && statusOf(message) === null,
    atTrap,
    wrong: forbidden || wrongFinal,
    text: said.length === 0 ? null : said.join(': '),
    twin: null,
  };
}

/** The hop at which a header was lost, or put in. */
function changedHere({ proof }: Flow['cell'], message: Message): string | null {
  if (proof?.b2bua === undefined || message.from !== 'b2bua' || !isInviteRequest(message)) return null;
  const { lost, added } = fieldChanges(proof.b2bua.got, proof.b2bua.sent);
  const parts = [
    ...(lost.length > 0 ? [`lost here: ${lost.join(', ')}`] : []),
    ...(added.length > 0 ? [`put in here: ${added.join(', ')}`] : []),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

/** The n-th message of a sort belongs to the other call's n-th; repetitions do not count. */
function withTwins(rows: readonly Row[], others: readonly Row[]): Row[] {
  const twins = new Map<Row, number>();
  const othersOf = originals(others);
  for (const [sort, own] of originals(rows)) {
    for (const [nth, row] of own.entries()) {
      const other = othersOf.get(sort)?.[nth];
      if (other !== undefined) twins.set(row, other.index);
    }
  }
  return rows.map((row) => (row.type === 'message' ? { ...row, twin: twins.get(row) ?? null } : row));
}

function originals(rows: readonly Row[]): Map<string, MessageRow[]> {
  const messages = rows.filter((row) => row.type === 'message').filter((row) => row.repeats < 0);
  return Map.groupBy(messages, (row) => row.sort);
}

function lanesOf(trap: Trap, rows: readonly Row[]): Lane[] {
  const seen = new Set(rows.flatMap((row) => ('from' in row ? [row.from, row.to] : [])));
  const lane = trap === 'missed-call-inbox' ? 'notifications' : trap;
  const unknown = [...seen].filter((role) => !LANES.includes(role));
  return [...LANES.filter((role) => seen.has(role)), ...unknown].map((role) => ({
    role,
    name: LANE_NAMES[role] ?? role,
    trap: role === lane,
  }));
}

function sideOf(flow: Flow, rows: readonly Row[], rowOfSlot: readonly (number | null)[]): Side {
  const placed = rowOfSlot.map((index) => (index === null ? null : (rows[index] ?? null)));
  return { rows: placed, bars: barsOf(flow, placed) };
}

/** When a phone rings, when it talks, and which wait of the server runs. */
function barsOf({ cell, messages }: Flow, placed: readonly (Row | null)[]): Bar[] {
  const bar = (role: string, state: Bar['state'], fromMs: number, toMs: number, text: string): Bar => ({
    role,
    state,
    first: placed.findIndex((row) => row !== null && row.atMs >= fromMs),
    last: placed.findLastIndex((row) => row !== null && row.atMs <= toMs),
    text,
  });
  const legs = cell.observed.legs.flatMap((leg) => {
    const { role, startMs, endMs, rang } = leg;
    const answer = answerOf(leg, messages);
    const overMs = endMs ?? messages.at(-1)?.atMs ?? startMs;
    const upMs = answer?.atMs ?? overMs;
    return [
      ...(rang ? [bar(role, 'rings', startMs, upMs, `rings for ${Math.round(upMs - startMs)} ms`)] : []),
      ...(answer === null ? [] : [bar(role, 'talks', upMs, overMs, `talks for ${Math.round(overMs - upMs)} ms`)]),
    ];
  });
  const waits = timersOf(cell).map(({ name, ms, fromMs, toMs }) =>
    bar('server', 'waits', fromMs, toMs, `${name}: ${ms} ms`),
  );
  return [...legs, ...waits].filter(({ first, last }) => first >= 0 && last >= first);
}

/** The 2xx with which a leg was answered. */
function answerOf({ role, callId, answered }: Leg, messages: readonly Message[]): Message | null {
  if (!answered) return null;
  const ofLeg = messages.filter((message) => message.from === role && message.callId === callId);
  return ofLeg.find((message) => methodOf(message) === 'INVITE' && toneOf(message) === 'success') ?? null;
}
