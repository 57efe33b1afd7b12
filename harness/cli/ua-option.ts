/** `--ua`: who plays the callees' own phones. */

import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.ts';
import type { RuntimeId, Transport } from '../model/words.ts';
import { type Launcher, programLauncher } from '../processes/launcher.ts';
import { ensureTools } from '../setup/tools.ts';
import { checksCertificates } from '../ua/baresip/configuration.ts';
import {
  type ProgramChoice,
  parseProgram,
  programRerunOptions,
  programText,
  requireProgramRuntime,
} from './program-option.ts';

/** `phone`: ours. */
export type UaChoice = ProgramChoice<'phone' | 'baresip'>;

const OPTION = { option: '--ua', words: ['phone', 'baresip'], example: 'phone', page: 'docs/user-agents.md' } as const;
const BARESIP = fileURLToPath(new URL('../ua/baresip/main.ts', import.meta.url));

/** @throws {UsageError} */
export function parseUa(text: string): UaChoice {
  return parseProgram(text, OPTION);
}

/** @throws {UsageError} when the runtime cannot have that user agent */
export function requireUaRuntime(choice: UaChoice, runtime: RuntimeId): void {
  requireProgramRuntime(choice, runtime, OPTION);
}

/** One line for the first lines of a run. */
export function describeUa(choice: UaChoice): string {
  if (choice.kind === 'phone') return "user agent: Ringfence's own phones";
  return `user agent: ${programText(choice)}, as the callees' own phones`;
}

/** What a cell must be run again with; empty for our own phones. */
export function uaRerunOptions(choice: UaChoice): string[] {
  return choice.kind === 'phone' ? [] : programRerunOptions(choice, OPTION.option);
}

/**
 * Its instances are processes of this machine; null: our own phones.
 * @throws {UsageError} when that baresip cannot check a certificate
 * @throws {LabError} when baresip is not here and cannot be installed
 */
export async function processUa(
  choice: UaChoice,
  { transport, say }: { readonly transport: Transport; readonly say: (line: string) => void },
): Promise<Launcher | null> {
  requireUaRuntime(choice, 'process');
  if (choice.kind === 'command') return programLauncher(choice.text, choice);
  if (choice.kind !== 'baresip') return null;
  const { baresip, warnings } = await ensureTools({ need: ['baresip'], say });
  if (transport === 'tls' && !checksCertificates(baresip.version)) {
    throw new UsageError(
      `--transport tls: baresip ${baresip.version} speaks TLS and takes any certificate for the server's (it has no sip_verify_server); take a later one, another phone such as --ua command:docs/examples/linphone-phone.ts, or leave --ua out`,
    );
  }
  for (const warning of warnings) say(`warning: ${warning}`);
  const program = { command: process.execPath, args: [BARESIP], env: { RINGFENCE_BARESIP: baresip.path } };
  return programLauncher('baresip', program);
}
