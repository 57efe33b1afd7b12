import { fileURLToPath } from 'node:url';
import { type Launcher, programLauncher } from '../../harness/processes/launcher.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/phone.ts', import.meta.url));

/** The fixture phone. `fault`: see there. */
export function fixtureUa(fault?: string, maxAccounts = 50): Launcher {
  return programLauncher('command:fixture', {
    command: process.execPath,
    args: [PROGRAM],
    env: { ...(fault !== undefined && { FIXTURE_FAULT: fault }), FIXTURE_MAX_ACCOUNTS: String(maxAccounts) },
  });
}
