import { counted } from '../counted.ts';
import { commonId } from '../model/cell-id.ts';
import { type CellRow, isUnsteady, type RunRows, type Verdict } from '../model/results.ts';
import type { Feature } from '../model/scenario.ts';
import { VERDICTS } from '../model/words.ts';
import { inMatrixOrder } from '../results/matrix-order.ts';

/** One table of the matrix: a server and a policy, variants down, situations across. */
export interface Block {
  /** `kamailio/ms-sipre/udp/direct`: the part that its cells share. */
  readonly id: string;
  readonly server: string;
  readonly policy: CellRow['policy'];
  readonly transport: CellRow['transport'];
  readonly path: CellRow['path'];
  /** Only the rows that have cells. */
  readonly variants: RunRows['variants'];
  readonly cells: readonly CellRow[];
  cellAt(variant: string, situation: string): CellRow | undefined;
}

/** Columns that exercise the same feature, side by side. */
export interface FeatureColumns {
  readonly feature: Feature;
  readonly situations: RunRows['situations'];
}

/** Features in the order in which the run has them first. */
export function featureColumns({ situations }: Pick<RunRows, 'situations'>): FeatureColumns[] {
  return [...Map.groupBy(situations, (row) => row.feature)].map(([feature, rows]) => ({ feature, situations: rows }));
}

const knownBlocks = new WeakMap<RunRows, readonly Block[]>();

/** The tables of the matrix, in matrix order. Made once of each run: every report asks for them. */
export function blocksOf(results: RunRows): readonly Block[] {
  const known = knownBlocks.get(results);
  if (known !== undefined) return known;
  const blocks = makeBlocks(results);
  knownBlocks.set(results, blocks);
  return blocks;
}

function makeBlocks(results: RunRows): Block[] {
  const groups = Map.groupBy(inMatrixOrder(results), (cell) => commonId(cell, ['situation', 'variant']));
  return [...groups].flatMap(([id, cells]) => {
    const [first] = cells;
    if (first === undefined) return [];
    const byPlace = new Map(cells.map((cell) => [`${cell.variant}\n${cell.situation}`, cell]));
    const present = new Set(cells.map((cell) => cell.variant));
    return [
      {
        id,
        server: first.server,
        policy: first.policy,
        transport: first.transport,
        path: first.path,
        variants: results.variants.filter((variant) => present.has(variant.id)),
        cells,
        cellAt: (variant: string, situation: string) => byPlace.get(`${variant}\n${situation}`),
      },
    ];
  });
}

/** The callees' phones, where they were not Ringfence's: `baresip 1.0.0 as the callees' phones`. */
export function uaTitle({ run: { ua } }: RunRows): string | null {
  return ua === undefined ? null : `${`${ua.name} ${ua.version}`.trimEnd()} as the callees' phones`;
}

/** All that took part but the servers under test: `Ringfence 0.1.0, SIPp 3.6.1, Node 24.15.0, runtime process`. */
export function programsOf({ run }: Pick<RunRows, 'run'>): string {
  return `Ringfence ${run.ringfence}, ${run.caller.name} ${run.caller.version}, Node ${run.node}, runtime ${run.runtime}`;
}

/** `Kamailio 5.6.3`, with the id where another server of the run is called the same; the id where the run has no more of it. */
export function serverTitle({ run }: Pick<RunRows, 'run'>, id: string): string {
  const server = run.servers[id];
  if (server === undefined) return id;
  const title = `${server.name} ${server.version}`.trimEnd();
  // One that did not come up has no version.
  const alike = Object.values(run.servers).filter(
    ({ name, version }) =>
      name === server.name && (version === server.version || version === '' || server.version === ''),
  );
  return alike.length > 1 ? `${title} (${id})` : title;
}

/** How its calls go to the server: `udp`, `udp, b2bua-set`. */
export function wayText({ transport, path }: Pick<Block, 'transport' | 'path'>): string {
  return path === 'direct' ? transport : `${transport}, ${path}`;
}

/** What somebody has to look at comes first. */
export const VERDICTS_BY_WEIGHT: readonly Verdict[] = [
  'fail',
  'inconclusive',
  ...VERDICTS.filter((verdict) => verdict !== 'fail' && verdict !== 'inconclusive'),
];

/** `2,400 calls`, or `calls planned` where not all were placed; what a server lacks is not called. */
export function callsText({ run, cells }: Pick<RunRows, 'run' | 'cells'>): string {
  const { length } = cells.filter(({ verdict }) => verdict !== 'unsupported');
  return `${counted(length, 'call')}${run.ended === 'complete' ? '' : ' planned'}`;
}

export function countVerdicts(cells: readonly CellRow[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { pass: 0, fail: 0, inconclusive: 0, unsupported: 0, unspecified: 0 };
  for (const cell of cells) counts[cell.verdict] += 1;
  return counts;
}

/** `2,070 cells: 1,804 pass, 0 fail, ...`; all verdicts, or only those that occur. */
export function countsText(cells: readonly CellRow[], options: { readonly all: boolean }): string {
  const counts = countVerdicts(cells);
  const shown = VERDICTS.filter((verdict) => options.all || counts[verdict] > 0);
  const unsteady = cells.filter(isUnsteady).length;
  const parts = [
    ...shown.map((verdict) => `${number(counts[verdict])} ${verdict}`),
    ...(unsteady === 0 ? [] : [`${number(unsteady)} of them unsteady`]),
  ];
  return `${counted(cells.length, 'cell')}: ${parts.join(', ')}`;
}

/** With commas between thousands, whatever the locale. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
