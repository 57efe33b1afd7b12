import { existsSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe } from 'vitest';
import { CHROMIUM, launchBrowser } from './chromium.ts';

let shared: Promise<Browser> | undefined;

/** One for all test files that this process has: starting it takes as long as most of them. It ends with the process. */
function theBrowser(): Promise<Browser> {
  shared ??= launchBrowser();
  return shared;
}

/** Tests that need a real browser; without one they are skipped, and the title says why. Their pages are closed after them. */
export function describeInBrowser(title: string, tests: () => void): void {
  const withBrowser = (): void => {
    afterAll(async () => {
      await Promise.all(((await shared)?.contexts() ?? []).map((context) => context.close()));
    });
    tests();
  };
  if (existsSync(CHROMIUM)) describe(title, withBrowser);
  else describe.skip(`${title} (skipped: no browser at ${CHROMIUM}; install chromium or set CHROMIUM)`, tests);
}

/** A page, and all that it did that a report must not do. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Dialogs, errors, messages on the console, and requests for anything but files. */
  readonly offences: readonly string[];
}

export async function watchedPage(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const browser = await theBrowser();
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
