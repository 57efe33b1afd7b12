/** The way of a batch: registered, placed, waited for and read, while others are under way. */

import { counted } from '../counted.ts';
import { nowEpochMs } from '../now.ts';
import { AfterCalls } from './after-calls.ts';
import type { BatchOptions } from './batch-options.ts';
import { BATCH_CELLS } from './batches.ts';
import { isBusyMachine } from './busy-machine.ts';
import { callGroups, GREETING_MS, TALK_PAST_GREETING_MS } from './call-groups.ts';
import { CallProgress } from './call-progress.ts';
import type { Callees } from './callees.ts';
import { Ending } from './ending.ts';
import type { Lab } from './lab.ts';
import type { Lodging } from './lodging.ts';
import { isLongRun } from './long-run.ts';
import type { Trouble } from './observe.ts';
import type { Wave } from './open-batch.ts';
import { Pacer } from './pacer.ts';
import { placeCalls } from './place-calls.ts';
import type { BatchRecord } from './reader.ts';
import type { RunFacts } from './run-options.ts';
import type { Turnstile } from './turnstile.ts';
import { Waves } from './waves.ts';
import type { Witness } from './witness.ts';
import { Work } from './work.ts';

/** Waves whose windows are open or whose record is being read; more would only fill the memory. */
const OPEN_WAVES = 24;
/** What 600 MB are enough for: 566 MB after a minute and a half, and little more after five (measured). */
const LONG_RUN_PER_SECOND = 365;
/** What cells are called again at, of the highest rate so far. */
const SLOWER = 1 / 3;
/** Below, a lab is late by itself, and calls take longer than they are worth. */
const LEAST_PER_SECOND = 30;
/** For so many rounds of canaries it is waited for that the lab is in time. */
const ROUNDS_UNTIL_IN_TIME = 10;
/** Where calls wait for accounts, results do not wait for so many calls. */
const LENT_BATCH_CELLS = 50;

export interface BatchRunParts {
  readonly lab: Lab;
  readonly callees: Callees;
  /** null: the server makes accounts. */
  readonly lodging: Lodging | null;
  readonly troubles: readonly Trouble[];
  /** null: calls begin at any rate that the run has. */
  readonly turnstile: Turnstile | null;
  readonly playable: BatchOptions['cells'];
}

/** While calls are placed. */
interface Placing {
  readonly pacer: Pacer;
  readonly witness: Witness;
  readonly progress: CallProgress;
  readonly after: AfterCalls;
}

export class BatchRun {
  readonly #options: BatchOptions;
  readonly #parts: BatchRunParts;
  readonly #work: Work;
  readonly #waves: Waves;
  readonly #ending = new Ending();
  readonly #warnings: string[] = [];
  #groups = 0;

  constructor(options: BatchOptions, parts: BatchRunParts) {
    const { lab, callees, lodging, playable } = parts;
    const { signal } = this.#ending;
    this.#options = options;
    this.#parts = parts;
    const { repeat = 1, again = 0, batchCells = lodging === null ? BATCH_CELLS : LENT_BATCH_CELLS } = options;
    // A user agent gets all its accounts at once: it reads them when it starts.
    this.#work = new Work({
      cells: playable,
      repeat,
      again,
      ...(lab.ua === null ? { batchCells, firstCells: Math.ceil(batchCells / 4) } : { batchCells: playable.length }),
    });
    this.#waves = new Waves({ token: options.token, work: this.#work, callees, lodging, signal });
    signal.addEventListener('abort', () => lodging?.end(), { once: true });
  }

  /** The first wave's phones. @throws {LabError} */
  async prepare(): Promise<void> {
    this.#waves.prepare();
    await this.#waves.prepared;
  }

  /** All the calls, to the end of the last window. @throws {LabError} when the first cannot be placed */
  async place(
    witness: Witness,
    blind: BatchRecord['blind'],
  ): Promise<Pick<RunFacts, 'ended' | 'trouble' | 'warnings'>> {
    const { signal } = this.#options;
    const placing = this.#begin(witness, blind);
    const { pacer, after } = placing;
    const cancel = (): void => this.#ending.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    let over = false;
    void this.#parts.lab.server.exited.then((how) => {
      if (!over) this.#ending.fail(`the server under test ended during the run: ${how}`);
    });
    try {
      for (let wave = await this.#next(placing); wave !== null; wave = await this.#next(placing))
        await this.#placeWave(wave, placing);
    } finally {
      await after.whenAllClosed();
      // A run that ends early leaves a batch of which not all were placed.
      if (this.#waves.current !== null) await after.read(this.#waves.current);
      over = true;
      signal?.removeEventListener('abort', cancel);
      pacer.stop();
      witness.stop();
    }
    const { failure } = this.#ending;
    const ended = signal?.aborted ? 'cancelled' : failure === null ? 'complete' : 'failed';
    return { ended, trouble: failure, warnings: this.#warnings };
  }

  #begin(witness: Witness, blind: BatchRecord['blind']): Placing {
    const { rate, server, onProgress, reading, slackMs = 1000, openCallTimeoutMs = 64_000 } = this.#options;
    const { lab, callees, lodging, troubles } = this.#parts;
    const { total } = this.#work;
    const ofLongRun = isLongRun(total) ? LONG_RUN_PER_SECOND : rate;
    const maxPerSecond = Math.min(rate, ofLongRun, server?.atMostPerSecond ?? rate);
    const lateMs = (): number => witness.lateMs();
    const pacer = new Pacer({ maxPerSecond, lateMs });
    const progress = new CallProgress({
      onProgress,
      slackMs,
      pacer,
      lateMs,
      waitsForAccounts: lodging !== null,
      total,
    });
    const after = new AfterCalls({
      lab,
      callees,
      lodging,
      witness,
      inner: server?.innerVoicemail ?? null,
      blind,
      troubles,
      reading,
      work: this.#work,
      progress,
      ending: this.#ending,
      openCallTimeoutMs,
      warn: (text) => void this.#warnings.push(text),
    });
    return { pacer, witness, progress, after };
  }

  async #next(placing: Placing): Promise<Wave | null> {
    if (this.#waves.prepared === null) await this.#turnToAgain(placing);
    try {
      return await this.#waves.take();
    } catch (error) {
      this.#ending.fail(`no more calls could be placed: ${(error as Error).message}`);
      return null;
    }
  }

  /** What proved nothing is called again, slower, when nothing else is under way and the lab is alive. */
  async #turnToAgain({ pacer, witness, progress, after }: Placing): Promise<void> {
    const { slackMs = 1000, onAgain } = this.#options;
    await after.whenAllClosed();
    const cells = this.#ending.signal.aborted ? 0 : this.#work.turnToAgain(isBusyMachine);
    if (cells === 0) return;
    progress.expect(this.#work.waiting);
    pacer.slowDown(SLOWER, LEAST_PER_SECOND);
    const perSecond = Math.round(pacer.perSecond);
    this.#warnings.push(
      `${counted(cells, 'call that proved nothing at first was', 'calls that proved nothing at first were')} placed again, at ${perSecond} per second`,
    );
    onAgain?.(cells, perSecond);
    await witness.freshRound();
    for (let round = 1; round < ROUNDS_UNTIL_IN_TIME && witness.lateMs() > slackMs / 4; round++)
      await witness.freshRound();
    this.#waves.prepare();
  }

  async #placeWave(prepared: Wave, { pacer, progress, after }: Placing): Promise<void> {
    const { token, server, slackMs = 1000, greetingMs = GREETING_MS } = this.#options;
    const inner = server?.innerVoicemail;
    const { lab, lodging } = this.#parts;
    const { of, placed } = prepared;
    const { signal } = this.#ending;
    if (signal.aborted) {
      of.drop(); // it ended while these were prepared, and nobody is called any more
      return;
    }
    const talkMs = inner?.talkMs ?? greetingMs + TALK_PAST_GREETING_MS;
    const timing = { token, slackMs, talkMs, speaks: inner !== undefined, isForeign: server?.isForeign === true };
    const groups = callGroups(placed, timing, this.#groups, lab.site.application !== undefined);
    const isFirst = this.#groups === 0;
    of.begunEpochMs ??= nowEpochMs();
    this.#groups += groups.length;
    after.begin(of);
    progress.sayCalls(placed);
    this.#options.onCalled?.(placed.map(({ cell }) => cell));
    const wave = { ...prepared, registered: await this.#parts.callees.refresh(placed, prepared.registered) };
    const calling = await placeCalls(groups, {
      ...this.#options,
      site: lab.site,
      server: lab.server.sip,
      b2bua: lab.b2bua,
      credentials: lab.server.callers,
      from: lab.server.manners?.caller,
      turnstile: this.#parts.turnstile,
      pacer,
      signal,
    }).catch((error: Error) => {
      if (isFirst) throw error;
      this.#ending.fail(error.message);
      return null;
    });
    if (calling === null) {
      of.drop();
      return;
    }
    progress.placed(placed.length);
    after.follow(wave, groups, calling.ended);
    this.#waves.prepare();
    await calling.begun;
    progress.begun();
    // Whoever waits for accounts places nothing meanwhile.
    after.setPlacing(this.#waves.prepared !== null && lodging === null);
    await after.whenFewerThan(OPEN_WAVES);
    if (this.#waves.prepared !== null) return;
    void calling.ended.then(() => {
      if (!signal.aborted) progress.sayWindow();
    });
  }
}
