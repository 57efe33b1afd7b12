import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../errors.ts';
import type { HeaderVariant, Scenario } from '../model/scenario.ts';
import { lineInSource } from './line-in-source.ts';
import { checkScenario, checkVariant, WrongInFile } from './scenario-check.ts';

/** What users add to the matrix, with the file that each situation came from. */
export interface UserFiles {
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
  /** Situation id -> absolute path. */
  readonly fileOf: ReadonlyMap<string, string>;
}

/**
 * Reads every TypeScript and JavaScript module of the directories. A scenario file has a scenario (or a list) as its default export; a
 * variant file exports a list named `variants`. A file may do both.
 *
 * @throws {UsageError} naming file and line: for a directory or file that cannot be read, a file that does not load,
 * data of the wrong shape, and an id that two files define or that is built in.
 */
export async function loadUserFiles(
  dirs: readonly string[],
  builtIn: { readonly scenarios: readonly Scenario[]; readonly variants: readonly HeaderVariant[] },
): Promise<UserFiles> {
  // Types say little of a row that Node has only stripped them from.
  for (const each of builtIn.scenarios) checkScenario(each, `scenarios/, situation ${each.id}`);
  for (const each of builtIn.variants) checkVariant(each, `scenarios/variants/, row ${each.id}`);
  const owners = new Map<string, string>([
    ...builtIn.scenarios.map(({ id }) => [`situation ${id}`, 'the built-in scenarios'] as const),
    ...builtIn.variants.map(({ id }) => [`variant ${id}`, 'the built-in variants'] as const),
  ]);
  const scenarios: Scenario[] = [];
  const variants: HeaderVariant[] = [];
  const fileOf = new Map<string, string>();
  for (const file of (await Promise.all(dirs.map(sourceFiles))).flat()) {
    const text = await readSource(file);
    const module = await load(file);
    const own = [module.default ?? []].flat();
    const rows = module.variants ?? [];
    if (own.length === 0 && (!Array.isArray(rows) || rows.length === 0)) {
      throw new UsageError(
        `${file}:1: neither a default export (a scenario) nor an export named "variants" (a list of rows)`,
      );
    }
    const source: Source = { file, text };
    for (const [index, value] of own.entries()) {
      const place = { name: 'default', path: Array.isArray(module.default) ? [index] : [] };
      const scenario = await located(source, place, () => checkScenario(value, file));
      await claimId(owners, `situation ${scenario.id}`, source, place);
      scenarios.push(scenario);
      fileOf.set(scenario.id, file);
    }
    for (const [index, value] of [rows].flat().entries()) {
      const place = { name: 'variants', path: [index] };
      const variant = await located(source, place, () => checkVariant(value, file));
      await claimId(owners, `variant ${variant.id}`, source, place);
      variants.push(variant);
    }
  }
  return { scenarios, variants, fileOf };
}

const MODULE = /\.m?[jt]s$/;

async function sourceFiles(dir: string): Promise<string[]> {
  try {
    const names = await readdir(dir);
    const files = names.filter((name) => MODULE.test(name) && !/\.d\.m?ts$/.test(name));
    if (files.length > 0) return files.toSorted().map((name) => resolve(join(dir, name)));
  } catch (cause) {
    throw new UsageError(`--scenarios ${dir}: cannot be read (${(cause as Error).message})`, { cause });
  }
  throw new UsageError(`--scenarios ${dir}: there is no .ts, .mts, .js or .mjs file in it`);
}

/** @throws {UsageError} */
export async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file}: cannot be read (${(cause as Error).message})`, { cause });
  }
}

/** @throws {UsageError} naming the line, where the module says it */
export async function load(file: string): Promise<{ default?: unknown; variants?: unknown }> {
  try {
    return (await import(pathToFileURL(file).href)) as { default?: unknown; variants?: unknown };
  } catch (cause) {
    const { message, stack = '' } = cause as Error;
    const line = new RegExp(`${RegExp.escape(file)}:(\\d+)`).exec(stack)?.[1] ?? '1';
    throw new UsageError(`${file}:${line}: does not load: ${message}`, { cause });
  }
}

export interface Source {
  readonly file: string;
  readonly text: string;
}

/** An entry of a file: of which export, and where in it. */
interface Entry {
  readonly name: string;
  readonly path: readonly (string | number)[];
}

/** Adds the line to a complaint about data. */
export async function located<T>({ file, text }: Source, { name, path }: Entry, check: () => T): Promise<T> {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof WrongInFile)) throw error;
    const line = await lineInSource(text, name, [...path, ...error.path]);
    throw new UsageError(`${file}:${line}: ${error.said}`, { cause: error });
  }
}

async function claimId(owners: Map<string, string>, id: string, { file, text }: Source, entry: Entry): Promise<void> {
  const owner = owners.get(id);
  if (owner !== undefined) {
    const line = await lineInSource(text, entry.name, [...entry.path, 'id']);
    throw new UsageError(`${file}:${line}: ${id} is already defined by ${owner}; ids are never reused, choose another`);
  }
  owners.set(id, file);
}
