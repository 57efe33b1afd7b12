/**
 * What a ladder shows beside the messages themselves: those that did not come, what ended in a mailbox, and what makes
 * the absence of a message believable.
 */

import type { CheckId } from '../model/checks.ts';
import type { CanarySighting, Leg } from '../model/observation.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { isWrongFinal, reachesTrap } from './deviation.ts';
import { isChallenge, isInviteRequest, labelOf, type Message, methodOf, statusOf } from './message.ts';
import type { Filed, Flow, Ghost, LadderCell, ProofRow } from './rows.ts';
import { roleOf, trapOf } from './traps.ts';

/** A wait of the server that ran out in the call. */
interface Timer {
  readonly name: string;
  readonly ms: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** @param name What the other call is called. */
export function ghostsOf(flow: Flow, control: Flow | null, name: string): Ghost[] {
  const { cell, messages } = flow;
  if (messages.length === 0) return [];
  return [trapGhost(flow, control, name), calleeGhost(flow, control), finalGhost(cell, messages)].filter(
    (ghost) => ghost !== null,
  );
}

/** The INVITE that would have reached the trap, at the time the control's did. */
function trapGhost({ cell, messages }: Flow, control: Flow | null, name: string): Ghost | null {
  const { expected, observed } = cell;
  const trap = trapOf(cell);
  // No message comes to a voice mail inside of the server: what shows it has rows of its own.
  if (trap === 'voicemail' && observed.arrivals !== undefined) return null;
  if (messages.some((message) => reachesTrap(trap, message))) return null;
  const model = control?.messages.find((message) => reachesTrap(trap, message));
  const demanded = expected.outcome === 'engaged';
  if (model === undefined && !demanded) return null;
  const to = roleOf(trap);
  const label = model === undefined ? (trap === 'missed-call-inbox' ? 'notification' : 'INVITE') : labelOf(model);
  const goal = `${label} to ${TRAP_NAMES[to]}`;
  const text = demanded ? `${goal} was to come, and did not` : `here ${name} has ${goal}; this call has none`;
  const end = messages.find(
    (message) => message.to === 'caller' && (statusOf(message) ?? 0) >= 200 && !isChallenge(messages, message),
  );
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

/** Over-blocking: the callee's own phone was to ring. */
function calleeGhost({ cell, messages }: Flow, control: Flow | null): Ghost | null {
  const demanded = cell.expected.callee === 'rings' || cell.expected.callee === 'answers';
  const rang = messages.some((message) => message.to === 'phone' && isInviteRequest(message));
  const model = control?.messages.find((message) => message.to === 'phone' && isInviteRequest(message));
  if (!demanded || rang || model === undefined) return null;
  return {
    type: 'ghost',
    atMs: model.atMs,
    sort: 'server>phone  INVITE',
    from: 'server',
    to: 'phone',
    label: 'INVITE',
    text: "INVITE to the callee's own phone was to come, and did not",
    wrong: true,
  };
}

function finalGhost({ expected }: LadderCell, messages: readonly Message[]): Ghost | null {
  const final = messages.find((message) => isWrongFinal(messages, message, expected.statuses));
  if (final === undefined) return null;
  const label = expected.statuses.join(' or ');
  return {
    type: 'ghost',
    atMs: final.atMs,
    sort: 'ghost final',
    from: 'server',
    to: 'caller',
    label,
    text: `${label} was to come, not ${statusOf(final)}`,
    wrong: true,
  };
}

/** What was filed in the callee's mailbox. */
export function filedOf(cell: LadderCell): Filed[] {
  const { expected, observed } = cell;
  const isForbidden = trapOf(cell) === 'missed-call-inbox' && expected.outcome === 'suppressed';
  return observed.notifications.map(({ kind, by, atMs }) => {
    const what = kind.replace('-', ' ');
    return {
      type: 'note',
      atMs,
      sort: `filed ${kind} ${by}`,
      from: by === 'server' ? 'server' : 'voicemail',
      to: 'notifications',
      label: what,
      text: `${what} in the mailbox, made by ${by === 'server' ? 'the server' : 'voice mail'}`,
      wrong: kind === 'missed-call' && isForbidden,
    };
  });
}

/** What shows that a voice mail inside of the server took the call. Whether it may, the judge says. */
export function arrivalRows(cell: LadderCell): ProofRow[] {
  const wrong = trapOf(cell) === 'voicemail' && cell.expected.outcome === 'suppressed';
  return (cell.observed.arrivals ?? []).map(({ by, atMs, seen }) => ({
    type: 'proof',
    kind: 'arrival',
    atMs,
    sort: `arrival ${by}`,
    text: `voice mail took the call: ${seen}`,
    wrong,
  }));
}

/** The canaries and the end of the window. Nothing for a file of an older run. Wrong is what the judge says did not hold. */
export function proofRows({ proof, checks }: LadderCell): ProofRow[] {
  if (proof === undefined || proof.startedAt === null) return [];
  const { canary, windowEndMs, windowClosedMs } = proof;
  const trap = TRAP_NAMES[canary.trap];
  const failed = (wanted: CheckId): boolean => checks?.find(({ id }) => id === wanted)?.holds === false;
  return [
    canaryRow(canary.before, -1, `${trap} before the call`, failed('canary-before')),
    {
      type: 'proof',
      kind: 'window',
      atMs: windowEndMs,
      sort: 'window',
      text:
        windowClosedMs === null
          ? 'the window ends, and was never closed'
          : 'the window ends: what did not come until here stayed away',
      wrong: failed('window'),
    },
    canaryRow(canary.after, windowEndMs + 1, `${trap} after the window`, failed('canary-after')),
  ];
}

function canaryRow(sighting: CanarySighting | null, elseAtMs: number, place: string, wrong: boolean): ProofRow {
  const reachedMs = sighting?.reachedMs ?? null;
  return {
    type: 'proof',
    kind: 'canary',
    atMs: reachedMs ?? sighting?.sentMs ?? elseAtMs,
    sort: `canary ${place}`,
    text: reachedMs === null ? `no canary reached ${place}` : `a canary reached ${place}`,
    wrong,
  };
}

/** The server's waits that ran out in this call, counted from the INVITE that started them to when they were due. */
export function timersOf({ proof, observed }: LadderCell): Timer[] {
  if (proof === undefined) return [];
  const { total, user, team2 } = proof.timersMs;
  const phone = observed.legs.find((leg) => leg.role === 'phone');
  const helper = observed.legs.find((leg) => leg.role === 'team' || leg.role === 'delegate');
  return [
    helper === undefined || helper.startMs < user ? null : timer('wait before others join', user, phone),
    helper === undefined ? timer('no-answer wait', total, phone) : timer('wait of team or delegate', team2, helper),
  ].filter((each) => each !== null);
}

/** Null when the leg did not ring for as long. */
function timer(name: string, ms: number, leg: Leg | undefined): Timer | null {
  if (leg === undefined || !leg.rang || ms <= 0) return null;
  const toMs = leg.startMs + ms;
  return leg.endMs !== null && leg.endMs < toMs ? null : { name, ms, fromMs: leg.startMs, toMs };
}

export function timerRows(timers: readonly Timer[]): ProofRow[] {
  return timers.map(({ name, ms, toMs }) => ({
    type: 'proof',
    kind: 'timer',
    atMs: toMs,
    sort: `timer ${name}`,
    text: `${name} of ${ms} ms is over`,
    wrong: false,
  }));
}
