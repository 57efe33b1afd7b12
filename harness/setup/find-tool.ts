import { execFile } from 'node:child_process';
import { access, constants, glob } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LabError, systemTrouble } from '../errors.ts';
import { type Part, PROGRAMS, type Program, programOf, type ToolName, unpackedFolder } from './programs.ts';

export interface Tool {
  /** Absolute path of the executable. */
  readonly path: string;
  /** As the program says it, e.g. `3.6.1`. */
  readonly version: string;
}

export type Finding =
  | ({ readonly state: 'found' } & Tool)
  /** An executable is there but does not say its version: it does not start, or is something else of that name. */
  | { readonly state: 'broken'; readonly path: string; readonly why: string }
  | { readonly state: 'missing' };

/** Where servers are installed; an ordinary user's PATH leaves these out. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];

/** Folders that are searched for programs, in order: PATH, then where servers are installed. */
export function searchPath(path = process.env.PATH ?? ''): readonly string[] {
  return [...new Set([...path.split(delimiter).filter((folder) => folder.startsWith('/')), ...SYSTEM_FOLDERS])];
}

/** @returns the absolute path of the first executable file of one of these names; null if there is none. */
export async function findExecutable(
  names: readonly string[],
  folders: readonly string[] = searchPath(),
): Promise<string | null> {
  for (const name of names) {
    for (const folder of folders) {
      const path = await executable(join(folder, name));
      if (path !== null) return path;
    }
  }
  return null;
}

/** The path, if there is something to execute there. */
async function executable(path: string): Promise<string | null> {
  return access(path, constants.X_OK).then(
    () => path,
    () => null,
  );
}

/** Of a program that was named by its variable, nobody knows where its parts are: they are taken to be there. */
export async function findPart({ of, files }: Part): Promise<boolean> {
  const { variable } = PROGRAMS[of];
  if (variable !== undefined && process.env[variable] !== undefined) return true;
  return (await glob(files).next()).done !== true;
}

export interface FindOptions {
  /** @default searchPath(), then where the program is unpacked to */
  readonly folders?: readonly string[];
  /** For the program to say its version. @default 10_000 */
  readonly timeoutMs?: number;
  /** This file, or the program of this name, and no other. @default what the program's variable of the environment names, if any */
  readonly path?: string | undefined;
}

/** @param wanted one of ours, or any other */
export async function findTool(wanted: ToolName | Program, options: FindOptions = {}): Promise<Finding> {
  const program = programOf(wanted);
  const chosen = options.path ?? (program.variable && process.env[program.variable]);
  const path = await (chosen?.includes('/')
    ? executable(chosen)
    : findExecutable(chosen ? [chosen] : program.executables, options.folders ?? foldersOf(program)));
  if (path === null) return { state: 'missing' };
  const said = await output(path, program.versionArgs, options.timeoutMs ?? 10_000);
  const version = program.version.exec(said)?.[1];
  return version === undefined
    ? { state: 'broken', path, why: said.trim().split('\n').slice(-3).join('\n') || 'it printed nothing' }
    : { state: 'found', path, version };
}

function foldersOf(program: Program): readonly string[] {
  const unpacked = unpackedFolder(program);
  return unpacked === null ? searchPath() : [...searchPath(), unpacked];
}

/** @returns what is to be said of a version that the harness was not run with; null for a tested one. */
export function untestedVersion(wanted: ToolName | Program, version: string): string | null {
  const { title, tested } = programOf(wanted);
  if (tested === null || tested.matches.test(version)) return null;
  return `${title} ${version} was not tested with Ringfence; tested: ${tested.words}`;
}

/** Both outputs, whatever the exit status. @throws {LabError} where this machine can start no program now. What kept the program from starting is part of it. */
function output(path: string, args: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(path, args, { timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const text = `${stdout}${stderr}`;
      const isFull = error !== null && ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].includes(String(error.code));
      if (isFull) reject(new LabError(`${path} could not be started: ${systemTrouble(error)}`, { cause: error }));
      else if (error === null) resolve(text);
      else resolve(error.killed ? `${text}\nno answer within ${timeoutMs} ms` : text || error.message);
    }).stdin?.end();
  });
}
