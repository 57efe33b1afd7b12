import type { ServerResponse } from 'node:http';

/**
 * A browser that watches. Each event has the whole state, so one that is slow misses what was in between and nothing else: there
 * is never more than one event that it has not read.
 */
export class Onlooker {
  /** What it looks at. */
  readonly look: string | null;
  readonly #response: ServerResponse;
  #last = '';
  #isReading = true;

  constructor(response: ServerResponse, look: string | null) {
    this.look = look;
    this.#response = response;
    response.on('drain', () => {
      this.#isReading = true;
    });
  }

  /** It has taken all that it was told. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Nothing where it knows that already. */
  tell(state: unknown): void {
    const text = JSON.stringify(state);
    if (text === this.#last) return;
    this.#last = text;
    this.#send('state', text);
  }

  tellOver(): void {
    this.#send('over', '{}');
  }

  #send(event: string, data: string): void {
    this.#isReading = this.#response.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}
