import type { Progress } from '../run/run-cells.ts';

export type Shown = Pick<Progress, 'text' | 'detail' | 'leftMs' | 'figures'>;

/** A log that is kept gets a line now and then, not five a second. */
const PLAIN_EVERY_MS = 5_000;
const REDRAW_EVERY_MS = 200;

/**
 * Progress on standard error: one line that is rewritten on a terminal, plain lines elsewhere (CI logs keep them).
 * Standard output stays for the matrix.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #begunAt = performance.now();
  readonly #rewrites: boolean;
  #ticker: NodeJS.Timeout | undefined;
  #progress: Shown = { text: '' };

  constructor(stream: NodeJS.WriteStream = process.stderr, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#rewrites = stream.isTTY === true && env.CI === undefined && env.TERM !== 'dumb';
  }

  readonly show = (progress: Shown): void => {
    const goesOn = this.#ticker !== undefined && progress.text === this.#progress.text && progress.leftMs !== undefined;
    this.#progress = progress;
    if (goesOn) return;
    this.#draw();
    clearInterval(this.#ticker);
    const repeats = this.#rewrites || progress.leftMs !== undefined;
    this.#ticker = repeats
      ? setInterval(() => this.#draw(), this.#rewrites ? REDRAW_EVERY_MS : PLAIN_EVERY_MS).unref()
      : undefined;
  };

  /** Clears the line; what is printed next starts on a clean one. */
  end(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    if (this.#rewrites) this.#stream.write('\r\u001b[K');
  }

  #draw(): void {
    const now = performance.now();
    const seconds = ((now - this.#begunAt) / 1000).toFixed(1).padStart(5);
    const line = `${seconds} s  ${progressText(this.#progress)}`;
    this.#stream.write(this.#rewrites ? `\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}` : `${line}\n`);
  }
}

/** `placing calls, 1,240 of 2,250, 380/s, about 9 s more`. What is left is asked for each time it is shown. */
export function progressText({ text, detail, leftMs }: Shown): string {
  const left = leftMs === undefined ? [] : [`about ${Math.max(1, Math.ceil(leftMs() / 1000))} s more`];
  return [text, ...(detail === undefined ? [] : [detail()]), ...left].join(', ');
}
