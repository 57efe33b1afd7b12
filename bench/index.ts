import { parseArgs } from 'node:util';
import { UsageError } from '../harness/errors.ts';
import { benchDrachtio } from './drachtio.ts';
import { benchMatrix } from './matrix.ts';
import { positive } from './positive.ts';
import { type BenchReport, formatReport } from './report.ts';
import { suiteCommand } from './suite/command.ts';
import { PARTS } from './suite/rows.ts';

interface BenchOptions {
  readonly rate: string | undefined;
  readonly seconds: string | undefined;
  readonly atOnce: string | undefined;
  readonly runs: string | undefined;
  readonly cells: string | undefined;
  readonly strict: boolean;
  /** Behind the name of the benchmark. */
  readonly paths: readonly string[];
  /** Everything after `--`. */
  readonly rest: readonly string[];
}

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchReport>>> = {
  drachtio: ({ rate, seconds, atOnce }) =>
    benchDrachtio({
      ...(rate !== undefined && { callsPerSecond: positive('--rate', rate) }),
      ...(seconds !== undefined && { seconds: positive('--seconds', seconds) }),
      ...(atOnce !== undefined && { atOnce: positive('--at-once', atOnce) }),
    }),
  matrix: ({ runs, rest }) =>
    benchMatrix({ runArgs: rest, ...(runs !== undefined && { runs: positive('--runs', runs) }) }),
  report: async ({ runs, cells }) => {
    // Needs a browser driver, which only an installation for development has.
    const { benchPage } = await import('./page.ts');
    return benchPage({
      ...(cells !== undefined && { cells: positive('--cells', cells) }),
      ...(runs !== undefined && { runs: positive('--runs', runs) }),
    });
  },
  mutation: async ({ paths, strict }) => (await import('./mutation.ts')).benchMutation({ paths, strict }),
};
/** The one benchmark that takes paths. */
const TAKES_PATHS = 'mutation';

const USAGE = `Usage: ringfence bench [--runs N] [--against DIR] [--part NAME]... [--within MINUTES] [--record] [--json]
       ringfence bench drachtio [--rate CALLS_PER_SECOND] [--seconds N] [--at-once CALLS] [--json]
       ringfence bench matrix [--runs N] [--json] [-- ARGUMENTS OF ringfence run]
       ringfence bench report [--cells N] [--runs N] [--json]
       ringfence bench mutation [--strict] [--json] [PATH...]

Without a name, everything is measured in turn, beside the numbers of the previous release: the default matrix with and
without Allure, 15 cells, a long run, the reports, the drachtio-compatible server. It says how long it will take.

  --runs N          how often; the median is told  [3]. The long run and the reports are measured once
  --against DIR     another checkout, measured in turn with this one (A B A B) on this machine, in place of the recorded numbers
  --part NAME       only ${PARTS.join(', ')} (may be repeated)
  --within MINUTES  nothing is begun after that, and what runs is ended  [60]
  --long-cells N    cells of the long run, each call counted  [100000]
  --cells N         cells of the rendered run  [10000]
  --record          keep the numbers in bench/previous.json: of DIR with --against, else of this version, for the one after it

One of them alone:

drachtio  calls per second through the drachtio-compatible server
matrix    time and memory of whole runs
report    a made-up run (--cells, 10,000 by default): written, rendered, compared, merged, and its page in a browser
mutation  whether the tests notice when the code that decides verdicts is changed: one small change after the other,
          each tried by the tests that reach it. PATH is a file or folder of that code; without one, all is changed.
          The share of noticed changes must be 95 %. bench/mutation/survivors.json holds the changes that need not
          be noticed, with the reason; they do not count. With --strict, every other change must be noticed, and each
          entry be needed. The whole report is written to reports/mutation/.

Exit status: 0 when the targets were met, 1 when not, 2 for wrong usage, 3 when it could not be measured.
`;

/**
 * Runs one benchmark and prints its report.
 * @returns exit status: 0 when its targets were met, 1 when not
 * @throws {UsageError} for an unknown benchmark or option; {LabError} when the benchmark could not run
 */
export async function benchCommand(args: readonly string[]): Promise<number> {
  const first = args[0];
  if (first === undefined || (first.startsWith('-') && first !== '--help' && first !== '-h'))
    return suiteCommand(args, USAGE);
  const { name, options, json, help } = readArgs(args);
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!bench) throw new UsageError(`There is no benchmark ${JSON.stringify(name)}.\n${USAGE}`);
  const report = await bench(options);
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`);
  return report.missed.length === 0 ? 0 : 1;
}

interface Args {
  readonly name: string;
  readonly options: BenchOptions;
  readonly json: boolean;
  readonly help: boolean;
}

function readArgs(args: readonly string[]): Args {
  const separator = args.indexOf('--');
  const own = separator < 0 ? args : args.slice(0, separator);
  const rest = separator < 0 ? [] : args.slice(separator + 1);
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        rate: { type: 'string' },
        seconds: { type: 'string' },
        'at-once': { type: 'string' },
        runs: { type: 'string' },
        cells: { type: 'string' },
        strict: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const { rate, seconds, 'at-once': atOnce, runs, cells, strict = false, json = false, help = false } = values;
    const [name = '', ...paths] = positionals;
    if (paths.length > 0 && name !== TAKES_PATHS)
      throw new Error(`One benchmark at a time, not ${positionals.join(' ')}.`);
    return { name, options: { rate, seconds, atOnce, runs, cells, strict, paths, rest }, json, help };
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n${USAGE}`, { cause });
  }
}
