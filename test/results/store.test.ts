import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, CellRow } from '../../harness/model/results.ts';
import { parseResults, readRun } from '../../harness/results/read.ts';
import { openResults } from '../../harness/results/store.ts';
import { wholeRun } from '../../harness/results/stored-run.ts';
import { resultsText } from '../../harness/results/write.ts';
import { sample } from './sample.ts';
import { traceLines } from './trace-lines.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const { cells, ...header } = sample();
const [first, second] = cells as [CellResult, CellResult];
const none = new Map<string, never[]>();
const message: SeenMessage = {
  atMs: 1.5,
  from: 'caller',
  to: 'server',
  startLine: 'INVITE sip:alice@plain.test SIP/2.0',
  cseq: '1 INVITE',
  callId: 'a',
  raw: '',
};
/** Where messages lie is for whoever writes them to say. */
const placeless = <Cell extends CellRow>(cell: Cell): Cell => ({ ...cell, trace: '' });

describe('openResults', () => {
  it('writes the same file whatever the order and the batches in which cells came', async () => {
    await using store = await openResults(dir);
    const mixed = cells.toReversed();
    await Promise.all([store.add(mixed.slice(0, 7), none), store.add(mixed.slice(7), none)]);
    const { results } = await store.finish(header);
    expect(results.cells.map(({ id }) => id)).toEqual(sample().cells.map(({ id }) => id));
    const written = parseResults(await readFile(join(dir, 'results.json'), 'utf8'), 'results.json');
    expect(resultsText({ ...written, cells: written.cells.map(placeless) })).toBe(
      resultsText({ ...sample(), cells: cells.map(placeless) }),
    );
    expect((await readdir(dir)).toSorted()).toEqual(['results.json', 'traces']);
  });

  it('has rows of what came so far, and lets a later cell take the place of an earlier one', async () => {
    await using store = await openResults(dir);
    await store.add([first, second], none);
    await store.add([{ ...first, verdict: 'fail', why: 'called again' }], none);
    expect(store.rows.map(({ id, why }) => [id, why])).toEqual([
      [first.id, 'called again'],
      [second.id, second.why],
    ]);
    const run = await store.finish(header);
    expect(run.results.cells).toHaveLength(2);
    expect(await run.detailsOf(run.results.cells)).toEqual((await wholeRun(await readRun(dir))).cells);
    expect(await run.detailsOf(run.results.cells.slice(1))).toEqual([
      { ...second, trace: run.results.cells[1]?.trace },
    ]);
  });

  it('leaves what was judged when the run dies, and says where it is', async () => {
    {
      await using store = await openResults(dir);
      await store.add([first], none);
    }
    const left = await readFile(join(dir, 'results.partial.json'), 'utf8');
    expect(placeless(JSON.parse(left))).toEqual(placeless(first));
    await expect(readRun(dir)).rejects.toThrow(/the cells that were judged are in results\.partial\.json/);
  });

  it('does not write over what a run before it left', async () => {
    await writeFile(join(dir, 'results.partial.json'), 'of an earlier run');
    await using store = await openResults(dir);
    await store.add(cells, none);
    await store.finish(header);
    const [left = ''] = (await readdir(dir)).filter((name) => name.startsWith('results.partial.json'));
    expect(await readFile(join(dir, left), 'utf8')).toBe('of an earlier run');
  });

  it('says where the messages lie, also of the other calls of a cell', async () => {
    await using store = await openResults(dir);
    const other = {
      attempt: 2,
      verdict: 'pass',
      outcome: 'engaged',
      status: 200,
      calleeRang: true,
      why: null,
    } as const;
    const repeated = { ...first, repeats: { count: 2, agreed: false, others: [{ ...other, trace: 'other' }] } };
    const said = (callId: string): SeenMessage[] => [{ ...message, callId, raw: `\u0000\u00ff\u20ac ${callId}` }];
    await store.add(
      [repeated, second],
      new Map([
        [first.id, said('own')],
        ['other', said('of the other')],
      ]),
    );
    await store.finish(header);
    const { results, traceOf } = await readRun(dir);
    const [one, two] = results.cells as [CellRow, CellRow];
    const others = one.repeats?.others[0]?.trace ?? '';
    expect(await Promise.all([one, two, { ...one, trace: others }].map(traceOf))).toEqual([
      said('own'),
      [],
      said('of the other'),
    ]);
    const lines = await traceLines(dir);
    expect(lines.map((line) => JSON.parse(line).cell)).toEqual([first.id, first.id, second.id]);
  });

  it('writes a run without a cell as JSON writes it', async () => {
    await using store = await openResults(dir);
    await store.finish(header);
    const text = await readFile(join(dir, 'results.json'), 'utf8');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect((await readRun(dir)).results.cells).toEqual([]);
  });
});
