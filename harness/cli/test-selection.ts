/** `./ringfence test --changed`: the test files that what changed can reach. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { namedBy, type Path, reaching } from './reach.ts';

export interface Selection {
  /** Test files, in order. */
  readonly tests: readonly Path[];
  /** For a reader: what was selected by what. */
  readonly why: readonly string[];
}

export interface ChangedSelection extends Selection {
  /** The commit that everything was compared with. */
  readonly since: string;
}

const TEST_FILE = /^test\/.*\.test\.ts$/;
/** Reads every file there is. */
const ALWAYS: readonly Path[] = ['test/hygiene.test.ts'];
/** What every test stands on, or how all of them are run. */
const FOUNDATION = /^(package(-lock)?\.json|vitest\.config\.ts|tsconfig\.json|\.npmrc)$/;
/** For people, for git, or for the checks of format, lint, types and dead code: only a test that names it itself can mean it. */
const NOT_FOR_PROGRAMS =
  /(^|\/)README\.md$|^((CHANGELOG|CONTRIBUTING)\.md|LICENSE|docs\/[^/]+|\.gitignore|biome\.json|knip\.json|\.oxlintrc\.json)$/;
/** Text that names no other file for a test to open: prose, results and captures of calls. */
const NAMES_NOTHING = /\.(md|txt|json|jsonl|html|svg|css|dat|pcap)$|^reports\//;

/**
 * A changed file selects the tests that reach it, see `reach.ts`. When none does, and it is not known to be for people only, it selects
 * all: we do not know what it is for.
 *
 * @param files all that there are
 * @param named see `namedBy`; also of files that are gone
 */
export function selectTests(
  files: readonly Path[],
  named: ReadonlyMap<Path, ReadonlySet<Path>>,
  changed: readonly Path[],
): Selection {
  if (changed.length === 0) return { tests: [], why: ['nothing has changed'] };
  const tests = files.filter((file) => TEST_FILE.test(file)).toSorted();
  const selected = new Set<Path>(ALWAYS.filter((file) => files.includes(file)));
  const why: string[] = [];
  for (const file of changed) {
    const { reached, because } = reachedBy(file);
    for (const test of reached) selected.add(test);
    why.push(`${file}: ${because}`);
  }
  return { tests: tests.filter((test) => selected.has(test)), why };

  function reachedBy(file: Path): { reached: readonly Path[]; because: string } {
    if (FOUNDATION.test(file)) return { reached: tests, because: 'all tests stand on it' };
    const towards = reaching(file, named);
    const prose = NOT_FOR_PROGRAMS.test(file);
    const reached = tests.filter((test) => test === file || (prose ? towards.get(test) === file : towards.has(test)));
    const [first] = reached;
    if (first !== undefined)
      return { reached, because: `${counted(reached.length, 'test file')}, e.g. ${way(first, towards)}` };
    if (prose) return { reached, because: 'no test reads it' };
    return { reached: tests, because: 'nobody knows which tests need it, so all' };
  }
}

/** `test/a.test.ts > harness/b.ts`: by what a test reaches a file. */
function way(test: Path, towards: ReadonlyMap<Path, Path>): string {
  const steps: Path[] = [];
  for (let at: Path | undefined = test; at !== undefined; at = towards.get(at)) steps.push(at);
  return steps.slice(0, -1).join(' > ') || test;
}

/**
 * What changed in a checkout since a commit, committed or not, and the tests that it reaches.
 *
 * @param since one commit or none; none: where the branch left the main branch, on the main branch itself the last commit
 * @throws {UsageError} when there is no such commit, or no checkout
 */
export async function selectChanged(root: string, since: readonly string[]): Promise<ChangedSelection> {
  if (since.length > 1) throw new UsageError(`--changed takes one commit, not ${since.length}: ${since.join(' ')}`);
  const commit = since[0] === undefined ? await whereItBegan(root) : await commitOf(root, since[0]);
  const [differing, untracked, tracked] = await Promise.all([
    git(root, 'diff', '--name-only', '--no-renames', '-z', commit, '--'),
    git(root, 'ls-files', '--others', '--exclude-standard', '-z'),
    git(root, 'ls-files', '-z'),
  ]);
  const changed = [...lines(differing), ...lines(untracked)].toSorted();
  const textOf = new Map<Path, string>();
  const files: Path[] = [];
  for (const file of new Set([...lines(tracked), ...lines(untracked)])) {
    const text = await readFile(join(root, file), 'utf8').catch(() => null);
    if (text === null) continue; // gone, or a link to nowhere
    files.push(file);
    if (!NAMES_NOTHING.test(file) && !ALWAYS.includes(file)) textOf.set(file, text);
  }
  const named = namedBy(textOf, [...new Set([...files, ...changed])]);
  return { since: commit, ...selectTests(files, named, changed) };
}

async function whereItBegan(root: string): Promise<string> {
  for (const main of ['main', 'origin/HEAD', 'origin/main']) {
    const base = await git(root, 'merge-base', 'HEAD', main).catch(() => '');
    if (base !== '') return base.trim();
  }
  return await commitOf(root, 'HEAD');
}

async function commitOf(root: string, name: string): Promise<string> {
  const commit = await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`).catch(
    () => '',
  );
  if (commit !== '') return commit.trim();
  throw new UsageError(
    `--changed: git knows no commit "${name}" here; give one that this checkout has, or run all tests: ./ringfence test`,
  );
}

async function git(root: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

const lines = (output: string): Path[] => output.split('\0').filter(Boolean);
