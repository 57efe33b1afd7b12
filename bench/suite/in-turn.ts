import { join } from 'node:path';
import type { Others } from '../cost/machine-cpu.ts';
import { type Checkout, lacks, type Measured, type Part } from './parts.ts';
import { type Numbers, type PartId, type RowId, rowsOf } from './rows.ts';

/** What was measured of one checkout. */
export interface Column {
  /** Medians. */
  readonly numbers: Numbers;
  /** All values of a row, in the order of the runs. */
  readonly values: Readonly<Partial<Record<RowId, readonly number[]>>>;
  readonly notMeasured: Readonly<Partial<Record<RowId, string>>>;
  readonly remarks: readonly string[];
  /** How CPU time was counted; empty when none was. */
  readonly countedBy: readonly string[];
}

export interface InTurnOptions {
  readonly parts: readonly (readonly [PartId, Part])[];
  /** Each run of a part measures all of these, one after the other: A B A B. */
  readonly checkouts: readonly Checkout[];
  readonly runs: number;
  readonly dir: string;
  /** After which nothing more is begun, and what runs is ended. */
  readonly withinMs: number;
  readonly onMeasured?: (line: string) => void;
}

/** Other programs that use less than this leave the machine quiet. */
const QUIET_CPUS = 0.1;
/** The largest part of the time that one measurement may take when a quarter of it was to be expected. */
const PATIENCE = 4;
const LEAST_MS = 120_000;

/** Measures part by part. A measurement that fails is told in place of its numbers; the others go on. */
export async function measureInTurn(options: InTurnOptions): Promise<Map<Checkout, Column>> {
  const { checkouts, runs, dir, withinMs, onMeasured = () => {} } = options;
  const until = performance.now() + withinMs;
  const taken = new Map(checkouts.map((checkout) => [checkout, new Taken()]));
  for (const [id, part] of options.parts) {
    const times = part.repeated ? runs : 1;
    for (let run = 1; run <= times; run += 1) {
      for (const [checkout, column] of taken) {
        if (column.failed(id)) continue;
        const what = `${id}${times > 1 ? `, run ${run} of ${times}` : ''}, ${checkout.name}`;
        const lacking = lacks(part, checkout);
        if (lacking !== null) {
          column.missing(id, lacking, null);
          onMeasured(`${what}: not measured: ${lacking}`);
          continue;
        }
        const leftMs = until - performance.now();
        if (leftMs <= 0) {
          column.missing(
            id,
            run === 1 ? `the ${Math.round(withinMs / 60_000)} minutes were over` : null,
            `${what}: not run, the time was over`,
          );
          continue;
        }
        const timeoutMs = Math.min(leftMs, Math.max(LEAST_MS, PATIENCE * part.usualSeconds * 1000));
        try {
          const measured = await part.measure({ checkout, dir: join(dir, `${id}-${run}-${checkout.name}`), timeoutMs });
          column.add(what, measured);
          onMeasured(`${what}: ${told(id, measured.numbers)}`);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          column.missing(id, why, `${what}: ${why}`);
          onMeasured(`${what}: not measured: ${why}`);
        }
      }
    }
  }
  return new Map([...taken].map(([checkout, each]) => [checkout, each.column(options.parts.map(([id]) => id))]));
}

class Taken {
  readonly #values = new Map<RowId, number[]>();
  readonly #why = new Map<PartId, string>();
  readonly #remarks: string[] = [];
  readonly #countedBy = new Set<string>();

  failed(part: PartId): boolean {
    return this.#why.has(part);
  }

  add(what: string, { numbers, others, countedBy, remarks }: Measured): void {
    for (const [row, value] of Object.entries(numbers) as [RowId, number][]) {
      this.#values.set(row, [...(this.#values.get(row) ?? []), value]);
    }
    if (countedBy !== null) this.#countedBy.add(countedBy);
    this.#remarks.push(...unquiet(others).map((why) => `${what}: not quiet, ${why}`));
    for (const remark of remarks) this.#remarks.push(`${what}: ${remark}`);
  }

  /** @param why null: there are numbers of earlier runs, which stand */
  missing(part: PartId, why: string | null, remark: string | null): void {
    if (why !== null) this.#why.set(part, why);
    if (remark !== null) this.#remarks.push(remark);
  }

  column(parts: readonly PartId[]): Column {
    const numbers: Partial<Record<RowId, number>> = {};
    const notMeasured: Partial<Record<RowId, string>> = {};
    for (const part of parts) {
      for (const { id } of rowsOf(part)) {
        const values = this.#values.get(id);
        if (values === undefined) notMeasured[id] = this.#why.get(part) ?? 'it gave no such number';
        else numbers[id] = median(values);
      }
    }
    return {
      numbers,
      values: Object.fromEntries(this.#values),
      notMeasured,
      remarks: this.#remarks,
      countedBy: [...this.#countedBy],
    };
  }
}

function unquiet({ otherCpus, stolenCpus }: Others): string[] {
  return [
    ...((otherCpus ?? 0) >= QUIET_CPUS ? [`other programs used ${otherCpus?.toFixed(2)} CPUs`] : []),
    ...((stolenCpus ?? 0) >= QUIET_CPUS ? [`the hypervisor withheld ${stolenCpus?.toFixed(2)} CPUs`] : []),
  ];
}

/** Of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

function told(part: PartId, numbers: Numbers): string {
  return rowsOf(part)
    .flatMap(({ id, digits, unit, title }) => {
      const value = numbers[id];
      return value === undefined ? [] : [`${value.toFixed(digits)} ${unit || title}`];
    })
    .join(', ');
}
