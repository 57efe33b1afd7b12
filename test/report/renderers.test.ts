/** Reports as a list that anybody may add to: the renderers here are known to nothing in harness/. */
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Reports, renderReports } from '../../harness/report/index.ts';
import { isOneFile, page } from '../../harness/report/page.ts';
import type { EarlyRenderer, WholeRenderer } from '../../harness/report/renderer.ts';
import { renderers } from '../../harness/report/renderers.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { scratch } from '../setup/scratch.ts';

const run = () => runInMemory(sample(), tracesIn(SAMPLE_DIR));
const { cells } = sample();
const usual = renderers({ allure: false, historyFile: null, singleFile: false });

/** A line for each cell, with how many messages are on record of it. */
const csv: WholeRenderer = {
  id: 'CSV',
  files: ['cells.csv'],
  async render({ results, traceOf }, { dir }) {
    const lines = await Promise.all(
      results.cells.map(async (cell) => `${cell.id},${cell.verdict},${(await traceOf(cell)).length}\n`),
    );
    await writeFile(join(dir, 'cells.csv'), lines.join(''));
  },
};

/** Notes what it was told and when, and what became of it. */
function diary(notes: string[]): EarlyRenderer {
  return {
    id: 'diary',
    files: [],
    begin: (_place, planned) => {
      notes.push(`${planned.cells.length} planned`);
      return {
        add: (results, toCome) => void notes.push(`${results.length} results, ${toCome} to come`),
        render: async ({ results }) => void notes.push(`${results.cells.length} in the end`),
        [Symbol.asyncDispose]: async () => void notes.push('gone'),
      };
    },
  };
}

function broken(mayFail: boolean): WholeRenderer {
  return { id: 'broken', files: [], mayFail, render: () => Promise.reject(new Error('the disk is full')) };
}

describe('a renderer of somebody else', () => {
  it('writes its file from results and messages, and the page links to it', async () => {
    await using place = await scratch();
    await renderReports(run(), place.dir, [csv, ...usual]);
    const lines = (await readFile(join(place.dir, 'cells.csv'), 'utf8')).trim().split('\n');
    const counts = await Promise.all(cells.map(async (cell) => (await run().traceOf(cell)).length));
    expect(lines).toEqual(cells.map(({ id, verdict }, at) => `${id},${verdict},${counts[at]}`));
    expect(Math.max(...counts)).toBeGreaterThan(10);
    expect(await readFile(join(place.dir, 'index.html'), 'utf8')).toContain('href="cells.csv"');
  });

  it('may begin while calls go on, and is of the finished run in the end', async () => {
    await using place = await scratch();
    const notes: string[] = [];
    {
      await using reports = new Reports([diary(notes)], place.dir);
      reports.begin(sample());
      reports.add(cells.slice(0, 3), 'calls');
      reports.add([], 'nothing');
      await reports.render(run());
    }
    expect(notes).toEqual([
      `${cells.length} planned`,
      '3 results, calls to come',
      '0 results, nothing to come',
      `${cells.length} in the end`,
      'gone',
    ]);
  });

  it('keeps no other from being written when it fails, and ends the command', async () => {
    await using place = await scratch();
    await expect(renderReports(run(), place.dir, [broken(false), ...usual])).rejects.toThrow('the disk is full');
    for (const file of ['junit.xml', 'matrix.txt', 'summary.md', 'index.html']) await access(join(place.dir, file));
  });

  it('is warned of when it may fail', async () => {
    await using place = await scratch();
    const { warnings } = await renderReports(run(), place.dir, [broken(true), ...usual]);
    expect(warnings).toEqual(['the report "broken" is not complete: the disk is full']);
  });
});

describe('every renderer', () => {
  it('writes the files that it names, and none has the name of another', async () => {
    await using place = await scratch();
    const all = [true, false, null].flatMap((singleFile) => renderers({ allure: true, historyFile: null, singleFile }));
    const files = renderers({ allure: true, historyFile: null, singleFile: false }).flatMap((each) => each.files);
    expect(new Set(files).size).toBe(files.length);
    for (const renderer of all) {
      const dir = join(place.dir, crypto.randomUUID());
      await renderReports(run(), dir, [renderer]);
      for (const file of renderer.files) await access(join(dir, file));
    }
  });
});

describe('the page', () => {
  it.each([
    [null, 10_000, true],
    [null, 10_001, false],
    [true, 100_000, true],
    [false, 1, false],
  ])('asked for as one file: %s, of %d cells, is one: %s', (asked, count, one) => {
    expect(isOneFile(asked, count)).toBe(one);
  });

  it('has its data beside it where that was asked for', async () => {
    await using place = await scratch();
    await renderReports(run(), place.dir, [page(false)]);
    expect(await readdir(place.dir)).toEqual(['data', 'index.html']);
  });
});
