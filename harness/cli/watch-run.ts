import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedRun } from '../pipeline.ts';
import { wholePage } from '../report/page.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { overPage, runPage } from '../watch/page.ts';
import { RunSight } from '../watch/run-sight.ts';
import { WatchServer } from '../watch/watch-server.ts';

/** A page with more in it than these, 16 MB, takes longer to make than anybody should wait for at the end: 7 s (measured). */
const MOST_HANDED_OVER = 20_000;
/** A browser that stands still for so long is not waited for at the end. */
const HAND_OVER_MS = 3_000;

/** `./ringfence run --watch`: nobody looks where it was not asked for. */
export class RunWatch implements AsyncDisposable {
  readonly #sight: RunSight;
  readonly #server: WatchServer;

  private constructor(sight: RunSight, server: WatchServer) {
    this.#sight = sight;
    this.#server = server;
  }

  static async open(runs: readonly PlannedRun[], say: (line: string) => void): Promise<RunWatch> {
    const sight = new RunSight(runs);
    const page = await runPage(sight.plan);
    const server = await WatchServer.open({ page, stateFor: (look) => sight.stateFor(look) });
    say(`watch: ${server.url}`);
    return new RunWatch(sight, server);
  }

  readonly says: RunSight['says'] = (progress) => this.#sight.says(progress);
  readonly called: RunSight['called'] = (cells) => this.#sight.called(cells);
  readonly judged: RunSight['judged'] = (results) => this.#sight.judged(results);

  /** Whoever watches gets the report in whole: soon nobody answers here. @param dir where it is written */
  handOver(run: StoredRun, dir: string): Promise<void> {
    const file = join(dir, 'index.html');
    const isWhole = !existsSync(join(dir, 'data'));
    const tooLarge = run.results.cells.length > MOST_HANDED_OVER;
    const report = isWhole ? () => createReadStream(file) : tooLarge ? () => [overPage(file)] : () => wholePage(run);
    return this.#server.handOver(report, { timeoutMs: HAND_OVER_MS });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server[Symbol.asyncDispose]();
  }
}
