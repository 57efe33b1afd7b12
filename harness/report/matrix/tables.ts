import { type CellRow, isUnsteady, type RunRows } from '../../model/results.ts';
import type { Feature } from '../../model/scenario.ts';
import { VERDICTS } from '../../model/words.ts';
import {
  type Block,
  blocksOf,
  countsText,
  type FeatureColumns,
  featureColumns,
  serverTitle,
  wayText,
} from '../grid.ts';
import { visible } from '../visible.ts';
import { cellSymbol, OUTCOME_SYMBOLS, UNSTEADY_SYMBOL, VERDICT_SYMBOLS } from './symbols.ts';
import { ellipsis, type Paint, wrap } from './text.ts';

/** Where the full word does not fit above its columns. */
const SHORT_FEATURES: Readonly<Record<Feature, string>> = {
  voicemail: 'vm',
  forwarding: 'fwd',
  'simultaneous-ring': 'sim',
  'team-ring': 'team',
  'delegate-ring': 'del',
  'missed-call-notification': 'missed',
};

/** Blank, outcome, verdict. */
const COLUMN_WIDTH = 3;
const SYMBOL_WIDTH = 2;

interface Column {
  readonly situation: string;
  readonly head: string;
}

interface Group {
  readonly head: string;
  readonly width: number;
  readonly columns: readonly Column[];
}

/** The key to the columns, one table per server and policy, the key to the symbols. */
export function matrixTables(results: RunRows, columns: number, paint: Paint): string[][] {
  const features = featureColumns(results);
  const numbers = new Map(features.flatMap((each) => each.situations).map((row, index) => [row.id, `${index + 1}`]));
  const longest = Math.max(0, ...results.variants.map((row) => visible(row.id).length));
  const labelWidth = Math.min(longest, columns - 20);
  const rows = layOut(features, numbers, columns - labelWidth - 1);
  return [
    columnKey(features, numbers, columns, paint),
    ...blocksOf(results).map((block) => [
      paint.bold(
        ellipsis(`${block.policy} on ${visible(serverTitle(results, block.server))}, ${wayText(block)}`, columns),
      ),
      ...wrap(countsText(block.cells, { all: false }), columns).map(paint.dim),
      ...rows.flatMap((groups) => table(block, groups, labelWidth, paint)),
    ]),
    legend(results.cells.some(isUnsteady), columns, paint),
  ];
}

/** Feature groups in rows that are as wide as the line; more than one row only where there are many situations. */
function layOut(features: readonly FeatureColumns[], numbers: ReadonlyMap<string, string>, width: number): Group[][] {
  const rows: Group[][] = [];
  let free = 0;
  for (const { feature, situations } of features) {
    const perRow = Math.max(1, Math.floor((width - 1) / COLUMN_WIDTH));
    for (let at = 0; at < situations.length; at += perRow) {
      const columns = situations
        .slice(at, at + perRow)
        .map(({ id }) => ({ situation: id, head: numbers.get(id) ?? '' }));
      const group = groupOf(feature, columns);
      if (rows.length === 0 || group.width > free) {
        rows.push([]);
        free = width;
      }
      rows.at(-1)?.push(group);
      free -= group.width;
    }
  }
  return rows;
}

function groupOf(feature: Feature, columns: readonly Column[]): Group {
  const inner = columns.length * COLUMN_WIDTH;
  const head = feature.length < inner ? feature : SHORT_FEATURES[feature];
  return { head, columns, width: Math.max(inner, head.length + 1) + 1 };
}

function table(block: Block, groups: readonly Group[], labelWidth: number, paint: Paint): string[] {
  const margin = ' '.repeat(labelWidth);
  const featureLine = groups.map((group) => ` ${group.head}`.padEnd(group.width)).join('');
  const numberLine = groups
    .map((group) =>
      group.columns
        .map(({ head }) => ` ${head.padEnd(COLUMN_WIDTH - 1)}`)
        .join('')
        .padEnd(group.width),
    )
    .join('');
  const lines = block.variants.map((variant) => {
    const label = ellipsis(visible(variant.id), labelWidth).padEnd(labelWidth);
    const cells = groups.map((group) => {
      const inner = group.columns.map(({ situation }) => ` ${symbol(block.cellAt(variant.id, situation), paint)}`);
      return inner.join('') + ' '.repeat(group.width - group.columns.length * COLUMN_WIDTH);
    });
    return `${label}${cells.join('')}`.trimEnd();
  });
  return [paint.dim((margin + featureLine).trimEnd()), paint.dim((margin + numberLine).trimEnd()), ...lines];
}

function symbol(cell: CellRow | undefined, paint: Paint): string {
  if (cell === undefined) return '  ';
  const text = cellSymbol(cell);
  return paint[isUnsteady(cell) ? 'unsteady' : cell.verdict](text) + ' '.repeat(SYMBOL_WIDTH - text.length);
}

function columnKey(
  features: readonly FeatureColumns[],
  numbers: ReadonlyMap<string, string>,
  columns: number,
  paint: Paint,
): string[] {
  const idWidth = Math.max(0, ...features.flatMap((each) => each.situations).map(({ id }) => visible(id).length));
  return features.flatMap(({ feature, situations }) => [
    paint.dim(feature),
    ...situations.map(({ id, title }) =>
      ellipsis(`${(numbers.get(id) ?? '').padStart(3)}  ${visible(id).padEnd(idWidth)}  ${visible(title)}`, columns),
    ),
  ]);
}

function legend(unsteady: boolean, columns: number, paint: Paint): string[] {
  const { engaged, suppressed, unknown } = OUTCOME_SYMBOLS;
  const plain = (text: string): string => text;
  const outcomes: Item[] = [
    [`${engaged} not kept out`, plain],
    [`${suppressed} kept out`, plain],
    [`${unknown} not known`, plain],
    ['(blank) not run', plain],
  ];
  const verdicts = VERDICTS.map((verdict): Item => {
    const mark = VERDICT_SYMBOLS[verdict].trim() || 'no mark:';
    const words = verdict === 'unspecified' ? 'unspecified (no source says)' : verdict;
    return [`${mark} ${words}`, paint[verdict]];
  });
  if (unsteady) verdicts.push([`${UNSTEADY_SYMBOL} unsteady: calls of it went different ways`, paint.unsteady]);
  return [...wrapItems(outcomes, columns), ...wrapItems(verdicts, columns)];
}

/** Text, and what paints it once the line breaks are known. */
type Item = readonly [text: string, paint: (text: string) => string];

function wrapItems(items: readonly Item[], columns: number): string[] {
  const gap = '   ';
  const lines: Item[][] = [];
  let free = 0;
  for (const item of items) {
    const [text] = item;
    if (text.length > free) {
      lines.push([]);
      free = columns;
    }
    lines.at(-1)?.push(item);
    free -= text.length + gap.length;
  }
  return lines.map((line) => line.map(([text, painted]) => painted(text)).join(gap));
}
