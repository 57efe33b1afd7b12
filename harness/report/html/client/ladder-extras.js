// @ts-check
import { isWrongFinal, reachesTrap, TRAP_OF_FEATURE } from './deviation.js';
import { isInviteRequest, labelOf, methodOf, statusOf } from './message-kind.js';

/**
 * What a ladder shows beside the messages themselves: those that did not come, what ended in a mailbox, and what makes
 * the absence of a message believable.
 *
 * @typedef {import('./message-kind.js').Message} Message
 * @typedef {{ cell: any, messages: readonly Message[] }} Flow
 * @typedef {{ type: 'ghost', atMs: number, sort: string, from: string, to: string, label: string, text: string, wrong: boolean }} Ghost
 * @typedef {{ type: 'note', atMs: number, sort: string, from: string, to: string, label: string, text: string, wrong: boolean }} Filed
 * @typedef {{ type: 'proof', kind: 'canary' | 'window' | 'timer', atMs: number, sort: string, text: string, wrong: boolean }} Note
 * @typedef {{ name: string, ms: number, fromMs: number, toMs: number }} Timer
 */

export const TRAP_NAMES = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};

/** @param {Flow} flow @param {Flow | null} control @param {string} name What the other call is called. @returns {Ghost[]} */
export function ghostsOf(flow, control, name) {
  const { cell, messages } = flow;
  if (messages.length === 0) return [];
  return [trapGhost(flow, control, name), calleeGhost(flow, control), finalGhost(cell, messages)].filter(
    (ghost) => ghost !== null,
  );
}

/** The INVITE that would have reached the trap, at the time the control's did. @param {Flow} flow @param {Flow | null} control @param {string} name @returns {Ghost | null} */
function trapGhost({ cell, messages }, control, name) {
  const { feature, expected } = cell;
  if (messages.some((message) => reachesTrap(feature, message))) return null;
  const model = control?.messages.find((message) => reachesTrap(feature, message));
  const demanded = expected.outcome === 'engaged';
  if (model === undefined && !demanded) return null;
  const to = TRAP_OF_FEATURE[/** @type {keyof typeof TRAP_OF_FEATURE} */ (feature)] ?? 'voicemail';
  const label =
    model === undefined ? (feature === 'missed-call-notification' ? 'notification' : 'INVITE') : labelOf(model);
  const goal = `${label} to ${TRAP_NAMES[/** @type {keyof typeof TRAP_NAMES} */ (to)]}`;
  const text = demanded ? `${goal} was to come, and did not` : `here ${name} has ${goal}; this call has none`;
  const end = messages.find((message) => message.to === 'caller' && (statusOf(message) ?? 0) >= 200);
  return {
    type: 'ghost',
    atMs: model?.atMs ?? end?.atMs ?? messages.at(-1)?.atMs ?? 0,
    sort: `server>${to}  ${model === undefined ? 'INVITE' : methodOf(model)}`,
    from: 'server',
    to,
    label,
    text,
    wrong: demanded,
  };
}

/** Over-blocking: the callee's own phone was to ring. @param {Flow} flow @param {Flow | null} control @returns {Ghost | null} */
function calleeGhost({ cell, messages }, control) {
  const demanded = cell.expected.callee === 'rings' || cell.expected.callee === 'answers';
  const rang = messages.some((message) => message.to === 'phone' && isInviteRequest(message));
  const model = control?.messages.find((message) => message.to === 'phone' && isInviteRequest(message));
  if (!demanded || rang || model === undefined) return null;
  const text = "INVITE to the callee's own phone was to come, and did not";
  return {
    type: 'ghost',
    atMs: model.atMs,
    sort: 'server>phone  INVITE',
    from: 'server',
    to: 'phone',
    label: 'INVITE',
    text,
    wrong: true,
  };
}

/** @param {any} cell @param {readonly Message[]} messages @returns {Ghost | null} */
function finalGhost({ expected }, messages) {
  const final = messages.find((message) => isWrongFinal(message, expected.statuses));
  if (final === undefined) return null;
  const label = expected.statuses.join(' or ');
  const text = `${label} was to come, not ${statusOf(final)}`;
  return {
    type: 'ghost',
    atMs: final.atMs,
    sort: 'ghost final',
    from: 'server',
    to: 'caller',
    label,
    text,
    wrong: true,
  };
}

/** What was filed in the callee's mailbox. @param {any} cell @returns {Filed[]} */
export function filedOf({ feature, expected, observed }) {
  return observed.notifications.map((/** @type {any} */ { kind, by, atMs }) => {
    const what = kind.replace('-', ' ');
    return {
      type: 'note',
      atMs,
      sort: `filed ${kind} ${by}`,
      from: by === 'server' ? 'server' : 'voicemail',
      to: 'notifications',
      label: what,
      text: `${what} in the mailbox, made by ${by === 'server' ? 'the server' : 'voice mail'}`,
      wrong: kind === 'missed-call' && feature === 'missed-call-notification' && expected.outcome === 'suppressed',
    };
  });
}

/** The canaries and the end of the window. Nothing for a file of an older run. @param {any} cell @returns {Note[]} */
export function proofNotes({ proof }) {
  if (proof === undefined || proof.startedAt === null) return [];
  const { canary, windowEndMs, windowClosedMs } = proof;
  const trap = TRAP_NAMES[/** @type {keyof typeof TRAP_NAMES} */ (canary.trap)] ?? canary.trap;
  return [
    canaryNote(canary.before, -1, `${trap} before the call`),
    {
      type: 'proof',
      kind: 'window',
      atMs: windowEndMs,
      sort: 'window',
      text:
        windowClosedMs === null
          ? 'the window ends, and was never closed'
          : 'the window ends: what did not come until here stayed away',
      wrong: windowClosedMs === null,
    },
    canaryNote(canary.after, windowEndMs + 1, `${trap} after the window`),
  ];
}

/** @param {{ sentMs: number, reachedMs: number | null } | null} sighting @param {number} elseAtMs @param {string} place @returns {Note} */
function canaryNote(sighting, elseAtMs, place) {
  const reachedMs = sighting?.reachedMs ?? null;
  return {
    type: 'proof',
    kind: 'canary',
    atMs: reachedMs ?? sighting?.sentMs ?? elseAtMs,
    sort: `canary ${place}`,
    text: reachedMs === null ? `no canary reached ${place}` : `a canary reached ${place}`,
    wrong: reachedMs === null,
  };
}

/**
 * The server's waits that ran out in this call, counted from the INVITE that started them to when they were due.
 *
 * @param {any} cell
 * @returns {Timer[]}
 */
export function timersOf({ proof, observed }) {
  if (proof === undefined) return [];
  const { total, user, team2 } = proof.timersMs;
  const phone = observed.legs.find((/** @type {any} */ leg) => leg.role === 'phone');
  const helper = observed.legs.find((/** @type {any} */ leg) => leg.role === 'team' || leg.role === 'delegate');
  return [
    helper === undefined || helper.startMs < user ? null : timer('wait before others join', user, phone),
    helper === undefined ? timer('no-answer wait', total, phone) : timer('wait of team or delegate', team2, helper),
  ].filter((each) => each !== null);
}

/** Null when the leg did not ring for as long. @param {string} name @param {number} ms @param {any} leg @returns {Timer | null} */
function timer(name, ms, leg) {
  if (leg === undefined || !leg.rang || ms <= 0) return null;
  const toMs = leg.startMs + ms;
  return leg.endMs !== null && leg.endMs < toMs ? null : { name, ms, fromMs: leg.startMs, toMs };
}

/** @param {readonly Timer[]} timers @returns {Note[]} */
export function timerNotes(timers) {
  return timers.map(({ name, ms, toMs }) => ({
    type: 'proof',
    kind: 'timer',
    atMs: toMs,
    sort: `timer ${name}`,
    text: `${name} of ${ms} ms is over`,
    wrong: false,
  }));
}
