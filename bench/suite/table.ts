import { isMet, type Numbers, type PartId, type Row, type RowId, rowsOf } from './rows.ts';

export interface TableColumn {
  readonly numbers: Numbers;
  readonly notMeasured: Readonly<Partial<Record<RowId, string>>>;
}

const HEADER = ['', 'this', 'previous', 'ratio', 'target', ''];

/** This version, the one before it, and how many times as much the first is; part by part. */
export function table(
  parts: readonly (readonly [PartId, { readonly title: string }])[],
  own: TableColumn,
  previous: TableColumn | null,
): string {
  const rows = parts.flatMap(([part, { title }]) => [
    [title],
    ...rowsOf(part).map((row) => [`  ${row.title}`, ...cells(row, own.numbers[row.id], previous?.numbers[row.id])]),
  ]);
  const columns = HEADER.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => (row.length > 1 ? (row[at]?.length ?? 0) : 0))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, at) => (at === 0 ? text.padEnd(columns[0] ?? 0) : text.padStart(columns[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [HEADER, ...rows].map((row) => (row.length === 1 ? `\n${row[0]}` : line(row))).join('\n');
}

function cells(row: Row, own: number | undefined, previous: number | undefined): string[] {
  const { digits, unit, target, better } = row;
  const show = (value: number | undefined): string =>
    value === undefined ? '-' : withUnit(grouped(value, digits), unit);
  const ratio =
    own === undefined || previous === undefined || previous === 0 ? '-' : `${(own / previous).toFixed(2)} x`;
  const bound = better === 'less' ? 'at most' : 'at least';
  return [
    show(own),
    show(previous),
    ratio,
    target === undefined ? '' : `${bound} ${withUnit(grouped(target, 0), unit)}`,
    target === undefined ? '' : own === undefined ? 'not measured' : isMet(row, own) ? 'met' : 'missed',
  ];
}

/** Targets that are not met, a sentence each; one that could not be measured is not met either. */
export function missedTargets(parts: readonly PartId[], own: TableColumn): string[] {
  const sentences = parts.flatMap((part) =>
    rowsOf(part).flatMap((row) => {
      const { target, digits, unit, better } = row;
      if (target === undefined) return [];
      const value = own.numbers[row.id];
      // One sentence where a whole part could not be measured.
      if (value === undefined) return [`${part}: not measured: ${own.notMeasured[row.id] ?? 'it gave no such number'}`];
      if (isMet(row, value)) return [];
      const bound = better === 'less' ? 'at most' : 'at least';
      const seen = withUnit(grouped(value, digits), unit);
      return [`${part}: ${row.title}: ${seen}, to be ${bound} ${withUnit(grouped(target, 0), unit)}`];
    }),
  );
  return [...new Set(sentences)];
}

function grouped(value: number, digits: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function withUnit(text: string, unit: string): string {
  return unit === '' ? text : `${text} ${unit}`;
}
