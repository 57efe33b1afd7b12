/** What leaves the page of a cell as files, and the report as one file. */
import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../harness/evidence/zip.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';
import { describeInBrowser, launchBrowser, watchedPage } from './browser.ts';
import { type Rendered, render } from './rendered.ts';
import { flowOf } from './sample-flow.ts';

const SUPPRESSED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct';
const CONTROL = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';

/** Files of an archive, by Python's zipfile: it checks lengths and CRCs. */
async function unzipped(file: string): Promise<Map<string, Buffer>> {
  const script =
    'import sys,zipfile,json;z=zipfile.ZipFile(sys.argv[1]);assert z.testzip() is None;print(json.dumps({n:z.read(n).hex() for n in z.namelist()}))';
  const { stdout } = await promisify(execFile)('python3', ['-c', script, file], { maxBuffer: 64 * 1_048_576 });
  const files = JSON.parse(stdout) as Record<string, string>;
  return new Map(Object.entries(files).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]));
}

/** When each packet of a capture was there. */
function stampsMs(capture: Buffer): number[] {
  const stamps: number[] = [];
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32BE(at + 8)) {
    stamps.push((capture.readUInt32BE(at) * 1_000_000 + capture.readUInt32BE(at + 4)) / 1000);
  }
  return stamps;
}

describe('an archive', () => {
  it('is read by another program, names beyond ASCII and empty files included', async ({ skip }) => {
    if ((await findExecutable(['python3'])) === null) skip('no python3 here, whose zipfile is the reader');
    await using place = await scratch();
    const file = join(place.dir, 'a.zip');
    const files = [
      { name: 'a/ü.txt', bytes: Buffer.from('x'.repeat(70_000)) },
      { name: 'empty', bytes: Buffer.alloc(0) },
      { name: 'b.bin', bytes: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)) },
    ];
    await writeFile(file, zipOf(files));
    const read = await unzipped(file);
    expect([...read]).toEqual(files.map(({ name, bytes }) => [name, bytes]));
  });
});

describeInBrowser('the page of a cell', () => {
  let browser: Browser;
  let place: Scratch;
  beforeAll(async () => {
    [browser, place] = await Promise.all([launchBrowser(), scratch()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), place[Symbol.asyncDispose]()]);
  });

  const download = async (page: Page, button: RegExp): Promise<{ name: string; file: string }> => {
    const waiting = page.waitForEvent('download');
    await page.locator('dialog[open] .exports').getByRole('button', { name: button }).click();
    const started = await waiting;
    const file = join(place.dir, started.suggestedFilename());
    await started.saveAs(file);
    return { name: started.suggestedFilename(), file };
  };

  const opened = async (report: Rendered) => {
    const watched = await watchedPage(browser);
    await watched.page.goto(`${report.url}#${SUPPRESSED}`);
    return watched;
  };

  it('gives a capture of the call and one of its control, with the packets of their ladders', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR));
    await using watched = await opened(report);
    for (const [button, id, ending] of [
      [/^Call as pcap/, SUPPRESSED, 'no-diversion.pcap'],
      [/^Control as pcap/, CONTROL, 'no-diversion.control.pcap'],
    ] as const) {
      const { name, file } = await download(watched.page, button);
      expect(name).toBe(`ms-sipre.voicemail-busy.sensitivity-private-${ending}`);
      const bytes = await readFile(file);
      const { cell, messages } = flowOf(id);
      const startEpochMs = Date.parse(cell.proof?.startedAt ?? '');
      // Each at the time of day at which it was on the wire: that of its own call, not of the run or of its twin.
      expect(stampsMs(bytes)).toEqual(messages.map(({ atMs }) => Math.round((startEpochMs + atMs) * 1000) / 1000));
    }
    expect(watched.offences).toEqual([]);
  });

  it('gives all of it in one archive', async ({ skip }) => {
    if ((await findExecutable(['python3'])) === null) skip('no python3 here, whose zipfile is the reader');
    await using report = await render(sample(), tracesIn(SAMPLE_DIR));
    await using watched = await opened(report);
    const { file } = await download(watched.page, /zip/);
    const files = await unzipped(file);
    const { cell, messages } = flowOf(SUPPRESSED);
    expect([...files.keys()].slice(0, 5)).toEqual(['about.txt', 'ladder.svg', 'ladder.txt', 'cell.json', 'call.pcap']);
    expect(`${files.get('about.txt')}`).toContain(cell.rerun);
    expect(`${files.get('ladder.svg')}`).toMatch(/^<svg /);
    const sent = [...files.keys()].filter((name) => name.startsWith('call/'));
    expect(sent.map((name) => files.get(name)?.toString('latin1'))).toEqual(messages.map(({ raw }) => raw));
    expect([...files.keys()].filter((name) => name.startsWith('control/'))).toHaveLength(
      flowOf(CONTROL).messages.length,
    );
    for (const [name, id] of [
      ['call.pcap', SUPPRESSED],
      ['control.pcap', CONTROL],
    ] as const) {
      const [first = 0] = stampsMs(files.get(name) ?? Buffer.alloc(0));
      const { cell: of, messages: record } = flowOf(id);
      expect(first).toBeCloseTo(Date.parse(of.proof?.startedAt ?? '') + (record[0]?.atMs ?? Number.NaN), 2);
    }
  });

  it('is there in a report of one file, which may be taken anywhere alone', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR), { singleFile: true });
    const alone = join(place.dir, 'alone.html');
    await rename(join(report.dir, 'index.html'), alone);
    await using watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(`file://${encodeURI(alone)}#${SUPPRESSED}`);
    await page.locator('dialog[open] .ladder[data-side=own] button[data-index="0"]').click();
    await expect
      .poll(() => page.locator('dialog[open]').textContent())
      .toContain('Ms-Sensitivity: private-no-diversion');
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).not.toMatch(/unsafe|self|file:/);
    // Neither traces nor other files are beside it: it must not link to any.
    const links = await page
      .locator('a[href]')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
    expect(links.filter((href) => !/^(#|\?|https?:)/.test(href))).toEqual([]);
    expect(watched.offences).toEqual([]);
  });
});
