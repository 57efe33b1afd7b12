/**
 * Reads what the lab recorded, batch by batch, while the run goes on: a batch is observed when its last window is closed, and
 * what was kept for it is let go.
 */

import type { CallerMessage } from '../callers/caller.ts';
import type { MailboxEntry } from '../endpoints/voicemail.ts';
import type { Leg, Observation } from '../model/observation.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { plainUser, usersIn } from '../model/user-name.ts';
import { nowEpochMs } from '../now.ts';
import { attribute, dialogId, mentionsIn } from './attribution.ts';
import type { PlacedCell } from './call-groups.ts';
import { placedInvite } from './challenge.ts';
import { Directory, type Tenancy } from './directory.ts';
import { type Gathered, gatherFrom, isFinished, lostCalls } from './gather.ts';
import { type CallKey, isCanaryKey } from './identity.ts';
import { legsOf } from './legs.ts';
import { calleeOf } from './lodger.ts';
import { serverTimersMs } from './observe.ts';
import { letGo } from './phones-there.ts';
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
  /** Ids of cells whose caller died before their call was over, or whose phones may have gone before it began; or their control's. */
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
  readonly #directory: Directory;
  #items: WireItem[] = [];
  #filed: FiledEntry[] = [];
  readonly #finished = new Map<CallKey, Finished>();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#directory = new Directory(options.token);
  }

  /**
   * What was on record at the endpoints since the last time. Registrations are no part of a call.
   *
   * @param tenancies of lent accounts that have begun or ended since
   */
  take(records: readonly RawItem[], filed: readonly FiledEntry[] = [], tenancies: readonly Tenancy[] = []): void {
    for (const tenancy of tenancies) this.#directory.note(tenancy);
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
    for (const { key, message } of invitesOf(items, placed)) this.#directory.rememberCallers(message, key);
    // Where a call goes through a B2BUA, the server's timers begin with the second one.
    const calledIn = invitesOf([...items, ...this.#items.filter(({ role }) => role === 'b2bua')], placed);
    return lastWindowEndEpochMs(items, placed, { calledIn, slackMs: this.#options.slackMs, endedEpochMs });
  }

  /** Calls of lent accounts that are not over, by what was taken so far: whoever had their accounts now would hear of them. */
  stillOpen(placed: readonly PlacedCell[]): CallKey[] {
    this.#items.sort((a, b) => a.atEpochMs - b.atEpochMs);
    const { calls } = attribute(this.#items, this.#directory);
    return placed.flatMap(({ key }) => {
      const messages = calls.get(key) ?? [];
      const isBegun = messages.some(({ from, method }) => from === 'caller' && method === 'INVITE');
      const isOver = isFinished(messages) && legsOf(messages, 0).every(({ endMs }) => endMs !== null);
      return isBegun && !isOver ? [key] : [];
    });
  }

  read(batch: BatchRecord): ReadBatch {
    const directory = this.#directory;
    this.#items.sort((a, b) => a.atEpochMs - b.atEpochMs);
    const attributed = attribute(this.#ofInterest(batch), directory);
    const observations = gatherFrom({ ...this.#options, ...batch, directory, filed: this.#mailboxes() }, attributed);
    const lostKeys = lostCalls(batch.groups, attributed.calls);
    const isLost = (placed: PlacedCell): boolean =>
      lostKeys.has(placed.key) ||
      letGo(placed, attributed.calls.get(placed.key) ?? [], batch).some(({ before }) => before);
    const lostIds = new Set(batch.placed.filter(isLost).map(({ cell }) => cell.id));
    const lost = batch.placed.flatMap(({ cell: { id, control } }) =>
      lostIds.has(id) || (control !== null && lostIds.has(control)) ? [id] : [],
    );
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
   * of ours. To go through all of it again with each batch would be most of the work. Calls that wait for accounts are few.
   */
  #ofInterest({ placed }: BatchRecord): WireItem[] {
    const directory = this.#directory;
    if (directory.lends) return this.#items;
    const own = new Set<CallKey>(placed.map(({ key }) => key));
    const marks = new Set<string>();
    for (const { role, direction, message } of this.#items) {
      if (role !== 'caller' || direction !== 'out' || message?.method !== 'INVITE') continue;
      const called = directory.callOf(message);
      if (called === null || !own.has(called.key)) continue;
      marks.add(message.callId).add(message.branch);
    }
    const isOthers = ({ key }: { readonly key: CallKey }): boolean =>
      !own.has(key) && !this.#finished.has(key) && !isCanaryKey(key);
    const isMark = (mark: string): boolean => marks.has(mark);
    const left: WireItem[] = [];
    const others: WireItem[] = [];
    const asked = new Set<string>();
    for (const item of this.#items) {
      if (item.message !== null) {
        if (marks.has(item.message.callId)) {
          left.push(item);
          continue;
        }
        // Whatever else it says: a caller's own Call-ID comes first for whoever attributes it.
        const known = directory.callOf(item.message);
        if (known?.isSure && isOthers(known)) continue;
      }
      const { parties, branches, callIds } = mentionsIn(item, directory);
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
      return mentionsIn(item, directory).parties.length > 0 || !dialogsOfOthers.has(dialogId(item.role, item.message));
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
    for (const [key, messages] of calls) {
      if (!this.#finished.has(key)) continue;
      for (const message of messages) gone.add(message);
      for (const message of messages) if (message.from === 'caller') this.#directory.forgetCallers(message);
    }
    // What the canaries with a header brought is asked for by every batch.
    const keptKeys = new Set(batch.headerCalls.map(({ canary }) => canary.key));
    const kept = new Set<WireMessage>();
    for (const key of keptKeys) for (const message of calls.get(key) ?? []) kept.add(message);
    const { forgetBeforeEpochMs } = batch;
    this.#items = this.#items.filter(({ message, atEpochMs }) => {
      if (message !== null && kept.has(message)) return true;
      return atEpochMs >= forgetBeforeEpochMs && (message === null || !gone.has(message));
    });
    this.#filed = this.#filed.filter(({ user, entry }) => {
      if (entry.atEpochMs < forgetBeforeEpochMs) return false;
      const [named] = this.#directory.ofUser(user, entry.atEpochMs);
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

interface Invited {
  readonly key: CallKey;
  readonly message: WireMessage;
}

/** What these callers sent was for the callees of these calls: each had its accounts for itself meanwhile. */
function invitesOf(items: readonly WireItem[], placed: readonly PlacedCell[]): Invited[] {
  const keyOf = new Map(placed.map((each) => [plainUser(calleeOf(each).user), each.key]));
  return items.flatMap(({ direction, message }): Invited[] => {
    if (direction !== 'out' || message?.method !== 'INVITE') return [];
    const key = usersIn(message.startLine).map((user) => keyOf.get(user))[0];
    return key === undefined ? [] : [{ key, message }];
  });
}

/**
 * When the last window of these calls ends. A call that is not on record may have been sent all the same, as late as now;
 * and a caller's clock that runs ahead must not make anybody wait for it.
 */
function lastWindowEndEpochMs(
  items: readonly WireItem[],
  placed: readonly PlacedCell[],
  { calledIn, slackMs, endedEpochMs }: { calledIn: readonly Invited[]; slackMs: number; endedEpochMs: number },
): number {
  const keyOf = new Map(calledIn.map(({ key, message }) => [message.callId, key]));
  const invites = Map.groupBy(calledIn, ({ key }) => key);
  const begun = new Map([...invites].map(([key, own]) => [key, begunEpochMs(own.map(({ message }) => message))]));
  const ended = new Map<CallKey, number>();
  for (const { message } of items) {
    const key = message === null ? undefined : keyOf.get(message.callId);
    if (message !== null && key !== undefined) ended.set(key, message.atEpochMs);
  }
  const ends = placed.map(({ cell, key }) => {
    const timersMs = serverTimersMs(cell.scenario.subscriber.waits);
    const beginMs = Math.min(begun.get(key) ?? endedEpochMs, endedEpochMs);
    const endMs = Math.min(ended.get(key) ?? endedEpochMs, endedEpochMs);
    return Math.max(beginMs + timersMs, endMs) + slackMs;
  });
  return Math.max(0, ...ends);
}

function begunEpochMs(invites: readonly WireMessage[]): number | undefined {
  const handedOn = invites.filter(({ from }) => from === 'b2bua').map(({ atEpochMs }) => atEpochMs);
  const placed = placedInvite(invites)?.atEpochMs;
  return placed === undefined ? undefined : Math.max(placed, ...handedOn);
}
