/**
 * Reads what the lab recorded, batch by batch, while the run goes on: a batch is observed when its last window is closed, and
 * what was kept for it is let go.
 */

import type { CallerMessage } from '../callers/caller.ts';
import type { MailboxEntry } from '../endpoints/voicemail.ts';
import type { Leg, Observation } from '../model/observation.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { nowEpochMs } from '../now.ts';
import { attribute, dialogId, mentionsIn } from './attribution.ts';
import type { PlacedCell } from './call-groups.ts';
import { type Gathered, gatherFrom, lostCalls } from './gather.ts';
import { type CallKey, isCanaryKey, type NamedParty, partiesNamed } from './identity.ts';
import { legsOf } from './legs.ts';
import { serverTimersMs } from './observe.ts';
import { type RawItem, readItem, type WireItem, type WireMessage } from './wire-log.ts';

export interface ReaderOptions {
  /** All variants of the matrix: header fields of any of them are looked for in every INVITE. */
  readonly variants: readonly HeaderVariant[];
  readonly token: string;
  readonly slackMs: number;
}

/** What voice mail put into a mailbox, under the name that it was given. */
export interface FiledEntry {
  readonly user: string;
  readonly entry: MailboxEntry;
}

/** What is known of a batch when its last window is closed; the wire's record has been taken before. */
export interface BatchRecord extends Omit<Gathered, 'items' | 'filed' | 'variants' | 'token' | 'slackMs'> {
  /** No call that is read later can have anything to do with what is older. */
  readonly forgetBeforeEpochMs: number;
}

/** A call that reached somebody after its window was closed, and its cell read. */
export interface Afterthought {
  readonly cell: string;
  /** `startMs` since the call's INVITE. */
  readonly leg: Leg;
}

export interface ReadBatch {
  /** In the order of the batch. */
  readonly observations: readonly Observation[];
  /** Ids of cells whose caller died before their call was over. */
  readonly lost: readonly string[];
  /** Of earlier batches. */
  readonly afterthoughts: readonly Afterthought[];
}

interface Finished {
  readonly cell: string;
  readonly startEpochMs: number;
  readonly readEpochMs: number;
  /** Dialogs at endpoints that are on its record: what comes of them still is nothing new. */
  readonly dialogs: ReadonlySet<string>;
}

/** A server repeats an INVITE for 64 times T1, 32 s (RFC 3261 17.1.1.2); what comes later than twice that, nobody waits for. */
const REMEMBERED_MS = 64_000;

export class Reader {
  readonly #options: ReaderOptions;
  #items: WireItem[] = [];
  #filed: FiledEntry[] = [];
  readonly #finished = new Map<CallKey, Finished>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** What was on record at the endpoints since the last time. Registrations are no part of a call. */
  take(records: readonly RawItem[], filed: readonly FiledEntry[] = []): void {
    for (const { role, direction, atEpochMs, bytes, source } of records) {
      const item = readItem(role, direction, atEpochMs, bytes, source);
      if (item.message?.cseqMethod !== 'REGISTER') this.#items.push(item);
    }
    this.#filed.push(...filed);
  }

  /** The record of a batch's callers, all of which have ended. @returns when its last window ends */
  takeCallers(messages: readonly CallerMessage[], placed: readonly PlacedCell[], endedEpochMs: number): number {
    const items = messages.map((each) =>
      readItem('caller', each.direction === 'sent' ? 'out' : 'in', each.atEpochMs, each.bytes),
    );
    for (const item of items) this.#items.push(item);
    return lastWindowEndEpochMs(items, placed, { ...this.#options, endedEpochMs });
  }

  read(batch: BatchRecord): ReadBatch {
    const { token } = this.#options;
    this.#items.sort((a, b) => a.atEpochMs - b.atEpochMs);
    const attributed = attribute(this.#ofInterest(batch), token);
    const observations = gatherFrom({ ...this.#options, ...batch, filed: this.#mailboxes() }, attributed);
    const lostKeys = lostCalls(batch.groups, attributed.calls);
    const lost = batch.placed.flatMap(({ cell, key }) => (lostKeys.has(key) ? [cell.id] : []));
    const afterthoughts = this.#afterthoughts(attributed.calls);
    const readEpochMs = nowEpochMs();
    for (const [index, { key }] of batch.placed.entries()) {
      const seen = observations[index];
      if (seen?.startedAtEpochMs == null) continue;
      const dialogs = new Set(
        (attributed.calls.get(key) ?? []).map((message) => dialogId(endpointOf(message), message)),
      );
      this.#finished.set(key, { cell: seen.cell, startEpochMs: seen.startedAtEpochMs, readEpochMs, dialogs });
    }
    this.#forget(batch, attributed.calls, readEpochMs);
    return { observations, lost, afterthoughts };
  }

  /**
   * Without what is plainly another open batch's: it names callees of that one and nobody else, and carries no mark of a call
   * of ours. To go through all of it again with each batch would be most of the work.
   */
  #ofInterest({ placed }: BatchRecord): WireItem[] {
    const { token } = this.#options;
    const own = new Set<CallKey>(placed.map(({ key }) => key));
    const marks = new Set<string>();
    for (const { role, direction, message } of this.#items) {
      if (role !== 'caller' || direction !== 'out' || message?.method !== 'INVITE') continue;
      const [called] = partiesNamed(message.startLine, token);
      if (called === undefined || !own.has(called.key)) continue;
      marks.add(message.callId).add(message.branch);
    }
    const isOthers = ({ key }: NamedParty): boolean => !own.has(key) && !this.#finished.has(key) && !isCanaryKey(key);
    const isMark = (mark: string): boolean => marks.has(mark);
    const left: WireItem[] = [];
    const others: WireItem[] = [];
    const asked = new Set<string>();
    for (const item of this.#items) {
      if (item.message !== null && marks.has(item.message.callId)) {
        left.push(item);
        continue;
      }
      const { parties, branches, callIds } = mentionsIn(item, token);
      const isOurs = branches.some(isMark) || callIds.some(isMark);
      const isPlainlyOthers = !isOurs && parties.length > 0 && parties.every(isOthers);
      (isPlainlyOthers ? others : left).push(item);
      if (parties.length === 0 && item.message !== null) asked.add(item.message.callId);
    }
    // What names nobody may stand in a dialog whose other messages do.
    const dialogsOfOthers = new Set<string>();
    for (const { role, message } of others) {
      if (message !== null && asked.has(message.callId)) dialogsOfOthers.add(dialogId(role, message));
    }
    if (dialogsOfOthers.size === 0) return left;
    return left.filter((item) => {
      if (item.message === null || marks.has(item.message.callId)) return true;
      return mentionsIn(item, token).parties.length > 0 || !dialogsOfOthers.has(dialogId(item.role, item.message));
    });
  }

  #mailboxes(): Map<string, MailboxEntry[]> {
    const grouped = Map.groupBy(this.#filed, ({ user }) => user);
    return new Map([...grouped].map(([user, entries]) => [user, entries.map(({ entry }) => entry)]));
  }

  /** A new INVITE to anybody, of a call that was read before; not one that is only repeated, nor what else comes late of old ones. */
  #afterthoughts(calls: ReadonlyMap<CallKey, readonly WireMessage[]>): Afterthought[] {
    const found: Afterthought[] = [];
    for (const [key, messages] of calls) {
      const of = this.#finished.get(key);
      if (of === undefined) continue;
      const late = messages.filter(
        (message) => message.atEpochMs > of.readEpochMs && !of.dialogs.has(dialogId(endpointOf(message), message)),
      );
      if (!late.some(({ method, from }) => method === 'INVITE' && from === 'server')) continue;
      for (const leg of legsOf(late, of.startEpochMs)) found.push({ cell: of.cell, leg });
    }
    return found;
  }

  #forget(batch: BatchRecord, calls: ReadonlyMap<CallKey, readonly WireMessage[]>, endedEpochMs: number): void {
    const gone = new Set<WireMessage>();
    for (const [key, messages] of calls) if (this.#finished.has(key)) for (const message of messages) gone.add(message);
    // What the canaries with a header brought is asked for by every batch.
    const keptKeys = new Set(batch.headerCalls.map(({ canary }) => canary.key));
    const kept = new Set<WireMessage>();
    for (const key of keptKeys) for (const message of calls.get(key) ?? []) kept.add(message);
    const { forgetBeforeEpochMs } = batch;
    this.#items = this.#items.filter(({ message, atEpochMs }) => {
      if (message !== null && kept.has(message)) return true;
      return atEpochMs >= forgetBeforeEpochMs && (message === null || !gone.has(message));
    });
    const { token } = this.#options;
    this.#filed = this.#filed.filter(({ user, entry }) => {
      if (entry.atEpochMs < forgetBeforeEpochMs) return false;
      const [named] = partiesNamed(user, token);
      return named === undefined || !this.#finished.has(named.key);
    });
    for (const [key, { readEpochMs }] of this.#finished) {
      if (readEpochMs > endedEpochMs - REMEMBERED_MS) break; // in the order in which they were read
      this.#finished.delete(key);
    }
  }
}

function endpointOf({ from, to }: WireMessage): string {
  return from === 'server' ? to : from;
}

/**
 * When the last window of these calls ends. A call that is not on record may have been sent all the same, as late as now;
 * and a caller's clock that runs ahead must not make anybody wait for it.
 */
function lastWindowEndEpochMs(
  items: readonly WireItem[],
  placed: readonly PlacedCell[],
  { token, slackMs, endedEpochMs }: { token: string; slackMs: number; endedEpochMs: number },
): number {
  const keyOf = new Map<string, CallKey>();
  const begun = new Map<CallKey, number>();
  const ended = new Map<CallKey, number>();
  for (const { direction, message } of items) {
    if (message === null) continue;
    if (direction === 'out' && message.method === 'INVITE') {
      const [called] = partiesNamed(message.startLine, token);
      if (called === undefined || begun.has(called.key)) continue;
      keyOf.set(message.callId, called.key);
      begun.set(called.key, message.atEpochMs);
    }
    const key = keyOf.get(message.callId);
    if (key !== undefined) ended.set(key, message.atEpochMs);
  }
  const ends = placed.map(({ cell, key }) => {
    const timersMs = serverTimersMs(cell.scenario.subscriber.waits);
    const beginMs = Math.min(begun.get(key) ?? endedEpochMs, endedEpochMs);
    const endMs = Math.min(ended.get(key) ?? endedEpochMs, endedEpochMs);
    return Math.max(beginMs + timersMs, endMs) + slackMs;
  });
  return Math.max(0, ...ends);
}
