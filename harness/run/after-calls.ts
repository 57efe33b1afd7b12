import type { CallerRecord } from '../callers/caller.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { nowEpochMs } from '../now.ts';
import type { Reading } from './batch-options.ts';
import type { CallGroup } from './call-groups.ts';
import type { CallProgress } from './call-progress.ts';
import type { Callees } from './callees.ts';
import type { Ending } from './ending.ts';
import { giveBack } from './give-back.ts';
import type { Lab } from './lab.ts';
import { calleeOf, registeredUsers } from './lodger.ts';
import type { Lodging } from './lodging.ts';
import type { Trouble } from './observe.ts';
import type { OpenBatch, Wave } from './open-batch.ts';
import type { BatchRecord } from './reader.ts';
import { TIMER_EARLY_MS, until } from './until.ts';
import type { Witness } from './witness.ts';
import type { Work } from './work.ts';

/** So many batches may wait for the reader while calls are being placed; a longer run is read as it goes. */
const UNREAD_BATCHES = 8;

export interface AfterCallsOptions {
  readonly lab: Lab;
  readonly callees: Callees;
  /** null: the server makes accounts. */
  readonly lodging: Lodging | null;
  /** Who can say what a call met. */
  readonly witness: Witness;
  /** Where voice mail is inside of the server; null: it is ours. */
  readonly inner: InnerVoicemailWord | null;
  readonly blind: BatchRecord['blind'];
  readonly troubles: readonly Trouble[];
  readonly reading: Reading;
  readonly work: Work;
  readonly progress: CallProgress;
  readonly ending: Ending;
  /** For so long it is waited for that a call is over whose account was lent. */
  readonly openCallTimeoutMs: number;
  /** Told what a reader must know of how the evidence was had. */
  readonly warn: (text: string) => void;
}

/** Of a wave whose calls are over. */
interface Taken {
  readonly callers: readonly Omit<CallerRecord, 'messages'>[];
  readonly windowEndEpochMs: number;
}

/** What becomes of waves whose calls have begun: windows are waited out and closed by canaries, and whole batches are read. */
export class AfterCalls {
  readonly #options: AfterCallsOptions;
  readonly #open = new Set<OpenBatch>();
  readonly #closing = new Set<Promise<void>>();
  #placing = true;
  #changed = Promise.withResolvers<void>();

  constructor(options: AfterCallsOptions) {
    this.#options = options;
    options.ending.signal.addEventListener('abort', () => this.#tellChanged(), { once: true });
  }

  /** Calls of this batch are about to be placed: until its record is read, nothing is forgotten that may be of it. */
  begin(batch: OpenBatch): void {
    this.#open.add(batch);
    this.setPlacing(true);
  }

  /** @param placing calls are being placed, or more are to be at once: reading waits */
  setPlacing(placing: boolean): void {
    this.#placing = placing;
    this.#tellChanged();
  }

  /** @param ended settles when the calls of all groups are over */
  follow(wave: Wave, groups: readonly CallGroup[], ended: Promise<CallerRecord[]>): void {
    const closed: Promise<void> = ended
      .then((records) => this.#takeCallers(records, wave))
      .then((taken) => this.#close(wave, groups, taken))
      .catch((error: Error) =>
        this.#options.ending.fail(`what was recorded could not be read and kept: ${error.message}`),
      )
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    // Parsed meanwhile: all of it at once would keep the first reading waiting, when everybody waits for the last.
    this.#take();
    this.#tellChanged();
  }

  async whenFewerThan(waves: number): Promise<void> {
    while (this.#closing.size >= waves) await Promise.race(this.#closing);
  }

  /** No calls are placed any more, for now. */
  async whenAllClosed(): Promise<void> {
    this.setPlacing(false);
    await Promise.all(this.#closing);
  }

  /** A batch whose calls are all over; nothing is done while some are not. */
  async read(of: OpenBatch): Promise<void> {
    const { lab, callees, lodging, witness, inner, blind, troubles, reading, work, ending, progress } = this.#options;
    const whole = of.record(ending.signal.aborted);
    if (whole === null) return;
    await this.#whenQuiet();
    await lab.recorded();
    this.#open.delete(of);
    this.#take();
    const testimony = witness.testimony();
    const begunEpochMs = [...this.#open].flatMap((each) => each.begunEpochMs ?? []);
    const { batch, record } = whole;
    const forgetBeforeEpochMs = witness.forget(Math.min(nowEpochMs(), ...begunEpochMs));
    const again = await reading.read(batch, {
      ...record,
      ...testimony,
      inner,
      registeredAtEpochMs: lab.wire.takeRegistered(record.placed.flatMap(registeredUsers)),
      counts: lab.counts.counts,
      phonesUnderTest: lab.ua !== null,
      callLog: lab.callLog,
      callerUnderTest: lab.site.application !== undefined,
      blind,
      troubles: [...record.troubles, ...troubles],
      cancelled: ending.signal.aborted && ending.failure === null,
      forgetBeforeEpochMs,
    });
    progress.read(record.placed.length);
    lab.counts.forget(forgetBeforeEpochMs);
    if (lodging === null) callees.forget(record.placed);
    if (!ending.signal.aborted) work.again(batch, again);
  }

  /** From the end of a wave's calls to its windows being closed; with the last wave of a batch, to its being read. */
  async #close(wave: Wave, groups: readonly CallGroup[], { callers, windowEndEpochMs }: Taken): Promise<void> {
    const { witness, progress, ending } = this.#options;
    const { signal } = ending;
    progress.windowEnds(windowEndEpochMs);
    if (!signal.aborted) {
      await until(windowEndEpochMs + TIMER_EARLY_MS, signal);
      if (!signal.aborted) await witness.freshRound();
      if (!signal.aborted) await this.#lookIntoMailboxes(wave);
    }
    await this.#giveBack(wave);
    wave.of.end(wave, groups, callers);
    await this.read(wave.of);
  }

  async #lookIntoMailboxes({ placed }: Wave): Promise<void> {
    const { lab, inner, ending } = this.#options;
    if (!inner?.evidence.includes('mailbox')) return;
    const users = placed.map((each) => calleeOf(each).user);
    await lab.lookIntoMailboxes(users).catch((error: Error) => ending.fail(error.message));
  }

  /** What the callers had on record goes to the reader, and is not kept here until the window is over. */
  async #takeCallers(records: readonly CallerRecord[], { placed }: Wave): Promise<Taken> {
    const { lab } = this.#options;
    if (lab.b2bua !== null) {
      await lab.recorded();
      this.#take();
    }
    const messages = records.flatMap((each) => each.messages);
    const windowEndEpochMs = await this.#options.reading.takeCallers(messages, placed, nowEpochMs());
    return { callers: records.map(({ messages: _taken, ...rest }) => rest), windowEndEpochMs };
  }

  async #giveBack({ placed }: Wave): Promise<void> {
    const { lab, callees, lodging, witness, reading, ending, openCallTimeoutMs, warn } = this.#options;
    if (lodging === null) return;
    // A message that is counted when the account is another call's would be that one's.
    await until(nowEpochMs() + witness.slowestCountMs(), ending.signal);
    const warnings = await giveBack(placed, {
      lodging,
      callees,
      witness,
      stillOpen: async (open) => {
        await lab.recorded();
        this.#take();
        return reading.stillOpen(open);
      },
      timeoutMs: openCallTimeoutMs,
      signal: ending.signal,
    });
    for (const each of warnings) warn(each);
  }

  /** What was recorded since the last time goes to whoever reads it. */
  #take(): void {
    const { lab, lodging, reading } = this.#options;
    reading.take(lab.wire.take(), lab.takeFiled(), lodging?.take() ?? []);
  }

  /** Reading takes time from phones and callers, so it waits until they need none, or too much has piled up. */
  async #whenQuiet(): Promise<void> {
    const { signal } = this.#options.ending;
    while (this.#placing && this.#closing.size <= UNREAD_BATCHES && !signal.aborted) await this.#changed.promise;
  }

  #tellChanged(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
