import { type Browser, chromium } from 'playwright-core';

/** The browser of tests and bench. `./ringfence test` sets CHROMIUM to the one that it finds. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}
