import type { Progress } from '../run/run-cells.ts';

/**
 * Progress on standard error: one line that is rewritten on a terminal, plain lines elsewhere (CI logs keep them).
 * Standard output stays for the matrix.
 */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #begunAt = performance.now();
  readonly #rewrites: boolean;
  #ticker: NodeJS.Timeout | undefined;
  #progress: Pick<Progress, 'text' | 'detail'> = { text: '' };

  constructor(stream: NodeJS.WriteStream = process.stderr, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#rewrites = stream.isTTY === true && env.CI === undefined && env.TERM !== 'dumb';
  }

  readonly show = (progress: Pick<Progress, 'text' | 'detail'>): void => {
    this.#progress = progress;
    if (!this.#rewrites) {
      this.#stream.write(`${this.#seconds()}  ${progress.text}\n`);
      return;
    }
    this.#draw();
    this.#ticker ??= setInterval(() => this.#draw(), 200).unref();
  };

  /** Clears the line; what is printed next starts on a clean one. */
  end(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    if (this.#rewrites) this.#stream.write('\r\u001b[K');
  }

  #draw(): void {
    const { text, detail } = this.#progress;
    const line = `${this.#seconds()}  ${text}${detail === undefined ? '' : `, ${detail()}`}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }

  #seconds(): string {
    return `${((performance.now() - this.#begunAt) / 1000).toFixed(1).padStart(5)} s`;
  }
}
