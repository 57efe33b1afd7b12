import { number } from '../report/grid.ts';
import type { Progress } from '../run/run-cells.ts';

export type Shown = Pick<Progress, 'text' | 'detail' | 'pace'>;

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
  #shownAt = this.#begunAt;

  constructor(stream: NodeJS.WriteStream = process.stderr, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#rewrites = stream.isTTY === true && env.CI === undefined && env.TERM !== 'dumb';
  }

  readonly show = (progress: Shown): void => {
    this.#progress = progress;
    this.#shownAt = performance.now();
    this.#draw();
    clearInterval(this.#ticker);
    const repeats = this.#rewrites || progress.pace !== undefined;
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
    const line = `${seconds} s  ${progressText(this.#progress, now - this.#shownAt)}`;
    this.#stream.write(this.#rewrites ? `\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}` : `${line}\n`);
  }
}

/**
 * `placing calls, 1,240 of 2,250 due, 180/s, about 6 s more, 9,812 messages seen`. Callers keep their pace by the clock,
 * so what is due is known; what came of it is the detail.
 *
 * @param elapsedMs Since the step began.
 */
export function progressText({ text, detail, pace }: Shown, elapsedMs: number): string {
  const said = detail === undefined ? [] : [detail()];
  if (pace === undefined) return [text, ...said].join(', ');
  const due = Math.min(pace.total, Math.floor((elapsedMs / 1000) * pace.perSecond));
  const leftMs = (pace.total / pace.perSecond) * 1000 - elapsedMs;
  const left = leftMs > 0 ? `about ${Math.ceil(leftMs / 1000)} s more` : 'waiting for the last to end';
  return [text, `${number(due)} of ${number(pace.total)} due`, `${pace.perSecond}/s`, left, ...said].join(', ');
}
