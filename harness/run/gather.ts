/** When the run is over: everything that was on record, put together call by call. Pure. */

import type { ThrownCall } from '../callers/caller.ts';
import type { MessageCount } from '../endpoints/message-counts.ts';
import type { MailboxEntry } from '../endpoints/voicemail.ts';
import { headerNames, linesNamed } from '../model/header-lines.ts';
import type { Observation } from '../model/observation.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import type { LoggedAs } from '../model/words.ts';
import type { Cell } from '../plan/plan.ts';
import { type Attributed, attribute } from './attribution.ts';
import type { PlacedCell } from './call-groups.ts';
import type { CanaryCall } from './canary-caller.ts';
import { placedInvite, responsesTo } from './challenge.ts';
import { clockAheadMs } from './clocks.ts';
import { Directory } from './directory.ts';
import type { CallKey } from './identity.ts';
import { calleeOf, registeredUsers } from './lodger.ts';
import { observe, type Trouble } from './observe.ts';
import { lateToRegister, letGo } from './phones-there.ts';
import type { Beat } from './pulse.ts';
import { forwardingsOfServer, headerSightings, headersOfServer, sightings } from './sightings.ts';
import type { Stall } from './stall-watch.ts';
import type { WireItem, WireMessage } from './wire-log.ts';

export interface Gathered {
  readonly placed: readonly PlacedCell[];
  /** All variants of the matrix: header fields of any of them are looked for in every INVITE. */
  readonly variants: readonly HeaderVariant[];
  readonly token: string;
  readonly slackMs: number;
  /** What was on the wire at callers and endpoints. */
  readonly items: readonly WireItem[];
  /** What voice mail filed, by the name it was given. */
  readonly filed: ReadonlyMap<string, readonly MailboxEntry[]>;
  /** Where voice mail is inside of the server. @default it is ours */
  readonly inner?: InnerVoicemailWord | null;
  /** Of its mailboxes. @default nobody counted */
  readonly counts?: readonly MessageCount[];
  readonly canaryCalls: readonly CanaryCall[];
  /** Canaries that carry a variant's header. */
  readonly headerCalls: readonly CanaryCall[];
  /** The calls of each caller, and what went wrong with it. */
  readonly groups: readonly {
    readonly keys: readonly CallKey[];
    readonly trouble: string | null;
    readonly clockTrouble: string | null;
    readonly thrown?: readonly ThrownCall[];
    /** It ended by itself: what it had not finished proves nothing. */
    readonly died?: boolean;
  }[];
  /** Users that did not get a 200 to REGISTER, with what they got. */
  readonly unregistered: ReadonlyMap<string, string>;
  /** When users were told that they are registered, as far as that is on record. @default of nobody */
  readonly registeredAtEpochMs?: ReadonlyMap<string, number>;
  /** By call, until when the server lets phones stay that were registered for it, by user. @default for as long as anybody asks */
  readonly stayUntilEpochMs?: ReadonlyMap<CallKey, ReadonlyMap<string, number>>;
  /** By variant id: what is not known of calls with its header. */
  readonly blind: ReadonlyMap<string, readonly string[]>;
  /** The callees' phones are not ours, but what is tested. @default false */
  readonly phonesUnderTest?: boolean;
  /** What they have in their call logs, by Call-ID; null: they keep none. @default null */
  readonly callLog?: ReadonlyMap<string, LoggedAs> | null;
  /** The user's application placed all calls but the controls. @default false */
  readonly callerUnderTest?: boolean;
  readonly stalls: readonly Stall[];
  readonly beats: readonly Beat[];
  readonly troubles: readonly Trouble[];
  /** As {@link CallRecord.cancelled}. */
  readonly cancelled?: boolean;
}

export function gather(run: Gathered): Observation[] {
  const items = run.items.toSorted((a, b) => a.atEpochMs - b.atEpochMs);
  const directory = new Directory(run.token);
  return gatherFrom({ ...run, directory }, attribute(items, directory));
}

/** The same, of messages whose call is known already. */
export function gatherFrom(
  run: Omit<Gathered, 'items' | 'token'> & { readonly directory: Directory },
  { calls, strays }: Attributed,
): Observation[] {
  const { directory, slackMs, stalls, beats, inner = null } = run;
  const seenCanaries = sightings(run.canaryCalls, calls, inner);
  const counts = inner === null ? new Map() : countsByCall(run.counts ?? [], directory);
  const withHeader = headerSightings(run.headerCalls, calls);
  const serverHeaders = headersOfServer(run.canaryCalls, calls);
  const usualForwardings = forwardingsOfServer(seenCanaries);
  const names = headerNames(run.variants);
  const mailboxes = mailboxesByCall(run.filed, calls, directory);
  const troublesOf = callerTroubles(run.groups, calls);
  return run.placed.map((placed) => {
    const { cell, key } = placed;
    return observe({
      cell,
      key,
      directory,
      messages: calls.get(key) ?? [],
      strays,
      mailbox: mailboxes.get(key) ?? [],
      inner: inner && { word: inner, callee: calleeOf(placed).user, counts: counts.get(key) ?? [] },
      canaries: seenCanaries,
      headerCanary: withHeader.get(`${cell.policy} ${cell.variant.id}`) ?? null,
      serverHeaders,
      usualForwardings,
      headerNames: names,
      unregistered: registeredUsers(placed).flatMap((user) => {
        const answer = run.unregistered.get(user);
        return answer === undefined ? [] : [`${user} (${answer})`];
      }),
      phoneUnderTest: run.phonesUnderTest ?? false,
      callLog: run.callLog ?? null,
      callerUnderTest: run.callerUnderTest === true && cell.variant.kind !== 'control',
      stalls,
      beats,
      troubles: [
        ...[
          ...(troublesOf.get(key) ?? []),
          ...blindOf(cell, calls.get(key) ?? [], run),
          ...lateToRegister(placed, calls.get(key) ?? [], run),
          ...letGo(placed, calls.get(key) ?? [], run).map(({ text }) => text),
        ].map((text) => ({
          text,
          atEpochMs: 0,
        })),
        ...run.troubles.filter((trouble) => concerns(trouble, key, directory)),
      ],
      slackMs,
      cancelled: run.cancelled ?? false,
    });
  });
}

function concerns({ users, atEpochMs }: Trouble, key: CallKey, directory: Directory): boolean {
  return (
    users === undefined || [...users].some((user) => directory.ofUser(user, atEpochMs).some((each) => each.key === key))
  );
}

/** A mailbox may have a name that the server made up; whose call it was, the Call-ID says. */
function mailboxesByCall(
  filed: Gathered['filed'],
  calls: ReadonlyMap<CallKey, readonly WireMessage[]>,
  directory: Directory,
): Map<CallKey, MailboxEntry[]> {
  const named = new Set([...filed.values()].flat().map(({ callId }) => callId));
  const keyOfCallId = new Map<string, CallKey>();
  for (const [key, messages] of calls)
    for (const { callId } of messages) if (named.has(callId)) keyOfCallId.set(callId, key);
  const mailboxes = new Map<CallKey, MailboxEntry[]>();
  for (const [user, entries] of filed) {
    for (const entry of entries) {
      const [party] = directory.ofUser(user, entry.atEpochMs);
      const key = (entry.callId === null ? undefined : keyOfCallId.get(entry.callId)) ?? party?.key;
      if (key === undefined) continue;
      const mailbox = mailboxes.get(key);
      if (mailbox === undefined) mailboxes.set(key, [entry]);
      else mailbox.push(entry);
    }
  }
  return mailboxes;
}

/** Of whoever had the account then. */
function countsByCall(counts: readonly MessageCount[], directory: Directory): Map<CallKey, MessageCount[]> {
  const named = counts.flatMap((count) => {
    const [party] = directory.ofUser(count.user, count.atEpochMs);
    return party === undefined ? [] : [{ key: party.key, count }];
  });
  const byKey = Map.groupBy(named, ({ key }) => key);
  return new Map([...byKey].map(([key, own]) => [key, own.map(({ count }) => count)]));
}

/** What went wrong with a caller concerns the calls that it had not finished; its clock, all of them. */
function callerTroubles(
  groups: Gathered['groups'],
  calls: ReadonlyMap<CallKey, readonly WireMessage[]>,
): Map<CallKey, string[]> {
  const found = new Map<CallKey, string[]>();
  for (const { keys, trouble, clockTrouble, thrown = [] } of groups) {
    const aheadMs = clockAheadMs(keys.map((key) => calls.get(key) ?? []));
    const ahead =
      aheadMs === null
        ? null
        : `every INVITE of this caller stands ${Math.round(aheadMs)} ms or more behind its arrival: its clock and ours do not agree`;
    for (const key of keys) {
      const messages = calls.get(key) ?? [];
      const unfinished = isFinished(messages) ? null : trouble;
      found.set(
        key,
        [unfinished, clockTrouble, ahead, gaveUpAt(messages, thrown)].filter((text) => text !== null),
      );
    }
  }
  return found;
}

/** A caller that was thrown ends the call by itself, as if it had lost patience: what came of it is no answer of the server's. */
function gaveUpAt(messages: readonly WireMessage[], thrown: readonly ThrownCall[]): string | null {
  if (thrown.length === 0) return null;
  const callIds = new Set(messages.map(({ callId }) => callId));
  const final = finalOf(messages);
  const lost = thrown.find(
    ({ callId, atEpochMs }) => callIds.has(callId) && (final === undefined || atEpochMs < final.atEpochMs),
  );
  return lost === undefined
    ? null
    : `the caller gave the call up because it did not know what to make of "${lost.message}"`;
}

/** Calls that their caller left unfinished because it died. */
export function lostCalls(
  groups: Gathered['groups'],
  calls: ReadonlyMap<CallKey, readonly WireMessage[]>,
): Set<CallKey> {
  const dead = groups.filter(({ died }) => died === true);
  return new Set(dead.flatMap(({ keys }) => keys).filter((key) => !isFinished(calls.get(key) ?? [])));
}

export function isFinished(messages: readonly WireMessage[]): boolean {
  return finalOf(messages) !== undefined;
}

function finalOf(messages: readonly WireMessage[]): WireMessage | undefined {
  return responsesTo(placedInvite(messages), messages).find(({ status }) => (status ?? 0) >= 200);
}

/** What is not known of calls with its header lines; of those that the application chose itself, by what it sent. */
function blindOf(
  { variant }: Cell,
  messages: readonly WireMessage[],
  { blind, variants }: Pick<Gathered, 'blind' | 'variants'>,
): readonly string[] {
  if (variant.kind !== 'as-sent') return blind.get(variant.id) ?? [];
  const invite = messages.find(({ from, method }) => from === 'caller' && method === 'INVITE');
  const raw = invite?.bytes.toString('latin1') ?? '';
  const sent = variants.filter((each) => {
    const names = headerNames([each]);
    return names.size > 0 && [...names].every((name) => linesNamed(raw, new Set([name])).length > 0);
  });
  return [...new Set(sent.flatMap(({ id }) => blind.get(id) ?? []))];
}
