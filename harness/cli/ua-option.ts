/** `--ua`: who plays the callees' own phones. */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import type { RuntimeId } from '../model/words.ts';
import { shellWord } from '../setup/shell-word.ts';
import { ensureTools } from '../setup/tools.ts';
import { programLauncher, type UaLauncher } from '../ua/index.ts';

export type UaChoice =
  /** Our own phones. */
  | { readonly kind: 'phone' }
  | { readonly kind: 'baresip' }
  | { readonly kind: 'image'; readonly image: string }
  /** `command` is an absolute path. */
  | { readonly kind: 'command'; readonly command: string; readonly args: readonly string[]; readonly text: string };

const FORMS = 'phone, baresip, image:REF or command:PATH [ARGS]';
const BARESIP = fileURLToPath(new URL('../ua/baresip/main.ts', import.meta.url));

/** @throws {UsageError} */
export function parseUa(text: string): UaChoice {
  if (text === 'phone' || text === 'baresip') return { kind: text };
  const [, kind, rest = ''] = /^(image|command):(.*)$/s.exec(text) ?? [];
  if (kind === 'image') {
    if (!/^\w[\w.:/@-]*$/.test(rest)) {
      throw new UsageError(`--ua image:REF takes a reference such as example/phone:1.2, not "${rest}"`);
    }
    return { kind, image: rest };
  }
  if (kind !== 'command') throw new UsageError(`--ua takes ${FORMS}, not "${text}"`);
  const [path = '', ...args] = rest.trim().split(/\s+/);
  return { kind, command: executable(path), args, text };
}

/** @throws {UsageError} when the runtime cannot have that user agent */
export function requireUaRuntime(choice: UaChoice, runtime: RuntimeId): void {
  if (choice.kind === 'image' && runtime === 'process') {
    throw new UsageError('--ua image:REF needs containers: add --runtime docker, or leave --runtime out');
  }
  if (choice.kind === 'command' && runtime === 'docker') {
    throw new UsageError(
      '--ua command:PATH needs --runtime process: in the docker runtime a user agent is an image, see docs/user-agents.md',
    );
  }
}

/** One line for the first lines of a run. */
export function describeUa(choice: UaChoice): string {
  if (choice.kind === 'phone') return "user agent: Ringfence's own phones";
  return `user agent: ${uaText(choice)}, as the callees' own phones`;
}

/** What a cell must be run again with; empty for our own phones. */
export function uaRerunOptions(choice: UaChoice): string[] {
  if (choice.kind === 'phone') return [];
  return ['--ua', shellWord(uaText(choice))];
}

/**
 * Its instances are processes of this machine; null: our own phones.
 * @throws {LabError} when baresip is not here and cannot be installed
 */
export async function processUa(choice: UaChoice, say: (line: string) => void): Promise<UaLauncher | null> {
  requireUaRuntime(choice, 'process');
  if (choice.kind === 'command') return programLauncher(choice.text, choice);
  if (choice.kind !== 'baresip') return null;
  const { baresip, warnings } = await ensureTools({ need: ['baresip'], say });
  for (const warning of warnings) say(`warning: ${warning}`);
  const program = { command: process.execPath, args: [BARESIP], env: { RINGFENCE_BARESIP: baresip.path } };
  return programLauncher('baresip', program);
}

function uaText(choice: UaChoice): string {
  if (choice.kind === 'image') return `image:${choice.image}`;
  return choice.kind === 'command' ? choice.text : choice.kind;
}

/** As a shell would find it: a name without a slash is looked for in PATH. */
function executable(path: string): string {
  if (path === '') throw new UsageError('--ua command: names no program; e.g. --ua "command:./my-phone.sh --quiet"');
  const candidates = path.includes('/')
    ? [resolve(path)]
    : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, path));
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  const [only = ''] = candidates;
  const exists = path.includes('/') && statSync(only, { throwIfNoEntry: false })?.isFile() === true;
  throw new UsageError(
    exists
      ? `--ua command: ${path} is not executable; try: chmod +x ${path}`
      : `--ua command: there is no program ${path}${path.includes('/') ? '' : ' in PATH'}`,
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
