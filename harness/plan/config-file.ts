/** `ringfence.config.ts`: what holds for every run of a repository. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UsageError } from '../errors.ts';
import type { Config } from '../model/config.ts';
import { boolean, optional } from '../model/shapes.ts';
import { POLICIES, RUNTIMES, TRANSPORTS } from '../model/words.ts';
import { lineInSource } from './line-in-source.ts';
import { checked } from './scenario-check.ts';
import { load, located, readSource } from './user-files.ts';
import { exactly, line, listOf, oneOf } from './user-shapes.ts';

const CONFIG_FILE = /^ringfence\.config\.m?[jt]s$/;

const whole = v.pipe(
  v.number('a whole number'),
  v.integer('a whole number'),
  v.minValue(1, 'a whole number from 1 on'),
);
const oneOrMore = v.union([line, listOf(line)], 'a text, or an array of texts');

const config: v.GenericSchema<Config> = exactly({
  scenarios: optional(oneOrMore),
  server: optional(oneOrMore),
  accounts: optional(line),
  expect: optional(oneOf(POLICIES)),
  bind: optional(line),
  caller: optional(line),
  ua: optional(line),
  drachtio: optional(oneOrMore),
  transport: optional(oneOf(TRANSPORTS)),
  runtime: optional(oneOf(['auto', ...RUNTIMES])),
  rate: optional(whole),
  concurrency: optional(whole),
  repeat: optional(whole),
  reports: optional(line),
  history: optional(line),
  singleFile: optional(boolean),
  allure: optional(boolean),
});

export interface ConfigFile {
  /** Absolute path. */
  readonly file: string;
  readonly config: Config;
  /** Where the value of a key stands, from 1. */
  lineOf(key: string): Promise<number>;
}

/**
 * The configuration of a folder; null: it has none.
 *
 * @throws {UsageError} naming file and line: for one that does not load, and a key or value that there is not
 */
export async function configIn(folder: string): Promise<ConfigFile | null> {
  const names = (await readdir(folder)).filter((name) => CONFIG_FILE.test(name));
  const [name] = names;
  if (name === undefined) return null;
  if (names.length > 1) throw new UsageError(`${folder} has ${names.join(' and ')}: which is meant? Leave one`);
  const file = join(folder, name);
  const text = await readSource(file);
  const { default: value } = await load(file);
  if (value === undefined) throw new UsageError(`${file}:1: no default export: export default defineConfig({ ... })`);
  const place = { name: 'default', path: [] };
  return {
    file,
    config: await located({ file, text }, place, () => checked(config, value, file)),
    lineOf: (key) => lineInSource(text, 'default', [key]),
  };
}
