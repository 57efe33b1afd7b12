import { linesNamed } from '../caller/header-lines.ts';
import type { MailboxEntry } from '../endpoints/voicemail.ts';
import type { CanarySighting, Notification, Observation } from '../model/observation.ts';
import type { Trap, Waits } from '../model/scenario.ts';
import type { Cell } from '../plan.ts';
import type { CanaryCall } from './canary.ts';
import { legsOf } from './legs.ts';
import type { Stall } from './stall-watch.ts';
import { toSeenMessage, type WireMessage } from './wire-log.ts';

/** All that the lab knows of one call when it is over. */
export interface CallRecord {
  readonly cell: Cell;
  /** Messages at the caller and at every endpoint, in order of time. */
  readonly messages: readonly WireMessage[];
  readonly mailbox: readonly MailboxEntry[];
  readonly canaries: readonly SeenCanary[];
  /** Names, in lower case, of the header fields that variants use. */
  readonly headerNames: ReadonlySet<string>;
  /** Users that did not get a 200 to REGISTER, with what they got. */
  readonly unregistered: readonly string[];
  /** When this process could not run for longer than the slack. */
  readonly stalls: readonly Stall[];
  readonly troubles: readonly Trouble[];
  /** Slack after the server's own timers, and after the last event of the call. */
  readonly slackMs: number;
}

/** Something went wrong on our side at that moment, and stayed wrong. */
export interface Trouble {
  readonly text: string;
  readonly atEpochMs: number;
  /** The callees that it concerns; left out: all. */
  readonly users?: ReadonlySet<string> | undefined;
}

/** A canary call, and when its trap was seen to be reached; null when it was not. */
export interface SeenCanary {
  readonly call: CanaryCall;
  readonly reachedEpochMs: number | null;
}

/** The most by which SIPp's stamp of a message may be late: about 2 ms were seen, more with a busy machine. */
const LATE_STAMP_MS = 50;

/** Puts together what was seen of one call. No opinion: that is the judge's. */
export function observe(record: CallRecord): Observation {
  const { cell } = record;
  const messages = causesFirst(record.messages);
  const invite = messages.find((message) => message.from === 'caller' && message.method === 'INVITE');
  const start = invite?.atEpochMs ?? 0;
  const atCaller = messages.filter((message) => message.from === 'caller' || message.to === 'caller');
  const responses = atCaller.filter((message) => message.to === 'caller' && message.cseqMethod === 'INVITE');
  const final = responses.find((message) => (message.status ?? 0) >= 200);
  const since = (message: WireMessage | undefined): number | null =>
    message === undefined ? null : message.atEpochMs - start;
  const callEndMs = Math.max(0, ...atCaller.map((message) => message.atEpochMs - start));
  const endMs = Math.max(serverTimersMs(cell.scenario.subscriber.waits), callEndMs) + record.slackMs;
  const sightings = nearestCanaries(record, start, start + endMs);
  const deadBetween = record.canaries.filter(
    ({ call, reachedEpochMs }) =>
      reachedEpochMs === null && call.doneEpochMs >= start && call.sentEpochMs <= start + endMs && isFor(cell, call),
  );
  return {
    cell: cell.id,
    startedAtEpochMs: invite === undefined ? null : start,
    caller: {
      headersSent: invite === undefined ? [] : linesNamed(invite.bytes.toString('latin1'), record.headerNames),
      provisionals: responses.flatMap((message) =>
        message.status !== null && message.status < 200
          ? [{ status: message.status, atMs: message.atEpochMs - start }]
          : [],
      ),
      finalStatus: final?.status ?? null,
      finalMs: since(final),
      cancelledMs: since(atCaller.find((message) => message.method === 'CANCEL' && message.from === 'caller')),
      byeMs: since(atCaller.find((message) => message.method === 'BYE')),
    },
    legs: legsOf(messages, start),
    notifications: notificationsOf(record, invite),
    window: { endMs, closedMs: sightings.after?.reachedMs ?? null, slackMs: record.slackMs },
    lateMs: lateMs(record, start, start + callEndMs),
    canary: { trap: cell.scenario.trap, ...sightings },
    unregistered: record.unregistered,
    unplayable: null,
    troubles: [
      // What broke after the window says nothing of this call: a canary has closed it before, or none ever does.
      ...record.troubles.flatMap(({ text, atEpochMs }) => (atEpochMs <= start + endMs ? [text] : [])),
      ...deadBetween.map(({ call }) => `a canary to ${call.canary.trap} failed during the call: ${call.outcome}`),
    ],
    messages: messages.map((message) => toSeenMessage(message, start)),
  };
}

/**
 * SIPp writes a message into its trace after it has sent it, milliseconds later when it is busy: by then the server may
 * have passed the INVITE on. It cannot have arrived before it left, so it left when it was first seen, at the latest.
 * What is earlier by more than that is no matter of stamps, and stays where it is.
 */
function causesFirst(messages: readonly WireMessage[]): readonly WireMessage[] {
  const [first] = messages;
  const invite = messages.find((message) => message.from === 'caller' && message.method === 'INVITE');
  if (first === undefined || invite === undefined || first === invite) return messages;
  if (invite.atEpochMs - first.atEpochMs > LATE_STAMP_MS) return messages;
  return [{ ...invite, atEpochMs: first.atEpochMs }, ...messages.filter((message) => message !== invite)];
}

/** How long the server may take to divert: all its waits, one after the other. */
export function serverTimersMs({ totalMs, userMs, team2Ms }: Waits): number {
  return totalMs + userMs + team2Ms;
}

/** Only what was filed after this call began counts: an old notification in the mailbox says nothing of it. */
function notificationsOf({ mailbox }: CallRecord, invite: WireMessage | undefined): Notification[] {
  if (invite === undefined) return [];
  return mailbox
    .filter((entry) => entry.atEpochMs >= invite.atEpochMs)
    .map(({ kind, by, atEpochMs, callId }) => ({ kind, by, atMs: atEpochMs - invite.atEpochMs, callId }));
}

/**
 * The last canaries whose traps were reached before the call, and the first that were called after the window. An inbox
 * is filled from two sides, by the server and by voice mail, so both must be alive.
 */
function nearestCanaries(
  record: CallRecord,
  startEpochMs: number,
  endEpochMs: number,
): { before: CanarySighting | null; after: CanarySighting | null } {
  const pick = (trap: Trap): { before: CanarySighting | null; after: CanarySighting | null } => {
    const own = record.canaries.filter(
      ({ call }) => call.canary.trap === trap && call.canary.policy === record.cell.policy,
    );
    return {
      before: sighting(
        own.findLast(({ call }) => call.doneEpochMs <= startEpochMs),
        startEpochMs,
      ),
      after: sighting(
        own.find(({ call }) => call.sentEpochMs >= endEpochMs),
        startEpochMs,
      ),
    };
  };
  const picked = trapsNeeded(record.cell).map(pick);
  return { before: worst(picked.map((each) => each.before)), after: worst(picked.map((each) => each.after)) };
}

/** How late everybody was while the call was under way; canaries of every trap and policy tell. */
function lateMs({ canaries, stalls }: CallRecord, startEpochMs: number, endEpochMs: number): number {
  const during = (from: number, to: number): boolean => from <= endEpochMs && to >= startEpochMs;
  return Math.max(
    0,
    ...stalls.map((stall) =>
      during(stall.startEpochMs, stall.endEpochMs) ? stall.endEpochMs - stall.startEpochMs : 0,
    ),
    ...canaries.map(({ call, reachedEpochMs }) =>
      reachedEpochMs !== null && during(call.sentEpochMs, call.doneEpochMs) ? reachedEpochMs - call.sentEpochMs : 0,
    ),
  );
}

function isFor(cell: Cell, call: CanaryCall): boolean {
  return call.canary.policy === cell.policy && trapsNeeded(cell).includes(call.canary.trap);
}

function trapsNeeded(cell: Cell): Trap[] {
  return cell.scenario.trap === 'missed-call-inbox' ? ['missed-call-inbox', 'voicemail'] : [cell.scenario.trap];
}

function sighting(seen: SeenCanary | undefined, startEpochMs: number): CanarySighting | null {
  if (seen === undefined) return null;
  return {
    sentMs: seen.call.sentEpochMs - startEpochMs,
    reachedMs: seen.reachedEpochMs === null ? null : seen.reachedEpochMs - startEpochMs,
  };
}

/** Missing is worse than unreached is worse than late. */
function worst(sightings: readonly (CanarySighting | null)[]): CanarySighting | null {
  if (sightings.some((each) => each === null)) return null;
  return sightings.reduce((worse, each) => {
    if (worse === null || each === null) return null;
    if (worse.reachedMs === null) return worse;
    return each.reachedMs === null || each.reachedMs > worse.reachedMs ? each : worse;
  });
}
