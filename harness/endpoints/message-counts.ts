/** How many new messages mailboxes have that are inside of a server, as somebody said who knows it. */
import { EventEmitter, once } from 'node:events';
import type { InnerEvidence } from '../model/words.ts';
import { nowEpochMs } from '../now.ts';

/** Who counts: the server tells a phone (RFC 3842), or somebody looked into the mailbox. */
export type CountedBy = Exclude<InnerEvidence, 'fingerprint'>;

export interface MessageCount {
  readonly user: string;
  readonly by: CountedBy;
  readonly atEpochMs: number;
  /** What was known until then; null: nothing. */
  readonly before: number | null;
  readonly messages: number;
}

export class MessageCounts {
  /** Oldest first. */
  #counts: MessageCount[] = [];
  readonly #latest = new Map<string, MessageCount>();
  readonly #told = new EventEmitter<Record<string, [MessageCount]>>().setMaxListeners(0);

  /** Every count, whether it has changed or not: that nothing has changed is known from then on, too. */
  note(user: string, by: CountedBy, messages: number): void {
    const before = this.latest(user, by)?.messages ?? null;
    const count = { user, by, atEpochMs: nowEpochMs(), before, messages };
    this.#latest.set(nameOf(user, by), count);
    this.#counts.push(count);
    this.#told.emit(nameOf(user, by), count);
  }

  /** null: nobody has said. */
  latest(user: string, by: CountedBy): MessageCount | null {
    return this.#latest.get(nameOf(user, by)) ?? null;
  }

  /** So far. */
  get counts(): readonly MessageCount[] {
    return this.#counts;
  }

  /** The next one that is noted, or null when `signal` ends the waiting. */
  async next(user: string, by: CountedBy, signal: AbortSignal): Promise<MessageCount | null> {
    try {
      const [count] = await once(this.#told, nameOf(user, by), { signal });
      return count as MessageCount;
    } catch {
      return null; // the signal is the only thing that can reject
    }
  }

  /** The latest, as soon as it is above `from`; null when `signal` ends the waiting. */
  async above(from: number, user: string, by: CountedBy, signal: AbortSignal): Promise<MessageCount | null> {
    let count = this.latest(user, by);
    while (count !== null && count.messages <= from) count = await this.next(user, by, signal);
    return count;
  }

  /** Nobody asks any more what was before, but for the latest of each. */
  forget(beforeEpochMs: number): void {
    const latest = new Set(this.#latest.values());
    this.#counts = this.#counts.filter((count) => count.atEpochMs >= beforeEpochMs || latest.has(count));
  }
}

function nameOf(user: string, by: CountedBy): string {
  return `${by} ${user}`;
}

/**
 * New voice messages, as a message summary has them (RFC 3842 3.5, 5.2). Where it has no numbers, that some wait is infinitely
 * many: no further one shows. null: it says nothing.
 */
export function messagesIn(summary: string): number | null {
  const [, fresh] = /^voice-message[ \t]*:[ \t]*(\d+)[ \t]*\//im.exec(summary) ?? [];
  if (fresh !== undefined) return Number(fresh);
  const [, waiting] = /^messages-waiting[ \t]*:[ \t]*(yes|no)\b/im.exec(summary) ?? [];
  if (waiting === undefined) return null;
  return waiting.toLowerCase() === 'yes' ? Number.POSITIVE_INFINITY : 0;
}
