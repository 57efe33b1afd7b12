import { closeSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type StartedProcess, startProcess } from './process.ts';

/** How instances of a program of the user's are started: as a process here, in a container, ... */
export interface Launcher {
  /** What the user typed, e.g. `baresip`, `command:./phone.sh`, `image:example/phone:1`. */
  readonly id: string;
  /**
   * Starts an instance with these variables in its environment, besides those that it has anyway.
   * @throws {LabError} when it cannot be started
   */
  start(options: LaunchOptions): Promise<RunningProgram>;
}

export interface LaunchOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Gets everything that it prints. The folder exists, the file does not. */
  readonly logFile: string;
  /** Told each line that it prints, without the line end, as soon as it is complete. */
  readonly onLine: (line: string) => void;
  /** It is told things on its standard input, which is empty otherwise. @default false */
  readonly input?: boolean;
  /** A file for it to read: the variable has its path. */
  readonly file?: ProgramFile;
}

export interface ProgramFile {
  readonly variable: string;
  readonly name: string;
  readonly text: string;
}

export interface RunningProgram {
  /** Its standard input takes this line, if it was started with one and has not ended; a line is never split. */
  write(line: string): void;
  /** Settles when it has ended and all its lines were told; the text says how, and what it said last. Never rejects. */
  readonly exited: Promise<string>;
  /** SIGTERM, and SIGKILL if that is not enough. Idempotent. Settles when it has ended. */
  stop(): Promise<void>;
}

export interface Program {
  /** Name on PATH, or absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  /** Set besides the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A line that is longer is told in pieces: nobody waits for such a line. */
const MAX_LINE_BYTES = 65_536;
const READ_EVERY_MS = 10;
const READ_AT_ONCE = 64 * MAX_LINE_BYTES;
const KILL_AFTER_MS = 3_000;

/** Instances are processes on this machine; they end with us however we end. */
export function programLauncher(id: string, { command, args, env: own = {} }: Program): Launcher {
  return {
    id,
    async start({ env, logFile, onLine, input = false, file }) {
      const path = file === undefined ? null : join(dirname(logFile), file.name);
      if (file !== undefined && path !== null) await writeFile(path, file.text);
      const child = await startProcess({
        command,
        args,
        cwd: dirname(logFile),
        env: { ...process.env, ...own, ...env, ...(file && path !== null && { [file.variable]: path }) },
        logFile,
        killAfterMs: KILL_AFTER_MS,
        input,
      });
      // It writes to the file by itself, so that nothing is lost when we die; so the file is what we read.
      const lines = await opened(logFile, onLine, child);
      const reading = setInterval(() => lines.read(), READ_EVERY_MS);
      const exited = child.exited.then(({ code, signal, logTail }) => {
        clearInterval(reading);
        lines.end();
        return `it ended with ${signal ?? `exit status ${code}`}${lastWords(logTail)}`;
      });
      return {
        exited,
        write: (line) => child.write(`${line}\n`),
        stop: async () => void (await child.stop().then(() => exited)),
      };
    },
  };
}

/** The end of its output on one line, for a sentence. Where it stood when it failed says less than what it says of it. */
export function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at \S/.test(line));
  return lines.length === 0 ? ', having said nothing' : `; it said last: ${lines.slice(-3).join(' | ').slice(-400)}`;
}

async function opened(file: string, onLine: (line: string) => void, child: StartedProcess): Promise<LogLines> {
  try {
    return new LogLines(file, onLine);
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** All files are read into it: a buffer for each look, a hundred times a second for each program, kept the collector busy. */
const pieceRead = Buffer.alloc(MAX_LINE_BYTES);

/** A growing file, told line by line. It may be removed meanwhile. */
class LogLines {
  readonly #fd: number;
  readonly #onLine: (line: string) => void;
  #at = 0;
  #rest = Buffer.alloc(0);

  constructor(file: string, onLine: (line: string) => void) {
    this.#fd = openSync(file, 'r');
    this.#onLine = onLine;
  }

  /** @param most so many bytes; somebody may write faster than we read, and others have to go on */
  read(most = READ_AT_ONCE): void {
    for (const from = this.#at; this.#at - from < most; ) {
      const length = readSync(this.#fd, pieceRead, 0, pieceRead.length, this.#at);
      if (length === 0) return;
      this.#at += length;
      this.#push(pieceRead.subarray(0, length));
    }
  }

  /** Nothing more comes: what has no line end is a line, too. */
  end(): void {
    try {
      this.read(Number.POSITIVE_INFINITY);
    } finally {
      closeSync(this.#fd);
    }
    if (this.#rest.length > 0) this.#push(Buffer.from('\n'));
  }

  #push(piece: Buffer): void {
    let buffer = Buffer.concat([this.#rest, piece]);
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10)) {
      this.#onLine(buffer.toString('utf8', 0, end).replace(/\r$/, ''));
      buffer = buffer.subarray(end + 1);
    }
    if (buffer.length > MAX_LINE_BYTES) {
      this.#onLine(buffer.toString('utf8'));
      buffer = Buffer.alloc(0);
    }
    this.#rest = Buffer.from(buffer);
  }
}
