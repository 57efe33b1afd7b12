import packageJson from '../../package.json' with { type: 'json' };
import { headerLines } from '../model/header-lines.ts';
import type { ClaimResult, Likeness, RunHeader } from '../model/results.ts';
import type { Claim, HeaderVariant, Scenario } from '../model/scenario.ts';
import { RESULTS_VERSION, type RuntimeId } from '../model/words.ts';
import type { Cell } from '../plan/plan.ts';
import type { Shard } from '../plan/shard.ts';
import type { RunFacts } from '../run/run-options.ts';

interface Matrix {
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
}

/** What is written to results.json beside the cells: all that a report needs to explain them without this program. */
export function runHeader(input: {
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    readonly durationMs: number;
    readonly runtime: RuntimeId;
    readonly outcome: RunFacts;
  };
  /** What the server is, in one line. */
  readonly serverTitle: string;
  readonly matrix: Matrix;
  readonly claims: readonly Claim[];
  /** All that was asked for, over all shards: their reports then have the same rows and columns, and merge into the whole. */
  readonly selected: readonly Cell[];
  readonly shard: Shard | null;
  readonly claimResults: readonly ClaimResult[];
  /** null: it is no question. */
  readonly behavesLike: readonly Likeness[] | null;
}): RunHeader {
  const { run, matrix, claims, claimResults, selected, shard, behavesLike } = input;
  const { outcome } = run;
  return {
    schema: RESULTS_VERSION,
    run: {
      id: run.id,
      startedAt: run.startedAt,
      durationMs: run.durationMs,
      ringfence: packageJson.version,
      node: process.versions.node,
      caller: outcome.caller,
      runtime: run.runtime,
      servers: {
        [outcome.server.id]: { name: outcome.server.name, version: outcome.server.version, title: input.serverTitle },
      },
      ...(outcome.ua !== null && { ua: outcome.ua }),
      ended: outcome.ended,
      trouble: outcome.trouble,
      ...(behavesLike !== null && { behavesLike: { [outcome.server.id]: [...behavesLike] } }),
      ...(outcome.warnings.length > 0 && { warnings: outcome.warnings }),
      ...(shard !== null && { shards: [`${shard.index}/${shard.count}`] }),
    },
    ...rowsAndColumns(matrix, selected),
    claims: claims.map(({ id, statement, source, evidence }) => ({
      id,
      statement,
      source: source.section === undefined ? source.title : `${source.title}, ${source.section}`,
      url: source.url,
      evidence,
    })),
    claimResults,
  };
}

/** What is known of a matrix before any call. */
export function rowsAndColumns(matrix: Matrix, selected: readonly Cell[]): Pick<RunHeader, 'situations' | 'variants'> {
  const situations = new Set(selected.map((cell) => cell.scenario.id));
  const variants = new Set(selected.map((cell) => cell.variant.id));
  return {
    situations: matrix.scenarios
      .filter(({ id }) => situations.has(id))
      .map(({ id, title, feature, kind }) => ({ id, title, feature, kind })),
    variants: matrix.variants
      .filter(({ id }) => variants.has(id))
      .map((variant) => ({
        id: variant.id,
        title: variant.title,
        kind: variant.kind,
        headers: [...headerLines(variant), ...(variant.onCancel ?? []).map((line) => `on CANCEL: ${line}`)],
      })),
  };
}
