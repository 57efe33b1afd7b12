import { join } from 'node:path';
import { LabError } from '../../harness/errors.ts';
import { type Cost, costOf } from '../cost/cost.ts';
import { type Others, watchMachine } from '../cost/machine-cpu.ts';
import { benchDrachtio } from '../drachtio.ts';
import type { BenchReport } from '../report.ts';
import { type MeasuredRun, measureRun } from './measured-run.ts';
import type { Numbers, PartId } from './rows.ts';

/** Something that is measured: this folder, or another version's beside it. */
export interface Checkout {
  readonly name: 'this' | 'previous';
  readonly dir: string;
  /** What its `ringfence run` takes, e.g. `--repeat`. */
  readonly runOptions: ReadonlySet<string>;
}

export interface Sizes {
  /** Cells of the long run, each call counted. @default 100_000 */
  readonly longCells: number;
  /** Cells of the made-up run that is rendered. @default 10_000 */
  readonly reportCells: number;
}

/** What one measurement gave. */
export interface Measured {
  readonly numbers: Numbers;
  readonly others: Others;
  /** How CPU time was counted; null when none was. */
  readonly countedBy: Cost['countedBy'] | null;
  /** What the numbers do not say, such as an exit status that should not be. */
  readonly remarks: readonly string[];
}

export interface Part {
  readonly title: string;
  /** Whether it is measured again and again; what takes long, or takes its own medians, is measured once. */
  readonly repeated: boolean;
  /** What one measurement takes where nothing is known of it yet. */
  readonly usualSeconds: number;
  /** An option of `ringfence run` without which a version cannot be measured in this. */
  readonly needs?: string;
  /** @throws {LabError} */
  readonly measure: (order: { checkout: Checkout; dir: string; timeoutMs: number }) => Promise<Measured>;
}

const AT_ONCE = 100;
/** Says how often to repeat it; what was called in the end is counted in the results. */
const DEFAULT_MATRIX_CELLS = 2_250;

export function parts({ longCells, reportCells }: Sizes): Readonly<Record<PartId, Part>> {
  return {
    matrix: {
      title: 'the default matrix, all reports (ringfence run)',
      repeated: true,
      usualSeconds: 26,
      measure: async (order) => ofMatrix('matrix', await run(order, [])),
    },
    bare: {
      title: 'the default matrix, --no-allure',
      repeated: true,
      usualSeconds: 26,
      measure: async (order) => ofMatrix('bare', await run(order, ['--no-allure'])),
    },
    selection: {
      title: '15 cells (--policy ms-sipre --variant none)',
      repeated: true,
      usualSeconds: 11,
      measure: async (order) => {
        const measured = await run(order, ['--policy', 'ms-sipre', '--variant', 'none']);
        const { cost, calls, proven, labReadyMs } = measured;
        return of(measured, {
          'selection.seconds': cost.wallMs / 1000,
          ...(labReadyMs !== null && { 'selection.labReadyMs': labReadyMs }),
          'selection.unproven': calls - proven,
        });
      },
    },
    long: {
      title: `a long run, ${longCells.toLocaleString('en')} cells (--repeat, --no-allure)`,
      repeated: false,
      usualSeconds: longCells / 100,
      needs: '--repeat',
      measure: async (order) => {
        const times = Math.ceil(longCells / DEFAULT_MATRIX_CELLS);
        const measured = await run(order, ['--no-allure', '--repeat', String(times)]);
        return ofMatrix('long', measured);
      },
    },
    report: {
      title: `reports of ${reportCells.toLocaleString('en')} made-up cells (ringfence bench report)`,
      repeated: false,
      usualSeconds: 25,
      measure: (order) => ofReport(order, reportCells),
    },
    drachtio: {
      title: `the embedded drachtio server, an application of one screen, ${AT_ONCE} calls at once`,
      repeated: true,
      usualSeconds: 12,
      measure: async ({ checkout }) => {
        const app = join(checkout.dir, 'bench', 'answering-app.ts');
        const machine = watchMachine();
        const { measured, missed } = await benchDrachtio({ atOnce: AT_ONCE, app });
        return {
          numbers: {
            'drachtio.callsPerSecond': Number(measured.callsPerSecond),
            'drachtio.cpuMsPerCall': Number(measured.cpuMsPerCall),
            'drachtio.failed': Number(measured.failed),
          },
          others: machine().others,
          countedBy: null,
          remarks: missed,
        };
      },
    },
  };
}

/** Why this version cannot be measured in that; null when it can. */
export function lacks({ needs }: Pick<Part, 'needs'>, { runOptions }: Checkout): string | null {
  return needs === undefined || runOptions.has(needs) ? null : `this version has no option ${needs}`;
}

type Order = Parameters<Part['measure']>[0];

const run = ({ checkout, dir, timeoutMs }: Order, args: readonly string[]): Promise<MeasuredRun> =>
  measureRun({ command: join(checkout.dir, 'ringfence'), args, dir, timeoutMs });

function ofMatrix(part: 'matrix' | 'bare' | 'long', measured: MeasuredRun): Measured {
  const { cost, calls, proven } = measured;
  return of(measured, {
    ...(part !== 'long' && { [`${part}.seconds`]: cost.wallMs / 1000 }),
    [`${part}.cellsPerSecond`]: (calls * 1000) / cost.wallMs,
    ...(cost.cpuMs !== null && { [`${part}.cpuMsPerCell`]: cost.cpuMs / proven }),
    ...(cost.largest !== null && { [`${part}.largestMb`]: cost.largest.peakMb }),
    [`${part}.unproven`]: calls - proven,
  });
}

function of({ cost, results }: MeasuredRun, numbers: Numbers): Measured {
  const failed = results.cells.filter(({ verdict }) => verdict === 'fail').length;
  return {
    numbers,
    others: cost,
    countedBy: cost.countedBy,
    remarks: [
      ...(failed > 0 ? [`${failed} cells failed`] : []),
      ...(results.run.runtime === 'process'
        ? []
        : ['what ran in containers is not counted: they are started by the engine']),
      ...(cost.exit.code === 0 || cost.exit.code === 1
        ? []
        : [`ended with code ${cost.exit.code}, signal ${cost.exit.signal}`]),
      ...(cost.leftBehind > 0 ? [`${cost.leftBehind} processes outlived it and were killed`] : []),
    ],
  };
}

/** Through its own command, so that each version renders with its own code. */
async function ofReport({ checkout, dir, timeoutMs }: Order, cells: number): Promise<Measured> {
  const command = join(checkout.dir, 'ringfence');
  const cost = await costOf({ command, args: ['bench', 'report', '--cells', String(cells), '--json'], dir, timeoutMs });
  const text = cost.lines.map((line) => line.text).join('\n');
  const json = /^\{$[\s\S]*^\}$/m.exec(text)?.[0];
  if (json === undefined)
    throw new LabError(
      `${command} bench report ended with ${cost.exit.code} and no numbers; it said:\n${cost.exit.logTail}`,
    );
  const { measured, missed } = JSON.parse(json) as BenchReport;
  const filters = Object.entries(measured).flatMap(([name, value]) => (name.endsWith(', ms') ? [Number(value)] : []));
  return {
    numbers: {
      ...numberOf('report.seconds', measured['report, s']),
      ...numberOf('report.largestMb', measured['report, peak MB']),
      ...numberOf('report.renderMs', measured.renderMs),
      ...numberOf('report.firstPaintMs', measured.firstPaintMs),
      ...(filters.length > 0 && { 'report.slowestFilterMs': Math.max(...filters) }),
    },
    others: cost,
    countedBy: null,
    remarks: missed,
  };
}

function numberOf(id: keyof Numbers, value: string | number | undefined): Numbers {
  return value === undefined || !Number.isFinite(Number(value)) ? {} : { [id]: Number(value) };
}
