/** `--caller`: who places the calls. */
import type { Application } from '../callers/application/application-caller.ts';
import { applicationText, CALLERS_PAGE, describeApplication } from '../callers/application/describe.ts';
import type { RuntimeId } from '../model/words.ts';
import { programLauncher } from '../processes/launcher.ts';
import {
  type ProgramChoice,
  parseProgram,
  programRerunOptions,
  programText,
  requireProgramRuntime,
} from './program-option.ts';

export type CallerChoice = ProgramChoice<'sipp'>;

const OPTION = { option: '--caller', words: ['sipp'], example: 'dialler', page: CALLERS_PAGE } as const;

/** @throws {UsageError} */
export function parseCaller(text: string): CallerChoice {
  return parseProgram(text, OPTION);
}

/** @throws {UsageError} when the runtime cannot have that application */
export function requireCallerRuntime(choice: CallerChoice, runtime: RuntimeId): void {
  requireProgramRuntime(choice, runtime, OPTION);
}

/**
 * One line for the first lines of a run; null where SIPp places all calls, which needs no word.
 *
 * @param application what it says of itself, where that is known
 */
export function describeCaller(choice: CallerChoice, application: Application | null): string | null {
  if (choice.kind === 'sipp') return null;
  const about = application === null ? '' : ` (${applicationText(application)})`;
  return `caller: ${programText(choice)}${about}; the controls are SIPp's`;
}

/** What a cell must be run again with; empty for SIPp. */
export function callerRerunOptions(choice: CallerChoice): string[] {
  return choice.kind === 'sipp' ? [] : programRerunOptions(choice, OPTION.option);
}

/** The application as a process of this machine; null: SIPp places all calls. @throws {LabError} unless it says what it is */
export async function processCaller(choice: CallerChoice, logDir: string): Promise<Application | null> {
  requireCallerRuntime(choice, 'process');
  return choice.kind === 'command' ? describeApplication(programLauncher(choice.text, choice), { logDir }) : null;
}
