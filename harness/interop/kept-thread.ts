import { type PoolOptions, type PoolWorker, ThreadsPoolWorker, type WorkerRequest } from 'vitest/node';

type Listener = Parameters<PoolWorker['on']>[1];

/**
 * A pool of vitest with one thread that outlives its runs. Its own pools end their thread after each run, and the next loads
 * all of vitest again: 0.2 s of CPU.
 */
export class KeptThread implements AsyncDisposable {
  readonly name = 'kept-thread';
  #thread: ThreadsPoolWorker | null = null;

  /** For vitest, once per run. */
  readonly createPoolWorker = (options: PoolOptions): PoolWorker => {
    const isFirst = this.#thread === null;
    this.#thread ??= new ThreadsPoolWorker(options);
    return new Turn(this.name, this.#thread, isFirst);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.stop();
    this.#thread = null;
  }
}

/** The thread, for one run: it is started for the first, and stopped after none. */
class Turn implements PoolWorker {
  readonly name: string;
  readonly #thread: ThreadsPoolWorker;
  readonly #isFirst: boolean;
  readonly #listeners: { readonly event: string; readonly listener: Listener }[] = [];

  constructor(name: string, thread: ThreadsPoolWorker, isFirst: boolean) {
    this.name = name;
    this.#thread = thread;
    this.#isFirst = isFirst;
  }

  async start(): Promise<void> {
    if (this.#isFirst) await this.#thread.start();
  }

  async stop(): Promise<void> {
    for (const { event, listener } of this.#listeners) this.#thread.off(event, listener);
  }

  on(event: string, listener: Listener): void {
    this.#listeners.push({ event, listener });
    this.#thread.on(event, listener);
  }

  off(event: string, listener: Listener): void {
    // Of a thread that did not start vitest takes back what it never listened to.
    if (this.#listeners.some((each) => each.listener === listener)) this.#thread.off(event, listener);
  }

  send(request: WorkerRequest): void {
    if (request.type === 'stop') this.#answer('stopped');
    else if (request.type === 'start' && !this.#isFirst) this.#answer('started');
    else this.#thread.send(request);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  /** For the thread, which has been asked already or will not be. */
  #answer(type: 'started' | 'stopped'): void {
    queueMicrotask(() => {
      for (const { event, listener } of this.#listeners) {
        if (event === 'message') listener({ type, __vitest_worker_response__: true });
      }
    });
  }
}
