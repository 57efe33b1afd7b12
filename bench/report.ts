/** What a benchmark saw. Plain data; printed as text or as JSON. */
export interface BenchReport {
  readonly bench: string;
  /** Under which it was measured: machine, versions, load. */
  readonly conditions: Readonly<Record<string, string | number>>;
  /** Units are in the names. */
  readonly measured: Readonly<Record<string, string | number>>;
  /** What the numbers do not say, a line each. */
  readonly details?: readonly string[];
  /** Each target that was missed, in a sentence. Empty when all were met. */
  readonly missed: readonly string[];
}

export function formatReport({ bench, conditions, measured, details = [], missed }: BenchReport): string {
  const rows = [...Object.entries(conditions), ...Object.entries(measured)];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const verdict = missed.length === 0 ? ['all targets met'] : missed.map((sentence) => `missed: ${sentence}`);
  return [`bench ${bench}`, ...lines, ...details, ...verdict].join('\n');
}
