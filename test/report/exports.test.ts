/** What leaves the page of a cell as files, and the report as one file. */
import { execFile } from 'node:child_process';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../harness/evidence/zip.ts';
import { visible } from '../../harness/report/visible.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { readCapture } from '../evidence/pcapng-reader.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { HOSTILE, hostileRun } from './hostile-run.ts';
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
  let place: Scratch;
  beforeAll(async () => {
    place = await scratch();
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
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
    const watched = await watchedPage();
    await watched.page.goto(`${report.url}#${SUPPRESSED}`);
    return watched;
  };

  /** Of the call, then of its control: each at the time of day at which it was on the wire. */
  const stampsMs = [SUPPRESSED, CONTROL].map((id) => {
    const { cell, messages } = flowOf(id);
    const startEpochMs = Date.parse(cell.proof?.startedAt ?? '');
    return messages.map(({ atMs }) => Math.round((startEpochMs + atMs) * 1000) / 1000);
  });
  const stampsIn = (capture: Buffer): number[][] => {
    const { packets } = readCapture(capture);
    return [0, 1].map((on) => packets.filter((each) => each.interface === on).map(({ atEpochMs }) => atEpochMs));
  };

  it('gives a capture of the call and its control, with the packets of their ladders', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR));
    await using watched = await opened(report);
    const { name, file } = await download(watched.page, /pcapng/);
    expect(name).toBe('ms-sipre.voicemail-busy.sensitivity-private-no-diversion.pcapng');
    expect(stampsIn(await readFile(file))).toEqual(stampsMs);
    expect(watched.offences).toEqual([]);
  });

  it('gives a page for the vendor, which stands alone and has the capture in it', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR));
    await using watched = await opened(report);
    const { name, file } = await download(watched.page, /vendor/);
    expect(name).toBe('ms-sipre.voicemail-busy.sensitivity-private-no-diversion.html');
    await using alone = await watchedPage();
    await alone.page.goto(`file://${encodeURI(file)}`);
    const { cell, messages } = flowOf(SUPPRESSED);
    const text = (await alone.page.locator('body').textContent()) ?? '';
    const { claims } = sample();
    const quoted = claims.filter(({ id }) => cell.expected.claims.includes(id));
    expect(quoted.length).toBeGreaterThan(0);
    for (const part of [
      ...quoted.flatMap(({ statement, source, url }) => [statement, source, url]),
      cell.rerun,
      'Kamailio 5.6.3',
      'SIPp 3.6.1',
      messages[0]?.callId ?? '?',
      flowOf(CONTROL).messages[0]?.callId ?? '?',
      new Date(Date.parse(cell.proof?.startedAt ?? '') + (messages[0]?.atMs ?? 0)).toISOString(),
      ...(cell.checks ?? []).map(({ seen }) => seen),
    ]) {
      expect(text).toContain(part);
    }
    expect(await alone.page.locator('svg').count()).toBe(1);
    const waiting = alone.page.waitForEvent('download');
    await alone.page.getByRole('link', { name: /pcapng/ }).click();
    const capture = await readFile(await (await waiting).path());
    expect(stampsIn(capture)).toEqual(stampsMs);
    expect(alone.offences).toEqual([]);
    expect(watched.offences).toEqual([]);
  });

  it('gives a page for the vendor that a hostile record cannot make do anything', async () => {
    const { results, traces } = hostileRun();
    await using report = await render(results, traces);
    await using watched = await watchedPage();
    const cell = results.cells.find(({ verdict, control }) => verdict === 'fail' && control !== null);
    await watched.page.goto(`${report.url}#${encodeURIComponent(visible(cell?.id ?? ''))}`);
    const { file } = await download(watched.page, /vendor/);
    await using alone = await watchedPage();
    await alone.page.goto(`file://${encodeURI(file)}`);
    expect(await alone.page.locator('body').textContent()).toContain(visible(HOSTILE).slice(0, 60));
    expect(await alone.page.locator('script, img, link, svg svg, [onload], [onerror]').count()).toBe(0);
    expect(alone.offences).toEqual([]);
  });

  it('gives all of it in one archive', async ({ skip }) => {
    if ((await findExecutable(['python3'])) === null) skip('no python3 here, whose zipfile is the reader');
    await using report = await render(sample(), tracesIn(SAMPLE_DIR));
    await using watched = await opened(report);
    const { file } = await download(watched.page, /zip/);
    const files = await unzipped(file);
    const { cell, messages } = flowOf(SUPPRESSED);
    expect([...files.keys()].slice(0, 5)).toEqual([
      'about.txt',
      'ladder.svg',
      'ladder.txt',
      'cell.json',
      'capture.pcapng',
    ]);
    expect(`${files.get('about.txt')}`).toContain(cell.rerun);
    expect(`${files.get('ladder.svg')}`).toMatch(/^<svg /);
    const sent = [...files.keys()].filter((name) => name.startsWith('call/'));
    expect(sent.map((name) => files.get(name)?.toString('latin1'))).toEqual(messages.map(({ raw }) => raw));
    expect([...files.keys()].filter((name) => name.startsWith('control/'))).toHaveLength(
      flowOf(CONTROL).messages.length,
    );
    expect(stampsIn(files.get('capture.pcapng') ?? Buffer.alloc(0))).toEqual(stampsMs);
  });

  it('is there in the usual report, which is one file, and links to the others in its folder', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR), { singleFile: null });
    expect((await readdir(report.dir)).toSorted()).toEqual(['index.html', 'junit.xml', 'matrix.txt', 'summary.md']);
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    await page.locator('dialog[open] .ladder[data-side=own] button[data-index="0"]').click();
    expect(await page.locator('dialog[open]').textContent()).toContain('Messages: ');
    expect(await page.locator('#run a[href="junit.xml"]').count()).toBe(1);
    expect(watched.offences).toEqual([]);
  });

  it('is there in a report of one file, which may be taken anywhere alone', async () => {
    await using report = await render(sample(), tracesIn(SAMPLE_DIR), { singleFile: true });
    const alone = join(place.dir, 'alone.html');
    await rename(join(report.dir, 'index.html'), alone);
    await using watched = await watchedPage();
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
