/** `--caller`: who places the calls. */

import { join } from 'node:path';
import type { Application } from '../callers/application/application-caller.ts';
import { applicationDescription } from '../callers/application/contract.ts';
import { describedBy } from '../processes/description.ts';
import { type Launcher, programLauncher } from '../processes/launcher.ts';
import {
  type ProgramChoice,
  parseProgram,
  programRerunOptions,
  programText,
  requireProgramRuntime,
} from './program-option.ts';

export type CallerChoice = ProgramChoice<'sipp'>;

const OPTION = { option: '--caller', words: ['sipp'], example: 'dialler', page: 'docs/callers.md' } as const;
const DESCRIBE_TIMEOUT_MS = 10_000;

/** @throws {UsageError} */
export function parseCaller(text: string): CallerChoice {
  return parseProgram(text, OPTION);
}

/** @throws {UsageError} when the runtime cannot have that application */
export function requireCallerRuntime(choice: CallerChoice, runtime: 'process' | 'docker'): void {
  requireProgramRuntime(choice, runtime, OPTION);
}

/** One line for the first lines of a run; null where SIPp places all calls, which needs no word. */
export function describeCaller(choice: CallerChoice): string | null {
  return choice.kind === 'sipp' ? null : `caller: ${programText(choice)}; the controls are SIPp's`;
}

/** What a cell must be run again with; empty for SIPp. */
export function callerRerunOptions(choice: CallerChoice): string[] {
  return choice.kind === 'sipp' ? [] : programRerunOptions(choice, OPTION.option);
}

/** The application as a process of this machine; null: SIPp places all calls. @throws {LabError} unless it says what it is */
export async function processCaller(choice: CallerChoice, logDir: string): Promise<Application | null> {
  requireCallerRuntime(choice, 'process');
  return choice.kind === 'command' ? described(programLauncher(choice.text, choice), logDir) : null;
}

/** @throws {LabError} unless it says what it is */
export async function described(launcher: Launcher, logDir: string): Promise<Application> {
  const description = await describedBy({
    launcher,
    logFile: join(logDir, 'caller-describe.log'),
    timeoutMs: DESCRIBE_TIMEOUT_MS,
    page: OPTION.page,
    read: applicationDescription,
  });
  return { launcher, description };
}
