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

type Counted = ReadonlyMap<CountedBy, number>;

const LOOK_AGAIN_MS = 250;

export class InnerMailbox {
  readonly #options: InnerMailboxOptions;
  readonly #counters: readonly CountedBy[];
  /** Who has counted a message in time, once at least. */
  readonly #counting = new Set<CountedBy>();
  /** Who has not, where something else shows that a message came: he is waited for no more. */
  readonly #silent = new Set<CountedBy>();
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
    return new Map(
      this.#counters.flatMap((by) => {
        const latest = counts.latest(user, by);
        return latest === null ? [] : [[by, latest.messages] as const];
      }),
    );
  }

  /** Speaks, hangs up, and waits for the message to be counted; a canary to anybody else only hangs up. Never rejects. */
  async leave({ canary, answered: { dialog, atEpochMs }, speech, counted }: Answered): Promise<CanaryAnswer> {
    const { user } = calleeOf(canary);
    const isForVoicemail = canary.trap === 'voicemail';
    const hungUpBy = isForVoicemail ? await this.#speak(dialog, speech) : 'caller';
    if (dialog.connected) dialog.destroy({}, () => {});
    const endedEpochMs = nowEpochMs();
    const rises = isForVoicemail ? await this.#rises(user, counted) : [];
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

  async #rises(user: string, counted: Counted): Promise<MessageCount[]> {
    const { counts, countedWithinMs, look } = this.#options;
    const signal = AbortSignal.timeout(countedWithinMs + TIMER_EARLY_MS);
    const waitedFor = [...counted].filter(([by]) => !this.#silent.has(by));
    const looking = waitedFor.some(([by]) => by === 'mailbox')
      ? this.#lookUntilRisen(user, counted.get('mailbox') ?? 0, look, signal)
      : null;
    const risen = await Promise.all(
      waitedFor.map(async ([by, from]) => {
        const count = await counts.above(from, user, by, signal);
        return count === null ? { by, rise: null } : { by, rise: { ...count, before: from } };
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
