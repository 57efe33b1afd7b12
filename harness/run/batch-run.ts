/** The way of a batch: registered, placed, waited for and read, while others are under way. */

import { setMaxListeners } from 'node:events';
import type { CallerRecord } from '../callers/caller.ts';
import { nowEpochMs } from '../now.ts';
import type { BatchOptions } from './batch-options.ts';
import { BATCH_CELLS } from './batches.ts';
import { type CallGroup, callGroups } from './call-groups.ts';
import type { Callees } from './callees.ts';
import { giveBack } from './give-back.ts';
import { cellKey } from './identity.ts';
import type { Lab } from './lab.ts';
import type { Lodging } from './lodging.ts';
import { isLongRun } from './long-run.ts';
import { serverTimersMs, type Trouble } from './observe.ts';
import { OpenBatch, type Wave } from './open-batch.ts';
import { Pacer } from './pacer.ts';
import { placeCalls } from './place-calls.ts';
import type { BatchRecord } from './reader.ts';
import type { RunFacts } from './run-options.ts';
import { TIMER_EARLY_MS, until } from './until.ts';
import type { Witness } from './witness.ts';
import { Work } from './work.ts';

/** How long the voice mail greeting plays where nobody says otherwise. */
export const GREETING_MS = 1000;
const TALK_PAST_GREETING_MS = 800;
/** Batches whose windows are open or whose record is being read; more would only fill the memory. */
const OPEN_BATCHES = 24;
/** So many may wait for the reader while calls are being placed; a longer run is read as it goes. */
const UNREAD_BATCHES = 8;
/** What 600 MB are enough for: 566 MB after a minute and a half, and little more after five (measured). */
const LONG_RUN_PER_SECOND = 365;
/** What cells are called again at, of the highest rate so far. */
const SLOWER = 1 / 3;
/** For so many rounds of canaries it is waited for that the lab is in time. */
const ROUNDS_UNTIL_IN_TIME = 10;
/** From the end of a window to the end of the canaries that close it. */
const CANARIES_MS = 400;
/** Where calls wait for accounts, results do not wait for so many calls. */
const LENT_BATCH_CELLS = 50;

/** Who can say what a call met. */
interface Witnesses {
  readonly witness: Witness;
  readonly blind: BatchRecord['blind'];
}

/** Its calls are over. */
interface Ended {
  readonly callers: readonly Omit<CallerRecord, 'messages'>[];
  readonly windowEndEpochMs: number;
}

export class BatchRun {
  readonly #options: BatchOptions;
  readonly #lab: Lab;
  readonly #callees: Callees;
  /** null: the server makes accounts. */
  readonly #lodging: Lodging | null;
  readonly #troubles: readonly Trouble[];
  readonly #work: Work;
  readonly #stop = new AbortController();
  readonly #open = new Set<OpenBatch>();
  readonly #closing = new Set<Promise<void>>();
  readonly #warnings: string[] = [];
  /** Calls are being placed, or more are to be at once. */
  #placing = true;
  #changed = Promise.withResolvers<void>();
  #ready: Promise<Wave | null> | null = null;
  /** The batch that waves are taken from. */
  #current: OpenBatch | null = null;
  #failure: string | null = null;
  #identified = 0;
  #begun = 0;
  /** How many will have begun when all that is known of is placed. */
  #total: number;
  #groups = 0;
  #firstEpochMs = 0;
  #lastWindowEpochMs = 0;

  constructor(
    options: BatchOptions,
    {
      lab,
      callees,
      lodging,
      troubles,
      playable,
    }: {
      readonly lab: Lab;
      readonly callees: Callees;
      readonly lodging: Lodging | null;
      readonly troubles: readonly Trouble[];
      readonly playable: BatchOptions['cells'];
    },
  ) {
    this.#options = options;
    this.#lab = lab;
    this.#callees = callees;
    this.#lodging = lodging;
    this.#troubles = troubles;
    const { repeat = 1, again = 0, batchCells = lodging === null ? BATCH_CELLS : LENT_BATCH_CELLS } = options;
    // A user agent gets all its accounts at once: it reads them when it starts.
    this.#work = new Work({
      cells: playable,
      repeat,
      again,
      ...(lab.ua === null ? { batchCells, firstCells: Math.ceil(batchCells / 4) } : { batchCells: playable.length }),
    });
    this.#total = this.#work.total;
    setMaxListeners(0, this.#stop.signal);
  }

  /** The next batch's phones. @throws {LabError} */
  async prepare(): Promise<void> {
    this.#ready = this.#prepareNext();
    await this.#ready;
  }

  /** All the calls, to the end of the last window. @throws {LabError} when the first cannot be placed */
  async place(
    witness: Witness,
    blind: BatchRecord['blind'],
  ): Promise<Pick<RunFacts, 'ended' | 'trouble' | 'warnings'>> {
    const { signal, rate, server } = this.#options;
    const ofLongRun = isLongRun(this.#work.total) ? LONG_RUN_PER_SECOND : rate;
    const maxPerSecond = Math.min(rate, ofLongRun, server?.atMostPerSecond ?? rate);
    const pacer = new Pacer({ maxPerSecond, lateMs: () => witness.lateMs() });
    const abort = (): void => {
      this.#stop.abort();
      this.#tellChanged();
      this.#lodging?.end();
    };
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    let over = false;
    void this.#lab.server.exited.then((how) => {
      if (!over) this.#fail(`the server under test ended during the run: ${how}`);
    });
    try {
      for (
        let prepared = await this.#next(pacer, witness);
        prepared !== null;
        prepared = await this.#next(pacer, witness)
      )
        await this.#placeWave(prepared, pacer, { witness, blind });
    } finally {
      this.#placing = false;
      this.#tellChanged();
      await Promise.all(this.#closing);
      // A run that ends early leaves a batch of which not all were placed.
      if (this.#current !== null) await this.#read(this.#current, { witness, blind });
      over = true;
      signal?.removeEventListener('abort', abort);
      pacer.stop();
      witness.stop();
    }
    const ended = signal?.aborted ? 'cancelled' : this.#failure === null ? 'complete' : 'failed';
    return { ended, trouble: this.#failure, warnings: this.#warnings };
  }

  #prepareNext(): Promise<Wave | null> | null {
    if (this.#stop.signal.aborted) return null;
    if (this.#current === null || this.#current.left.length === 0) {
      const batch = this.#work.next();
      if (batch === null) return null;
      const keyed = batch.cells.map((cell, index) => ({
        cell,
        key: cellKey(this.#options.token, this.#identified + index),
      }));
      this.#identified += keyed.length;
      this.#current = new OpenBatch(batch, keyed);
    }
    const preparing = this.#prepareWave(this.#current);
    preparing.catch(() => {}); // whoever awaits it is told
    return preparing;
  }

  /** null: the run was ended while it was waited for accounts. */
  async #prepareWave(of: OpenBatch): Promise<Wave | null> {
    const placed = this.#lodging === null ? of.left : await this.#lodging.lend(of.left, this.#stop.signal);
    if (placed.length === 0) return null;
    of.begin(placed);
    return { of, placed, registered: await this.#callees.register(placed) };
  }

  async #next(pacer: Pacer, witness: Witness): Promise<Wave | null> {
    if (this.#ready === null) await this.#turnToAgain(pacer, witness);
    try {
      return await this.#ready;
    } catch (error) {
      this.#fail(`no more calls could be placed: ${(error as Error).message}`);
      return null;
    } finally {
      this.#ready = null;
    }
  }

  /** What proved nothing is called again, slower, when nothing else is under way and the lab is alive. */
  async #turnToAgain(pacer: Pacer, witness: Witness): Promise<void> {
    const { slackMs = 1000 } = this.#options;
    this.#placing = false;
    this.#tellChanged();
    await Promise.all(this.#closing);
    const cells = this.#stop.signal.aborted ? 0 : this.#work.turnToAgain();
    if (cells === 0) return;
    this.#total = this.#begun + this.#work.waiting;
    pacer.slowDown(SLOWER);
    const perSecond = Math.round(pacer.perSecond);
    this.#warnings.push(`${cells} calls that proved nothing at first were placed again, at ${perSecond} per second`);
    this.#options.onAgain?.(cells, perSecond);
    await witness.freshRound();
    for (let round = 1; round < ROUNDS_UNTIL_IN_TIME && witness.lateMs() > slackMs / 4; round++)
      await witness.freshRound();
    this.#ready = this.#prepareNext();
  }

  async #placeWave(wave: Wave, pacer: Pacer, witnesses: Witnesses): Promise<void> {
    const { token, slackMs = 1000, greetingMs = GREETING_MS } = this.#options;
    const { of, placed } = wave;
    const timing = { token, slackMs, talkMs: greetingMs + TALK_PAST_GREETING_MS };
    const groups = callGroups(placed, timing, this.#groups);
    const isFirst = this.#groups === 0;
    of.begunEpochMs ??= nowEpochMs();
    if (isFirst) this.#firstEpochMs = of.begunEpochMs;
    this.#placing = true;
    this.#groups += groups.length;
    this.#open.add(of);
    this.#sayCalls(pacer, wave);
    const calling = await placeCalls(groups, {
      ...this.#options,
      site: this.#lab.site,
      server: this.#lab.server.sip,
      credentials: this.#lab.server.callers,
      pacer,
      signal: this.#stop.signal,
    }).catch((error: Error) => {
      if (isFirst) throw error;
      this.#fail(error.message);
      return null;
    });
    if (calling === null) {
      of.drop();
      return;
    }
    this.#begun += placed.length;
    const closed: Promise<void> = calling.ended
      .then(async (traces) => {
        const messages = traces.flatMap((each) => each.messages);
        const windowEndEpochMs = await this.#options.reading.takeCallers(messages, placed, nowEpochMs());
        // What the callers had on record is taken, and not kept here until the window is over.
        const callers = traces.map(({ messages: _taken, ...rest }) => rest);
        return { callers, windowEndEpochMs };
      })
      .then((ended) => this.#close(wave, groups, ended, witnesses))
      .catch((error: Error) => this.#fail(`what was recorded could not be read: ${error.message}`))
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
    this.#tellChanged();
    this.#ready = this.#prepareNext();
    await calling.begun;
    // Whoever waits for accounts places nothing meanwhile.
    this.#placing = this.#ready !== null && this.#lodging === null;
    this.#tellChanged();
    while (this.#closing.size >= OPEN_BATCHES) await Promise.race(this.#closing);
    if (this.#ready === null) void calling.ended.then(() => this.#sayWindow());
  }

  /** From the end of a wave's calls to its windows being closed; with the last wave of a batch, to its being read. */
  async #close(
    wave: Wave,
    groups: readonly CallGroup[],
    { callers, windowEndEpochMs }: Ended,
    witnesses: Witnesses,
  ): Promise<void> {
    this.#lastWindowEpochMs = Math.max(this.#lastWindowEpochMs, windowEndEpochMs);
    if (!this.#stop.signal.aborted) {
      await until(windowEndEpochMs + TIMER_EARLY_MS, this.#stop.signal);
      if (!this.#stop.signal.aborted) await witnesses.witness.freshRound();
    }
    if (this.#lodging !== null) {
      const { reading, openCallTimeoutMs = 64_000 } = this.#options;
      const warnings = await giveBack(wave.placed, {
        lodging: this.#lodging,
        callees: this.#callees,
        witness: witnesses.witness,
        stillOpen: async (placed) => {
          await this.#lab.recorded();
          this.#take();
          return reading.stillOpen(placed);
        },
        timeoutMs: openCallTimeoutMs,
        signal: this.#stop.signal,
      });
      this.#warnings.push(...warnings);
    }
    wave.of.end(wave, groups, callers);
    await this.#read(wave.of, witnesses);
  }

  /** A batch whose calls are all over; nothing is done while some are not. */
  async #read(of: OpenBatch, { witness, blind }: Witnesses): Promise<void> {
    const { reading } = this.#options;
    const whole = of.record(this.#stop.signal.aborted);
    if (whole === null) return;
    await this.#whenQuiet();
    await this.#lab.recorded();
    this.#open.delete(of);
    this.#take();
    const testimony = witness.testimony();
    const begunEpochMs = [...this.#open].flatMap((each) => each.begunEpochMs ?? []);
    const { batch, record } = whole;
    const again = await reading.read(batch, {
      ...record,
      ...testimony,
      phonesUnderTest: this.#lab.ua !== null,
      blind,
      troubles: [...record.troubles, ...this.#troubles],
      forgetBeforeEpochMs: witness.forget(Math.min(nowEpochMs(), ...begunEpochMs)),
    });
    if (this.#lodging === null) this.#callees.forget(record.placed);
    if (!this.#stop.signal.aborted) this.#work.again(batch, again);
  }

  /** What was recorded since the last time goes to whoever reads it. */
  #take(): void {
    this.#options.reading.take(this.#lab.wire.take(), this.#lab.takeFiled(), this.#lodging?.take() ?? []);
  }

  /** Reading takes time from phones and callers, so it waits until they need none, or too much has piled up. */
  async #whenQuiet(): Promise<void> {
    while (this.#placing && this.#closing.size <= UNREAD_BATCHES && !this.#stop.signal.aborted)
      await this.#changed.promise;
  }

  #tellChanged(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #fail(why: string): void {
    this.#failure ??= why;
    this.#stop.abort();
    this.#tellChanged();
    this.#lodging?.end();
  }

  #sayCalls(pacer: Pacer, { placed }: Wave): void {
    const { slackMs = 1000 } = this.#options;
    const begun = (): number => this.#begun - Math.round(pacer.left);
    // The longest of the last calls: whoever waits in vain waits for all of the server's timers, and then for its window.
    const longestMs = Math.max(
      ...placed.map(({ cell }) => serverTimersMs(cell.scenario.subscriber.waits) + 2 * slackMs + CANARIES_MS),
    );
    // Where calls wait for accounts, the rate is that of the accounts.
    const isWaiting = this.#lodging !== null;
    const msPerCall = (): number => (nowEpochMs() - this.#firstEpochMs) / Math.max(1, begun());
    const rate = (): string => (isWaiting ? 'as accounts are free' : `${Math.round(pacer.perSecond)}/s`);
    this.#options.onProgress?.({
      phase: 'calls',
      text: 'placing calls',
      detail: () => `${begun().toLocaleString('en')} of ${this.#total.toLocaleString('en')}, ${rate()}`,
      leftMs: () => {
        const left = this.#total - begun();
        return (isWaiting ? left * msPerCall() : pacer.msFor(left)) + longestMs;
      },
    });
  }

  #sayWindow(): void {
    if (this.#stop.signal.aborted) return;
    this.#options.onProgress?.({
      phase: 'window',
      text: 'waiting out the last window, then the last canaries',
      leftMs: () => Math.max(0, this.#lastWindowEpochMs - nowEpochMs()) + CANARIES_MS,
    });
  }
}
