import type { ChildProcess, ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { LabError } from '../errors.ts';
import type { Answered, Asked } from './answering.ts';
import { forkOwn } from './own-child.ts';

export interface Deadline {
  readonly withinMs: number;
  /** What would not have come to an end, for the message. */
  readonly what: string;
}

/**
 * A part of this program in a process of its own that answers questions, see `answerEach`. What goes wrong with one rejects that
 * question; when the process is gone, or failed at what it was only told, every question that waits and every later one is rejected.
 */
export class AskedChild<Question, Answer> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #asked = 0;
  #gone: LabError | null = null;

  /**
   * @param name for messages, with its article
   * @param path absolute, of a module that calls `answerEach`
   */
  constructor(name: string, path: string, options?: ForkOptions) {
    this.#name = name;
    this.#child = forkOwn(path, options);
    this.#child.on('message', (message) => this.#hear(message as Answered<Answer>));
    this.#child.on('error', (cause) => this.#lose(new LabError(`${name} failed: ${cause.message}`, { cause })));
    this.#child.on('exit', (status, signal) => this.#lose(new LabError(`${name} ended with ${signal ?? status}`)));
  }

  /**
   * @param deadline Who is not done by then is ended. @default it may take as long as it takes
   * @throws {LabError} with what the child threw, or why there is no answer
   */
  async ask(question: Question, deadline?: Deadline): Promise<Answer> {
    if (this.#gone !== null) throw this.#gone;
    const number = ++this.#asked;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(number, waiting);
    this.#send({ number, question });
    const timer = deadline && setTimeout(() => this.#end(deadline), deadline.withinMs);
    try {
      return await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nobody waits for an answer. */
  tell(question: Question): void {
    this.#send({ number: null, question });
  }

  /** It ends by itself, when it likes. Idempotent. */
  dismiss(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** Settles when it is gone, whatever it is doing. Idempotent. */
  async kill(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #send(asked: Asked<Question>): void {
    this.#child.send(asked, () => {}); // a process that is gone tells so by its end
  }

  #hear(message: Answered<Answer>): void {
    if (message.kind === 'failed-when-told') {
      this.#lose(new LabError(`${this.#name} failed: ${message.why}`));
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (message.kind === 'failed') waiting?.reject(new LabError(message.why));
    else waiting?.resolve(message.answer);
  }

  #end({ withinMs, what }: Deadline): void {
    this.#lose(new LabError(`${what} did not come to an end within ${withinMs} ms`));
    this.#child.kill('SIGKILL');
  }

  /** The first reason is the one that is told. */
  #lose(error: LabError): void {
    this.#gone ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
    this.#waiting.clear();
  }
}
