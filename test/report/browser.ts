import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe } from 'vitest';
import { CHROMIUM } from './chromium.ts';

export { launchBrowser } from './chromium.ts';

/** Tests that need a real browser; without one they are skipped, and the title says why. */
export function describeInBrowser(title: string, tests: () => void): void {
  if (existsSync(CHROMIUM)) describe(title, tests);
  else describe.skip(`${title} (skipped: no browser at ${CHROMIUM}; install chromium or set CHROMIUM)`, tests);
}

/** A page, and all that it did that a report must not do. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Dialogs, errors, messages on the console, and requests for anything but files. */
  readonly offences: readonly string[];
}

export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const offences: string[] = [];
  page.on('dialog', (dialog) => {
    offences.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => offences.push(`error: ${error.message}`));
  page.on('console', (message) => offences.push(`console: ${message.text()}`));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) offences.push(`request: ${request.url()}`);
  });
  return { page, offences, [Symbol.asyncDispose]: () => context.close() };
}
