/** How canaries leave a message in a voice mail that is inside of the server, and who counts it. */
import type { CountedBy, MessageCount, MessageCounts } from '../endpoints/message-counts.ts';
import { Speech } from '../endpoints/speech.ts';
import type { SipDialog } from '../endpoints/srf.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { INNER_EVIDENCE } from '../model/words.ts';
import { nowEpochMs } from '../now.ts';
import type { Canary } from './canary.ts';
import type { CanaryAnswer } from './canary-caller.ts';
import { fingerprint } from './fingerprint.ts';
import { calleeOf } from './lodger.ts';
import { TIMER_EARLY_MS, until } from './until.ts';

export interface InnerMailboxOptions extends InnerVoicemailWord {
  /** Where canaries speak from. */
  readonly host: string;
  readonly counts: MessageCounts;
  /** Has the new messages of these users counted now; those of whom nobody knows are not. */
  readonly look: (users: readonly string[]) => Promise<void>;
}

/** A canary call that was answered and goes on. */
interface Answered {
  readonly canary: Canary;
  readonly answered: { readonly dialog: SipDialog; readonly atEpochMs: number };
  readonly speech: Speech | null;
  /** Before it was placed. */
  readonly counted: Counted;
}

/** So many new messages, at that moment. */
interface Level {
  readonly messages: number;
  readonly atEpochMs: number;
}

type Counted = ReadonlyMap<CountedBy, Level>;

interface LeftMessage {
  readonly user: string;
  readonly by: CountedBy;
  /** What was counted before the call. */
  readonly before: Level;
  readonly hasSpoken: boolean;
}

type Due = Pick<LeftMessage, 'user' | 'by'> & Level;

/**
 * How far a count must have come when every message of a canary is in it. A server that tells of each message when the next is being
 * left would otherwise look like one that tells in time: a rise would be taken for that of a message that nobody has been told of,
 * and a call whose message is told of as late for one that left none.
 */
class LeftMessages {
  readonly #due = new Map<string, Due>();

  /** @returns above what the count of this one is; it is due from then on, whether it comes or not */
  due({ user, by, before, hasSpoken }: LeftMessage, counts: readonly MessageCount[]): number {
    const name = `${by} ${user}`;
    const known = this.#due.get(name);
    const levels = [{ user, by, ...before }, ...(known === undefined ? [] : [known])];
    const from = Math.max(...levels.map((level) => stillDue(level, counts)));
    this.#due.set(name, { user, by, messages: hasSpoken ? from + 1 : from, atEpochMs: nowEpochMs() });
    return from;
  }

  open(counts: readonly MessageCount[]): Due[] {
    return [...this.#due.values()].map((each) => ({ ...each, messages: stillDue(each, counts) }));
  }
}

/** Messages that somebody has heard or deleted since are missed by nobody. */
function stillDue({ user, by, messages: due, atEpochMs }: Due, counts: readonly MessageCount[]): number {
  const since = counts.filter((each) => each.user === user && each.by === by && each.atEpochMs > atEpochMs);
  return since.reduce((left, { before, messages }) => {
    if (before === null || messages >= before) return left;
    return Number.isFinite(before) ? left - (before - messages) : messages;
  }, due);
}

const LOOK_AGAIN_MS = 250;

/** Leaves messages of canaries, and knows which count is theirs. */
export class InnerMailbox {
  readonly #options: InnerMailboxOptions;
  readonly #counters: readonly CountedBy[];
  /** Who has counted a message in time, once at least. */
  readonly #counting = new Set<CountedBy>();
  /** Who has not, where something else shows that a message came: he is waited for no more. */
  readonly #silent = new Set<CountedBy>();
  readonly #left = new LeftMessages();
  #shown = false;

  constructor(options: InnerMailboxOptions) {
    this.#options = options;
    this.#counters = INNER_EVIDENCE.filter((each) => each !== 'fingerprint').filter((each) =>
      options.evidence.includes(each),
    );
  }

  /** null: this machine has no address to speak from. */
  async speech(): Promise<Speech | null> {
    return Speech.open(this.#options.host).catch(() => null);
  }

  /** What is known of this user's new messages. */
  counted(user: string): Counted {
    const { counts } = this.#options;
    const atEpochMs = nowEpochMs();
    return new Map(
      this.#counters.flatMap((by) => {
        const latest = counts.latest(user, by);
        return latest === null ? [] : [[by, { messages: latest.messages, atEpochMs }] as const];
      }),
    );
  }

  /** For a reader: of whom messages were left that have not been counted to this moment. */
  warnings(): string[] {
    const { counts } = this.#options;
    return this.#left.open(counts.counts).flatMap(({ user, by, messages }) => {
      const missing = messages - (counts.latest(user, by)?.messages ?? 0);
      if (this.#silent.has(by) || missing <= 0) return [];
      return [
        `${by} is ${missing} behind what canaries left for ${user}: a message was lost or is late, and as long as it is not counted, no count shows that voice mail was reached`,
      ];
    });
  }

  /** Speaks, hangs up, and waits for the message to be counted; a canary to anybody else only hangs up. Never rejects. */
  async leave({ canary, answered: { dialog, atEpochMs }, speech, counted }: Answered): Promise<CanaryAnswer> {
    const { user } = calleeOf(canary);
    const isForVoicemail = canary.trap === 'voicemail';
    const hungUpBy = isForVoicemail ? await this.#speak(dialog, speech) : 'caller';
    if (dialog.connected) dialog.destroy({}, () => {});
    const endedEpochMs = nowEpochMs();
    const rises = isForVoicemail ? await this.#rises(user, counted, hungUpBy === 'caller') : [];
    const { res, remote } = dialog;
    const print = fingerprint((name) => res.get(name) ?? '', remote.sdp, user, hungUpBy);
    return { atEpochMs, fingerprint: print, endedEpochMs, rises };
  }

  /** @returns who hung up */
  async #speak(dialog: SipDialog, speech: Speech | null): Promise<'caller' | 'server'> {
    using speaking = speech;
    const hungUp = new AbortController();
    if (!dialog.connected) return 'server';
    dialog.on('destroy', () => hungUp.abort());
    speaking?.speakTo(dialog.remote.sdp);
    await until(nowEpochMs() + this.#options.talkMs, hungUp.signal);
    return hungUp.signal.aborted ? 'server' : 'caller';
  }

  /** @param hasSpoken to the end: there is a message to be counted */
  async #rises(user: string, counted: Counted, hasSpoken: boolean): Promise<MessageCount[]> {
    const { counts, countedWithinMs, look } = this.#options;
    const signal = AbortSignal.timeout(countedWithinMs + TIMER_EARLY_MS);
    const waitedFor = [...counted]
      .filter(([by]) => !this.#silent.has(by))
      .map(([by, before]) => ({ by, before, from: this.#left.due({ user, by, before, hasSpoken }, counts.counts) }));
    const mailbox = waitedFor.find(({ by }) => by === 'mailbox');
    const looking = mailbox === undefined ? null : this.#lookUntilRisen(user, mailbox.from, look, signal);
    const risen = await Promise.all(
      waitedFor.map(async ({ by, before, from }) => {
        const count = await counts.above(from, user, by, signal);
        // That some are waiting says nothing of one more, while an earlier one may be on its way.
        const isOfThis = count !== null && (Number.isFinite(count.messages) || from === before.messages);
        return { by, rise: isOfThis ? { ...count, before: from } : null };
      }),
    );
    await looking;
    const rises = risen.flatMap(({ rise }) => rise ?? []);
    // A fingerprint is there in any case where it is looked for.
    this.#shown ||= rises.length > 0 || this.#options.evidence.includes('fingerprint');
    for (const { by, rise } of risen) {
      if (rise !== null) this.#counting.add(by);
      else if (this.#shown && !this.#counting.has(by)) this.#silent.add(by);
    }
    return rises;
  }

  async #lookUntilRisen(
    user: string,
    from: number,
    look: InnerMailboxOptions['look'],
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await look([user]).catch(() => {}); // who cannot look has counted nothing: the run may be over
      if ((this.#options.counts.latest(user, 'mailbox')?.messages ?? 0) > from) return;
      await until(nowEpochMs() + LOOK_AGAIN_MS, signal);
    }
  }
}
