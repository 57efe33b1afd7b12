import { LabError, systemTrouble } from '../errors.ts';
import type { CellResult } from '../model/results.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { firstDeviations } from './deviation.ts';
import type { FinishedRun, PlannedReport, Renderer, Rendering, ReportPlace, ToCome } from './renderer.ts';

/** What the console says too. */
export interface RenderedReports {
  readonly deviations: FinishedRun['deviations'];
  /** Of reports that may fail: which did, and why. */
  readonly warnings: readonly string[];
}

/** The reports of one run. */
export class Reports implements AsyncDisposable {
  readonly #renderers: readonly Renderer[];
  readonly #place: ReportPlace;
  readonly #begun = new Map<Renderer, Rendering>();

  /** @param dir An existing folder. */
  constructor(renderers: readonly Renderer[], dir: string) {
    this.#renderers = renderers;
    const files = ['results.json', ...renderers.flatMap((renderer) => renderer.files)];
    this.#place = { dir, files: files.filter((file) => !file.endsWith('/')) };
  }

  /** Lets those begin that take long. @param planned The run itself, when it is over already. */
  begin(planned: PlannedReport): void {
    for (const renderer of this.#renderers) {
      if (!('begin' in renderer) || this.#begun.has(renderer)) continue;
      this.#begun.set(renderer, renderer.begin(this.#place, planned));
    }
  }

  /** As {@link Rendering.add}. */
  add(results: readonly CellResult[], toCome: ToCome): void {
    for (const rendering of this.#begun.values()) rendering.add(results, toCome);
  }

  /**
   * Every report, of a run that is over. One that cannot be written does not keep the others from it.
   *
   * @throws what kept the first of those that may not fail
   */
  async render(run: StoredRun): Promise<RenderedReports> {
    this.begin(run.results);
    const finished: FinishedRun = { ...run, deviations: await firstDeviations(run.results.cells, run.traceOf) };
    const early = [...this.#begun].map(([renderer, rendering]) => outcome(renderer, rendering.render(finished)));
    const outcomes: Outcome[] = [];
    for (const renderer of this.#renderers) {
      if ('render' in renderer) outcomes.push(await outcome(renderer, renderer.render(finished, this.#place)));
    }
    const failed = [...outcomes, ...(await Promise.all(early))].filter(({ error }) => error !== null);
    const fatal = failed.find(({ renderer }) => renderer.mayFail !== true);
    if (fatal !== undefined) {
      const why = systemTrouble(fatal.error);
      if (why === null) throw fatal.error;
      const rest = 'results.json is whole: when that is mended, ./ringfence report makes the rest of it';
      throw new LabError(`the report "${fatal.renderer.id}" could not be written: ${why}; ${rest}`, {
        cause: fatal.error,
      });
    }
    return {
      deviations: finished.deviations,
      warnings: failed.map(({ renderer, error }) => `the report "${renderer.id}" is not complete: ${error?.message}`),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#begun.values()].map((rendering) => rendering[Symbol.asyncDispose]()));
  }
}

/** The reports of a run that is over. @throws as {@link Reports.render} */
export async function renderReports(
  run: StoredRun,
  dir: string,
  renderers: readonly Renderer[],
): Promise<RenderedReports> {
  await using reports = new Reports(renderers, dir);
  return await reports.render(run);
}

interface Outcome {
  readonly renderer: Renderer;
  readonly error: Error | null;
}

function outcome(renderer: Renderer, rendered: Promise<void>): Promise<Outcome> {
  return rendered.then(
    () => ({ renderer, error: null }),
    (error: unknown) => ({ renderer, error: error instanceof Error ? error : new Error(String(error)) }),
  );
}
