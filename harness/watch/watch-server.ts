/** One page for browsers of this machine, which shows what changes as it does: HTTP, and Server-Sent Events (HTML, 9.2). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Onlooker } from './onlooker.ts';

/** What there is to see. */
export interface Sight {
  /** The page: HTML, and the content security policy that it needs. */
  readonly page: { readonly text: string; readonly policy: string };
  /**
   * All that somebody sees who looks at this, as JSON can say it: what the page asks for beside `events`, null for nothing.
   * Asked for at each look, so it is small however large the whole is.
   */
  stateFor(look: string | null): unknown;
}

/** A page, in parts. */
type Report = Iterable<string> | AsyncIterable<string | Buffer>;

export interface WatchOptions {
  /** From one look to the next. @default 250 */
  readonly everyMs?: number;
  /** How many browsers may watch. @default 32 */
  readonly mostOnlookers?: number;
}

const HOST = '127.0.0.1';
const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const HTML = { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' };
const TEXT = { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' };
/** The report says itself what it may do; no page may hold it in a frame. */
const OF_REPORT = "frame-ancestors 'none'";

/** Says nothing to anybody but browsers that named it by a loopback address: a name that leads here by DNS is refused. */
export class WatchServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sight: Sight;
  readonly #mostOnlookers: number;
  readonly #onlookers = new Set<Onlooker>();
  readonly #ticker: NodeJS.Timeout;
  #report: (() => Report) | null = null;
  /** Told of every report that a browser has in whole, and of every part. */
  #progress: (whole: boolean) => void = () => {};

  private constructor(server: Server, sight: Sight, { everyMs = 250, mostOnlookers = 32 }: WatchOptions) {
    this.#server = server;
    this.#sight = sight;
    this.#mostOnlookers = mostOnlookers;
    server.on('request', (request, response) => this.#answer(request, response));
    this.#ticker = setInterval(() => this.#look(), everyMs).unref();
  }

  static async open(sight: Sight, options: WatchOptions = {}): Promise<WatchServer> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new WatchServer(server, sight, options);
  }

  get url(): string {
    return `http://${HOST}:${this.#port}/`;
  }

  /**
   * From now on the page is this report. Browsers that watched are told, and settles when they have it: none is waited for that
   * does not read.
   *
   * @param timeoutMs how long one may take to go on
   */
  async handOver(report: () => Report, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    this.#look(); // what came since the last look
    this.#report = report;
    const reading = [...this.#onlookers].filter((onlooker) => onlooker.isReading);
    if (reading.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = setTimeout(resolve, timeoutMs);
    let left = reading.length;
    this.#progress = (whole) => {
      patience.refresh();
      if (whole) left -= 1;
      if (left === 0) resolve();
    };
    for (const onlooker of reading) onlooker.tellOver();
    await promise;
    clearTimeout(patience);
    this.#progress = () => {};
  }

  /** Whoever is still connected is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  get #port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => response.destroy()); // it has gone away
    const { method = '', url = '', headers } = request;
    const named = `${HOST}:${this.#port}`;
    if (headers.host !== named && headers.host !== `localhost:${this.#port}`) {
      refuse(response, 421, `this is ${named}, and nothing else`);
      return;
    }
    if (method !== 'GET') {
      refuse(response, 405, 'there is nothing to do here but to look: GET', { Allow: 'GET' });
      return;
    }
    const [path, query = ''] = url.split('?', 2);
    if (path === '/') void this.#showPage(response);
    else if (path === '/events') this.#admit(response, new URLSearchParams(query).get('look'));
    else refuse(response, 404, `there is no ${path}: the page is ${this.url}`);
  }

  async #showPage(response: ServerResponse): Promise<void> {
    if (this.#report === null) {
      const { text, policy } = this.#sight.page;
      response.writeHead(200, { ...HTML, 'Content-Security-Policy': policy }).end(text);
      return;
    }
    response.writeHead(200, { ...HTML, 'Content-Security-Policy': OF_REPORT });
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      for await (const part of this.#report()) {
        this.#progress(false);
        if (!response.write(part)) await once(response, 'drain', { signal: gone.signal });
      }
      response.end();
      await once(response, 'close', { signal: gone.signal }).catch(() => {});
      this.#progress(response.writableFinished);
    } catch (error) {
      if (!gone.signal.aborted) response.destroy(error as Error);
    }
  }

  #admit(response: ServerResponse, look: string | null): void {
    if (this.#onlookers.size >= this.#mostOnlookers) {
      refuse(response, 503, `${this.#mostOnlookers} browsers watch already: close one`);
      return;
    }
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
    const onlooker = new Onlooker(response, look);
    this.#onlookers.add(onlooker);
    response.once('close', () => this.#onlookers.delete(onlooker));
    if (this.#report === null) onlooker.tell(this.#sight.stateFor(look));
    else onlooker.tellOver();
  }

  #look(): void {
    if (this.#report !== null) return;
    for (const onlooker of this.#onlookers) if (onlooker.isReading) onlooker.tell(this.#sight.stateFor(onlooker.look));
  }
}

function refuse(response: ServerResponse, status: number, why: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...TEXT, ...headers }).end(`${why}\n`);
}
