import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LabError } from '../errors.ts';
import { ensureTools } from '../setup/tools.ts';
import { runProgram } from './run-program.ts';
import type { Tally } from './tally-reporter.ts';
import { runInParts } from './test-parts.ts';
import { testScratch } from './test-scratch.ts';
import { type ChangedSelection, selectChanged } from './test-selection.ts';
import { runVitest } from './vitest-run.ts';

const TEST_HELP = `Usage: ./ringfence test [FILTER...]
       ./ringfence test --changed [REF]

Checks format, lint, types and dead code, and runs all tests. With a FILTER, a part of a test file's path, only the
tests of those files. Ends with the line \`N passed, N failed, N skipped\`: each check counts as one.

  --changed [REF]  beside the checks only the tests that reach what changed since the commit REF, committed or not: by
                   import, by the program they start or by the file they read; all tests where that cannot be told
                   [REF: where this branch left the main branch, on the main branch itself the last commit]

Exit status: 0 when nothing failed and something ran, 1 otherwise, 2 usage error, 3 when SIPp or Kamailio cannot be had,
130 cancelled.
`;

const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface StaticCheck {
  readonly title: string;
  /** Executable in node_modules/.bin, and its arguments. */
  readonly command: readonly [string, ...string[]];
}

/** Told before anything else begins. */
const QUICK_CHECKS: readonly StaticCheck[] = [
  { title: 'format and lint (biome)', command: ['biome', 'check', '.'] },
  { title: 'lint (oxlint)', command: ['oxlint'] },
];
/** Half a minute, in which tests would wait for phones to ring. They run beside tests: several threads of tsc only compute twice what they share. */
const SLOW_CHECKS: readonly StaticCheck[] = [
  { title: 'types (tsc)', command: ['tsc', '-p', '.', '--singleThreaded'] },
  { title: 'types of the page (tsc)', command: ['tsc', '-p', 'harness/report/html/client', '--singleThreaded'] },
  { title: 'types of the examples (tsc)', command: ['tsc', '-p', 'docs/examples', '--singleThreaded'] },
  { title: 'dead code (knip)', command: ['knip'] },
];

/** `./ringfence test`. @throws {LabError} when SIPp or Kamailio cannot be had */
export async function testCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, changed: { type: 'boolean', default: false } },
  });
  if (values.help === true) {
    process.stdout.write(TEST_HELP);
    return 0;
  }
  // Ctrl-C reaches the children too; we stay to count what they did.
  let cancelled = false;
  process.on('SIGINT', () => {
    cancelled = true;
  });
  const selection = values.changed ? await selectChanged(PACKAGE_ROOT, positionals) : null;
  const env = await ensureTestTools();
  const filters = selection?.tests ?? positionals;
  const isChecked = selection !== null || filters.length === 0;
  const tallies: Tally[] = [];
  if (isChecked) {
    for (const check of QUICK_CHECKS) tallies.push(await runStaticCheck(check, tell));
  } else {
    heading(`only the tests of ${filters.join(', ')}, without the checks of format, lint, types and dead code`);
  }
  if (selection !== null) tellSelection(selection);
  // What waits most of its time, and what takes half a minute, is told at the end.
  const held: string[] = [];
  const hold = (text: string): void => void held.push(text);
  const beside: Promise<readonly Tally[]>[] = isChecked ? [inTurn(SLOW_CHECKS, hold, () => cancelled)] : [];
  await using scratch = await testScratch();
  const vitest = { root: PACKAGE_ROOT, filters, env: { ...env, ...scratch.env } };
  if (selection === null && filters.length === 0) {
    heading('tests (vitest), and beside them those in containers and the checks of types and dead code');
    const parts = await runInParts({
      run: (projects, output) => runVitest({ ...vitest, projects, ...(output === 'held' && { tell: hold }) }),
      cancelled: () => cancelled,
    });
    tallies.push(...parts);
  } else if (filters.length > 0) {
    heading('tests (vitest)');
    tallies.push(await runVitest(vitest));
  }
  tallies.push(...(await Promise.all(beside)).flat());
  tell(held.join(''));

  const total = sum(tallies);
  process.stdout.write(summary(total));
  if (cancelled) return 130;
  return total.failed === 0 ? 0 : 1;
}

/** Failures and skips by name, and the one plain line that ends every run of the tests. */
export function summary({ passed, failed, skipped, failures, skips }: Tally): string {
  const lines = [...skips.map((skip) => `skipped: ${skip}`), ...failures.map((failure) => `failed: ${failure}`)];
  return `\n${lines.map((line) => `${line}\n`).join('')}${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

export function sum(tallies: readonly Tally[]): Tally {
  const count = (key: 'passed' | 'failed' | 'skipped'): number =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  return {
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    failures: tallies.flatMap(({ failures }) => failures),
    skips: tallies.flatMap(({ skips }) => skips),
  };
}

async function inTurn(
  checks: readonly StaticCheck[],
  say: (text: string) => void,
  cancelled: () => boolean,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const check of checks) if (!cancelled()) tallies.push(await runStaticCheck(check, say));
  return tallies;
}

/** A check that finds something, or does not start, is one failed test. */
async function runStaticCheck({ title, command }: StaticCheck, say: (text: string) => void): Promise<Tally> {
  const [name, ...args] = command;
  const begun = performance.now();
  const { status, output } = await runProgram(`${PACKAGE_ROOT}node_modules/.bin/${name}`, args, {
    cwd: PACKAGE_ROOT,
    env: process.stdout.isTTY ? {} : { NO_COLOR: '1' },
    show: false,
  });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`== ${title}: ${status === 0 ? 'ok' : 'FAILED'}, ${seconds} s\n`);
  if (status === 0) return { passed: 1, failed: 0, skipped: 0, failures: [], skips: [] };
  say(output);
  const failure = `${title}: ended with ${status}; again: npx ${command.join(' ')}`;
  return { passed: 0, failed: 1, skipped: 0, failures: [failure], skips: [] };
}

/** Programs that some tests need. Where one cannot be had, those tests skip themselves, and say so. */
const FOR_SOME_TESTS = {
  chromium: 'browser tests',
  baresip: 'tests with baresip',
  linphone: 'tests with linphone',
  asterisk: 'tests with Asterisk',
  ejabberd: 'tests with ejabberd',
  tshark: 'reading of captures',
  sngrep: 'reading of captures by sngrep',
} as const;

/** SIPp and Kamailio must be there. */
async function ensureTestTools(): Promise<Record<string, string>> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { warnings } = await ensureTools({ need: ['sipp', 'kamailio'], parts: ['kamailioTls'], say });
  for (const warning of warnings) say(`warning: ${warning}`);
  const found: Record<string, string> = {};
  for (const name of ['chromium', 'baresip', 'linphone', 'asterisk', 'ejabberd', 'tshark', 'sngrep'] as const) {
    if (name === 'chromium' && (process.env.CHROMIUM ?? '') !== '') continue; // the user's own choice
    try {
      found[name] = (await ensureTools({ need: [name], say }))[name].path;
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      say(`warning: no ${FOR_SOME_TESTS[name]}: ${error.message}`);
    }
  }
  return found.chromium === undefined ? {} : { CHROMIUM: found.chromium };
}

function tellSelection({ since, tests, why }: ChangedSelection): void {
  heading(`${tests.length} test files reach what has changed since ${since.slice(0, 12)}`);
  for (const line of why) tell(`   ${line}\n`);
}

function heading(text: string): void {
  tell(`== ${text}\n`);
}

function tell(text: string): void {
  process.stdout.write(text);
}
