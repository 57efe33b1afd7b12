/** The options of `ringfence.config.ts`, as if they had been typed before those that were. */
import { UsageError } from '../errors.ts';
import type { Config } from '../model/config.ts';
import { configIn } from '../plan/config-file.ts';

type Key = keyof Config;

/** Options that only hold for the server beside them: who names another on the command line means all of it. */
const OF_SERVER: readonly Key[] = ['accounts', 'expect', 'bind'];

/**
 * @param keys those that the command takes
 * @param parse What the command does with its options. Given here, so that what it refuses is told with the line of the file.
 * @throws {UsageError} naming file and line for what the file says; else as `parse` does
 */
export async function withConfig<Options>(
  args: readonly string[],
  keys: readonly Key[],
  parse: (args: string[], config: Config) => Options,
  folder: string = process.cwd(),
): Promise<Options> {
  const found = await configIn(folder);
  if (found === null) return parse([...args], {});
  const { file, config, lineOf } = found;
  const typed = (key: Key): boolean =>
    args.some(
      (arg) => arg === flagOf(key) || arg.startsWith(`${flagOf(key)}=`) || arg === `--no-${flagOf(key).slice(2)}`,
    );
  const said = keys
    .filter((key) => !typed(key) && !(OF_SERVER.includes(key) && typed('server')))
    .flatMap((key) => flagsOf(key, config[key]));
  try {
    parse(said, config);
  } catch (error) {
    const key = keys.find((each) => error instanceof UsageError && error.message.startsWith(flagOf(each)));
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${file}:${await lineOf(key ?? 'server')}: ${error.message}`, { cause: error });
  }
  return parse([...said, ...args], config);
}

function flagOf(key: Key): string {
  return key === 'singleFile' ? '--single-file' : key === 'allure' ? '--no-allure' : `--${key}`;
}

function flagsOf(key: Key, value: Config[Key]): string[] {
  if (value === undefined || key === 'reports') return [];
  if (key === 'singleFile') return [value === true ? flagOf(key) : '--no-single-file'];
  if (typeof value === 'boolean') return value ? [] : [flagOf(key)];
  return [value].flat().flatMap((each) => [`${flagOf(key)}=${each}`]);
}
