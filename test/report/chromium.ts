import { type Browser, chromium } from 'playwright-core';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { PROGRAMS } from '../../harness/setup/programs.ts';

/** The browser of tests and bench. `./ringfence test` sets CHROMIUM to the one that it finds. */
export const CHROMIUM =
  process.env.CHROMIUM ?? (await findExecutable(PROGRAMS.chromium.executables)) ?? '/usr/bin/chromium';

/** Quiet: nothing of the browser's own goes to the network. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...ARGS, ...more] });
}
