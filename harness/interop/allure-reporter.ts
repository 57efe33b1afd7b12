import { ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import AllureVitestReporter from 'allure-vitest/reporter';
import type { Vitest } from 'vitest/node';
import { type AllureResults, ResultWriter } from './allure-writer.ts';

/** Allure results are written when each module ends, without the step per matcher that the library adds. */
export class CellAllureReporter extends AllureVitestReporter {
  readonly #results: AllureResults;

  constructor(results: AllureResults) {
    super({ resultsDir: results.dir, reportMatchers: false });
    this.#results = results;
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest);
    // The library makes its writer itself (3.12) and has no option for another.
    Reflect.set(this, 'allureReporterRuntime', new ReporterRuntime({ writer: new ResultWriter(this.#results) }));
  }
}
