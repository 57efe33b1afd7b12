import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forkOwn } from './own-child.ts';
import type { HowEnded, News, Order, ProgramToStart, SystemError } from './starter-messages.ts';

const CHILD = fileURLToPath(new URL('starter-child.ts', import.meta.url));

/** A program that was started. */
export interface Program {
  readonly pid: number;
  /** Never rejects. */
  readonly ended: Promise<HowEnded>;
  /** To its standard input, if that was kept open. */
  write(text: string): void;
  /** SIGTERM to the program alone, SIGKILL to its whole group; nothing to one that has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Why a program was not started, with the system's code. */
export class NotStarted extends Error {
  readonly code: string | undefined;
  readonly at: SystemError['at'];

  constructor({ code, message, at }: SystemError) {
    super(message);
    this.code = code;
    this.at = at;
  }
}

/**
 * Starts programs through a small process. To start one from here the system would copy the tables of all our memory, and
 * phones would stand still meanwhile: 14 ms at 200 MB, 37 ms at 500 MB, half of it processor time, and 50 to 100 ms on a busy
 * machine; from a small process it takes one, beside us (measured).
 */
class Starter {
  #child: ChildProcess | null = null;
  #numbered = 0;
  readonly #asked = new Map<number, PromiseWithResolvers<Program>>();
  readonly #running = new Map<number, PromiseWithResolvers<HowEnded>>();

  /** Whoever is going to start programs saves the first one the wait. */
  begin(): void {
    this.#child ??= this.#open();
  }

  /** @throws {NotStarted} */
  start(start: ProgramToStart): Promise<Program> {
    this.begin();
    const program = ++this.#numbered;
    const asked = Promise.withResolvers<Program>();
    this.#asked.set(program, asked);
    this.#tell({ program, start });
    this.#holdOpen();
    return asked.promise;
  }

  #open(): ChildProcess {
    // Its own few options: ours may be a profiler's, or those of tests.
    const child = forkOwn(CHILD, { execArgv: ['--max-semi-space-size=1'] });
    child.on('message', (news) => this.#hear(news as News));
    child.on('error', ({ message }) => this.#lose(child, message));
    child.on('exit', (status, signal) => this.#lose(child, `it ended with ${signal ?? status}`));
    child.unref();
    child.channel?.unref();
    process.once('beforeExit', this.#atEnd);
    return child;
  }

  #hear(news: News): void {
    const { program } = news;
    if ('ended' in news) {
      this.#running.get(program)?.resolve(news.ended);
      this.#running.delete(program);
    } else {
      const asked = this.#asked.get(program);
      this.#asked.delete(program);
      if ('failed' in news) asked?.reject(new NotStarted(news.failed));
      else asked?.resolve(this.#started(program, news.pid));
    }
    this.#holdOpen();
  }

  #started(program: number, pid: number): Program {
    const ended = Promise.withResolvers<HowEnded>();
    this.#running.set(program, ended);
    return {
      pid,
      ended: ended.promise,
      write: (write) => this.#tell({ program, write }),
      end: (end) => this.#tell({ program, end }),
    };
  }

  /** Waited for, so that what we took of the processor is counted with what its programs took (getrusage(2), time(1)). */
  readonly #atEnd = (): void => {
    this.#child?.ref();
    this.#child?.disconnect();
  };

  #tell(order: Order): void {
    this.#child?.send(order, () => {}); // a process that is gone tells so by its end
  }

  /** What is waited for keeps us; that there may be more programs some day does not. */
  #holdOpen(): void {
    if (this.#asked.size + this.#running.size > 0) this.#child?.channel?.ref();
    else this.#child?.channel?.unref();
  }

  /** Its programs end with it, see watchdog.sh. */
  #lose(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    process.off('beforeExit', this.#atEnd);
    const message = `the process that starts programs is gone: ${why}`;
    for (const asked of this.#asked.values()) asked.reject(new NotStarted({ code: undefined, message, at: 'program' }));
    for (const running of this.#running.values()) running.resolve({ code: null, signal: 'SIGKILL' });
    this.#asked.clear();
    this.#running.clear();
  }
}

/** Of this process, for all that it starts. */
export const starter = new Starter();
