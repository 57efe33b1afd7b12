import { setTimeout as after } from 'node:timers/promises';
import type { CallerMessage, CallerRecord, CallerTask, CallsUnderWay, PlannedCall } from '../caller.ts';
import { callLine, requestUri } from './contract.ts';
import type { Dialler } from './dialler.ts';
import type { Order } from './orders.ts';

/** From being told of a call, or challenged, to the INVITE that is on the wire: who takes longer places none. */
const PLACE_WITHIN_MS = 5_000;

/** The calls of one task: the application is told of each when it has room for it and the rate allows. */
export class ApplicationCalls implements CallsUnderWay {
  readonly result: Promise<CallerRecord>;
  readonly #dialler: Dialler;
  readonly #task: CallerTask;
  readonly #messages: CallerMessage[] = [];
  readonly #mine = new Set<Order>();
  readonly #stopped = new AbortController();
  #rate: number;
  #begun = 0;

  constructor(dialler: Dialler, task: CallerTask) {
    this.#dialler = dialler;
    this.#task = task;
    this.#rate = task.rate;
    const unlisten = dialler.listen((message, order) => {
      if (order === null || this.#mine.has(order)) this.#messages.push(message);
    });
    this.result = this.#placeAll().then((trouble) => {
      unlisten();
      return { messages: this.#messages, trouble, clockTrouble: null };
    });
  }

  get left(): number {
    return this.#stopped.signal.aborted ? 0 : this.#task.calls.length - this.#begun;
  }

  setRate(perSecond: number): void {
    this.#rate = perSecond;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.result;
  }

  /** @returns what was wrong */
  async #placeAll(): Promise<string | null> {
    const over: Promise<string | null>[] = [];
    for (const call of this.#task.calls) {
      const hasRoom = await this.#dialler.room();
      if (!hasRoom || this.#stopped.signal.aborted) {
        this.#dialler.leave(null);
        break;
      }
      this.#begun += 1;
      over.push(this.#place(call));
      await after(1000 / this.#rate, undefined, { signal: this.#stopped.signal }).catch(() => {}); // stopped
    }
    const troubles = await Promise.all(over);
    const { ended } = this.#dialler;
    if (ended !== null) return `the application did not live to the end of its calls: ${ended}`;
    return troubles.find((trouble) => trouble !== null) ?? null;
  }

  async #place(call: PlannedCall): Promise<string | null> {
    const { plan, lastCallMs } = this.#task;
    const done = Promise.withResolvers<string | null>();
    const giveUp = (what: string): void => {
      const { misdeed } = this.#dialler;
      done.resolve(`the application ${what}${misdeed === null ? '' : `; ${misdeed}`}`);
    };
    const finish = setTimeout(giveUp, lastCallMs, `did not finish a call within ${lastCallMs} ms of being told of it`);
    const late = `had sent no INVITE ${PLACE_WITHIN_MS} ms after it was told to, or challenged`;
    const awaitInvite = (): NodeJS.Timeout => setTimeout(giveUp, PLACE_WITHIN_MS, late);
    let begin = awaitInvite();
    const order: Order = {
      callee: call.callee,
      uri: requestUri(call, plan),
      hasPassword: call.credentials !== undefined,
      onSeen: (what) => {
        if (what === 'over') done.resolve(null);
        clearTimeout(begin);
        if (what === 'challenge') begin = awaitInvite();
      },
    };
    this.#mine.add(order);
    const stop = (): void => done.resolve(null);
    this.#stopped.signal.addEventListener('abort', stop, { once: true });
    this.#dialler.tell(order, callLine(call, plan));
    const trouble = await Promise.race([done.promise, this.#dialler.exited.then(() => null)]);
    for (const timer of [finish, begin]) clearTimeout(timer);
    this.#stopped.signal.removeEventListener('abort', stop);
    this.#dialler.leave(order);
    return trouble;
  }
}
