import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe } from 'vitest';
import { CHROMIUM, launchBrowser } from './chromium.ts';

let shared: Promise<Browser> | undefined;

/** One for all test files that this process has: starting it takes as long as most of them. It ends with the process. */
function theBrowser(): Promise<Browser> {
  shared ??= launchBrowser(ONE_PROCESS);
  return shared;
}

/** Pages of one context share a process, which has compiled the script of a report once: a quarter less to compute. */
const ONE_PROCESS = ['--renderer-process-limit=1'];

const USUAL = { width: 1280, height: 900 };

/** One of each kind for all test files, too. A report keeps nothing in it: what a test changes is of its page, and goes with that. */
const contexts = new Map<string, Promise<BrowserContext>>();

function contextOf(options: BrowserContextOptions): Promise<BrowserContext> {
  const kind = JSON.stringify(options);
  const made = contexts.get(kind) ?? newContext(options);
  contexts.set(kind, made);
  return made;
}

async function newContext(options: BrowserContextOptions): Promise<BrowserContext> {
  const context = await (await theBrowser()).newContext({ viewport: USUAL, ...options });
  // The process lives as long as one of its pages: the first, which nobody gets.
  await context.newPage();
  return context;
}

/** Tests that need a real browser; without one they are skipped, and the title says why. Their pages are closed after them. */
export function describeInBrowser(title: string, tests: () => void): void {
  const withBrowser = (): void => {
    afterAll(async () => {
      const kept = new Set(await Promise.all(contexts.values()));
      const apart = ((await shared)?.contexts() ?? []).filter((context) => !kept.has(context));
      const pages = [...kept].flatMap((context) => context.pages().slice(1));
      await Promise.all([...apart, ...pages].map((each) => each.close()));
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
  const { viewport, colorScheme, forcedColors, ...others } = options;
  const page = await (await contextOf(others)).newPage();
  if (viewport) await page.setViewportSize(viewport);
  if (colorScheme || forcedColors) {
    await page.emulateMedia({ ...(colorScheme && { colorScheme }), ...(forcedColors && { forcedColors }) });
  }
  return watched(page, () => page.close());
}

/** For a page of a large run: in a process of its own, whose memory no other page has to go through. */
export async function watchedPageApart(): Promise<WatchedPage> {
  const context = await (await theBrowser()).newContext({ viewport: USUAL });
  return watched(await context.newPage(), () => context.close());
}

function watched(page: Page, close: () => Promise<void>): WatchedPage {
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
  return { page, offences, [Symbol.asyncDispose]: close };
}
