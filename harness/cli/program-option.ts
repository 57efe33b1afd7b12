/** What `--ua` and `--caller` have in common: words for what is built in, and two ways to name a program of one's own. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { RuntimeId } from '../model/words.ts';
import { shellWord } from '../setup/shell-word.ts';

export type ProgramChoice<Word extends string> =
  | { readonly kind: Word }
  | { readonly kind: 'image'; readonly image: string }
  /** `command` is an absolute path. */
  | { readonly kind: 'command'; readonly command: string; readonly args: readonly string[]; readonly text: string };

export interface ProgramOption<Word extends string> {
  /** E.g. `--ua`. */
  readonly option: string;
  readonly words: readonly Word[];
  /** A program of one's own, in an example: `phone`. */
  readonly example: string;
  /** The page with the contract. */
  readonly page: string;
}

/** @throws {UsageError} */
export function parseProgram<Word extends string>(
  text: string,
  { option, words, example }: ProgramOption<Word>,
): ProgramChoice<Word> {
  const word = words.find((each) => each === text);
  if (word !== undefined) return { kind: word };
  const [, kind, rest = ''] = /^(image|command):(.*)$/s.exec(text) ?? [];
  if (kind === 'image') {
    if (!/^\w[\w.:/@-]*$/.test(rest)) {
      throw new UsageError(`${option} image:REF takes a reference such as example/${example}:1.2, not "${rest}"`);
    }
    return { kind, image: rest };
  }
  if (kind !== 'command') {
    throw new UsageError(`${option} takes ${words.join(', ')}, image:REF or command:PATH [ARGS], not "${text}"`);
  }
  const [path = '', ...args] = rest.trim().split(/\s+/);
  if (path === '') {
    throw new UsageError(`${option} command: names no program; e.g. ${option} "command:./my-${example}.sh --quiet"`);
  }
  return { kind, command: executable(option, path), args, text };
}

/** @throws {UsageError} when the runtime cannot have that program */
export function requireProgramRuntime(
  choice: ProgramChoice<string>,
  runtime: RuntimeId,
  { option, page }: Pick<ProgramOption<string>, 'option' | 'page'>,
): void {
  if (choice.kind === 'image' && runtime === 'process') {
    throw new UsageError(`${option} image:REF needs containers: add --runtime docker, or leave --runtime out`);
  }
  if (choice.kind === 'command' && runtime === 'docker') {
    throw new UsageError(
      `${option} command:PATH needs --runtime process: in the docker runtime a program is an image, see ${page}`,
    );
  }
}

/** As it was typed. */
export function programText(choice: ProgramChoice<string>): string {
  if ('image' in choice) return `image:${choice.image}`;
  return 'text' in choice ? choice.text : choice.kind;
}

/** What a cell must be run again with. */
export function programRerunOptions(choice: ProgramChoice<string>, option: string): string[] {
  return [option, shellWord(programText(choice))];
}

/** As a shell would find it: a name without a slash is looked for in PATH. */
function executable(option: string, path: string): string {
  const candidates = path.includes('/')
    ? [resolve(path)]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, path));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const [only = ''] = candidates;
  const exists = path.includes('/') && statSync(only, { throwIfNoEntry: false })?.isFile() === true;
  throw new UsageError(
    exists
      ? `${option} command: ${path} is not executable; try: chmod +x ${path}`
      : `${option} command: there is no program ${path}${path.includes('/') ? '' : ' in PATH'}`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
