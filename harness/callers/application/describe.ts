import { join } from 'node:path';
import { describedBy } from '../../processes/description.ts';
import type { Launcher } from '../../processes/launcher.ts';
import type { Application } from './application-caller.ts';
import { applicationDescription } from './contract.ts';

/** The page with the contract. */
export const CALLERS_PAGE = 'docs/callers.md';

/** Asks the application what it is. @param logDir gets what it prints. @throws {LabError} unless it says so */
export async function describeApplication(
  launcher: Launcher,
  { logDir, timeoutMs = 30_000 }: { readonly logDir: string; readonly timeoutMs?: number },
): Promise<Application> {
  const description = await describedBy({
    launcher,
    logFile: join(logDir, 'caller-describe.log'),
    timeoutMs,
    page: CALLERS_PAGE,
    read: applicationDescription,
  });
  return { launcher, description };
}

/** For people: `dialler 1.0: patient; 100 calls at once; takes no headers; answers no challenge`. */
export function applicationText({ description }: Application): string {
  const { name, version, behaviours, maxCalls, headers, credentials } = description;
  return [
    `${name} ${version}: ${[...behaviours].join(', ')}`,
    maxCalls === 1 ? 'one call at a time' : `${maxCalls} calls at once`,
    `takes ${headers ? '' : 'no '}headers`,
    `answers ${credentials ? 'a' : 'no'} challenge`,
  ].join('; ');
}
