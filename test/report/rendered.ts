import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { RunResults } from '../../harness/model/results.ts';
import { renderReports } from '../../harness/report/index.ts';
import { junitParts } from '../../harness/report/junit.ts';
import { renderers } from '../../harness/report/renderers.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { runInMemory, type TraceOf } from '../../harness/results/stored-run.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';

/** A report in a folder of its own, removed when it goes out of scope. */
export interface Rendered extends AsyncDisposable {
  readonly dir: string;
  /** index.html as a file: address. */
  readonly url: string;
}

export function renderSample(): Promise<Rendered> {
  return render(sample(), tracesIn(SAMPLE_DIR));
}

export async function render(
  results: RunResults,
  traces: TraceOf | ReadonlyMap<string, readonly SeenMessage[]>,
  { singleFile = false }: { readonly singleFile?: boolean | null } = {},
): Promise<Rendered> {
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-report-'));
  const traceOf: TraceOf = typeof traces === 'function' ? traces : async (cell) => traces.get(cell.id) ?? [];
  await renderReports(runInMemory(results, traceOf), dir, renderers({ allure: false, historyFile: null, singleFile }));
  return {
    dir,
    url: pathToFileURL(join(dir, 'index.html')).href,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** junit.xml of a run in memory. */
export async function junitOf(results: RunResults): Promise<string> {
  let xml = '';
  for await (const part of junitParts(runInMemory(results, async () => []))) xml += part;
  return xml;
}
