import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { messagesCommand } from '../../harness/evidence/messages-command.ts';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, CellRow } from '../../harness/model/results.ts';
import { parseResults, readRun } from '../../harness/results/read.ts';
import { wholeRun } from '../../harness/results/stored-run.ts';
import { packLine } from '../../harness/results/text.ts';
import { resultsText, writeResults } from '../../harness/results/write.ts';
import { SAMPLE_DIR, sample } from './sample.ts';
import { traceLines } from './trace-lines.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-results-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const message: SeenMessage = {
  atMs: 1.5,
  from: 'caller',
  to: 'server',
  startLine: 'INVITE sip:alice@plain.test SIP/2.0',
  cseq: '1 INVITE',
  callId: 'a@127.0.1.1',
  raw: 'INVITE sip:alice@plain.test SIP/2.0\r\nX-Bytes: \u0000\u00ff\u0080\r\n\r\n',
};

/** One of its bytes is another. */
function spoilt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** Where messages lie is for whoever writes them to say. */
const placeless = <Cell extends CellRow>(cell: Cell): Cell => ({ ...cell, trace: '' });

describe('writeResults', () => {
  it('writes what readRun reads, byte for byte of every message', async () => {
    const [first] = sample().cells;
    await writeResults(dir, sample(), new Map([[first?.id ?? '', [message]]]));
    const run = await readRun(dir);
    const whole = await wholeRun(run);
    expect({ ...whole, cells: whole.cells.map(placeless) }).toEqual({
      ...sample(),
      cells: sample().cells.map(placeless),
    });
    expect(await Promise.all(run.results.cells.slice(0, 2).map(run.traceOf))).toEqual([[message], []]);
  });

  it('leaves nothing but results.json and the traces', async () => {
    await writeResults(dir, sample(), new Map());
    expect((await readdir(dir)).toSorted()).toEqual(['results.json', 'traces']);
    expect(await readdir(join(dir, 'traces'))).toEqual(['calls-1.jsonl.gz']);
  });

  it('keeps the old results.json when the new one cannot take its place', async () => {
    await mkdir(join(dir, 'results.json'));
    await expect(writeResults(dir, sample(), new Map())).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect((await readdir(dir)).toSorted()).toEqual(['results.json', 'traces']);
  });
});

describe('a trace', () => {
  it.each([
    '../evil.json',
    'traces/../../evil.json',
    'traces/a/b.json',
    '/etc/evil.json',
    'traces/.json',
    'traces/a.js',
    'traces/a.jsonl',
    'traces/a.jsonl.gz',
    'traces/a.json.gz#bytes=0-1',
    'traces/a.jsonl.zst#bytes=0-1',
    'traces/../a.jsonl#bytes=0-1',
    'traces/a.jsonl#bytes=0-',
    'traces/a.json#bytes=0-1',
  ])('is not read at %s', (trace) => {
    const cells = sample().cells.map((cell) => ({ ...cell, trace }));
    expect(() => parseResults(resultsText({ ...sample(), cells }), 'results.json')).toThrow(UsageError);
  });

  it('that is not where it is said to be is an error that names the cell and what to do', async () => {
    const [first] = sample().cells;
    await writeResults(dir, sample(), new Map([[first?.id ?? '', [message]]]));
    const { results, traceOf } = await readRun(dir);
    const pack = join(dir, 'traces/calls-1.jsonl.gz');
    const packed = await readFile(pack);
    const [row] = results.cells as [CellRow];
    const [line = ''] = await traceLines(dir);
    const otherwise = gzipSync(line.replace('"messages":[', '"messages":7,"x":['));
    const bads = [
      packed.subarray(0, 60),
      packed.subarray(3),
      spoilt(packed, 40),
      otherwise,
      Buffer.alloc(packed.length),
    ];
    for (const bad of bads) {
      await writeFile(pack, bad);
      await expect(traceOf(row)).rejects.toThrow(UsageError);
      await expect(traceOf(row)).rejects.toThrow(/calls-1\.jsonl\.gz/);
      await expect(traceOf(row)).rejects.toThrow(row.id);
    }
    const place = row.trace.replace(/-\d+$/, '-999999999999999');
    await expect(traceOf({ ...row, trace: place })).rejects.toThrow(/the file has \d+ bytes: was it cut short/);
    const bomb = gzipSync(Buffer.alloc(129 * 1024 * 1024, ' '), { level: 1 });
    await writeFile(pack, bomb);
    const all = row.trace.replace(/\d+-\d+$/, `0-${bomb.length - 1}`);
    await expect(traceOf({ ...row, trace: all })).rejects.toThrow(/larger than 134217728 bytes/);
    await writeFile(pack, packed.subarray(3));
    await expect(traceOf(row)).rejects.toThrow(`the messages of ${row.id} are not at`);
    await rm(pack);
    await expect(traceOf(row)).rejects.toThrow(
      `(ENOENT): it has the messages of ${row.id}; traces/ belongs to results.json`,
    );
  });

  it('is one line of a file that tools read whole, and is read where what follows it was lost', async () => {
    const [first, second] = sample().cells;
    const traces = new Map([first, second].map((cell) => [cell?.id ?? '', [message]]));
    await writeResults(dir, sample(), traces);
    const lines = await traceLines(dir);
    expect(lines.map((line) => JSON.parse(line).cell)).toEqual(sample().cells.map(({ id }) => id));
    const { results, traceOf } = await readRun(dir);
    const [one, two] = results.cells as [CellRow, CellRow];
    const pack = join(dir, 'traces/calls-1.jsonl.gz');
    await truncate(pack, Number(/-(\d+)$/.exec(one.trace)?.[1]) + 20);
    expect(await traceOf(one)).toEqual([message]);
    await expect(traceOf(two)).rejects.toThrow(/was it cut short/);
  });

  it('that an older version wrote, not packed, is read', async () => {
    const [cell] = sample().cells as [CellResult];
    const line = packLine(cell.id, [message]);
    await mkdir(join(dir, 'traces'));
    await writeFile(join(dir, 'traces/calls-1.jsonl'), line);
    const trace = `traces/calls-1.jsonl#bytes=0-${Buffer.byteLength(line) - 2}`;
    await writeFile(join(dir, 'results.json'), resultsText({ ...sample(), cells: [{ ...cell, trace }] }));
    const { results, traceOf } = await readRun(dir);
    expect(await Promise.all(results.cells.map(traceOf))).toEqual([[message]]);
    expect(messagesCommand(cell.id, trace)).toBe(`grep -F '"cell":"${cell.id}"' traces/calls-1.jsonl`);
  });

  it('of another cell is not taken for its own', async () => {
    await writeResults(dir, sample(), new Map());
    const { results, traceOf } = await readRun(dir);
    const [one, two] = results.cells as [CellRow, CellRow];
    await expect(traceOf({ ...one, trace: two.trace })).rejects.toThrow(`are those of "${two.id}", not of ${one.id}`);
  });

  it('of a folder that was written before is left where it is', async () => {
    const [first] = sample().cells;
    const messages = new Map([[first?.id ?? '', [message]]]);
    await writeResults(dir, sample(), messages);
    const before = await readRun(dir);
    await writeResults(dir, sample(), new Map());
    const [row] = before.results.cells as [CellRow];
    expect(await before.traceOf(row)).toEqual([message]);
    expect(await readdir(join(dir, 'traces'))).toEqual(['calls-1.jsonl.gz', 'calls-2.jsonl.gz']);
  });
});

describe('the text of results.json', () => {
  it('is the same whatever the order of cells and keys', () => {
    const { cells } = sample();
    const shuffled = cells.toReversed().map((cell) => Object.fromEntries(Object.entries(cell).toReversed()));
    expect(resultsText({ ...sample(), cells: shuffled as unknown as typeof cells })).toBe(resultsText(sample()));
  });

  it('can be diffed line by line: a value per line, or a check, and a newline at the end', () => {
    const text = resultsText(sample());
    expect(text).toBe(readFileSync(join(SAMPLE_DIR, 'results.json'), 'utf8'));
    const { cells } = sample();
    const bare = resultsText({ ...sample(), cells: cells.map(({ checks: _checks, ...cell }) => cell) });
    const written = JSON.parse(bare) as { cells: object[] };
    const own = written.cells.map((cell) => JSON.stringify(cell, null, 1)).join(',\n');
    const around = JSON.stringify({ ...written, cells: [] }, null, 2);
    expect(bare).toBe(`${around.slice(0, around.lastIndexOf(']'))}\n${own}\n  ]\n}\n`);
    const checks = text.split('\n').filter((line) => line.startsWith('  {"holds":'));
    expect(checks.length).toBe(cells.flatMap((cell) => cell.checks ?? []).length);
    expect(text.length - bare.length).toBeLessThan(cells.length * 2_000);
    expect(text.slice(0, 120)).toMatch(/^\{\n {2}"schema": "ringfence-results\/2",\n {2}"run": \{\n {4}"caller": \{\n/);
  });

  it('has cells in the order policy, situation, variant, and sorted keys', () => {
    const ids = parseResults(resultsText(sample()), 'x').cells.map((cell) => cell.id);
    expect(ids.slice(0, 5)).toEqual([
      'kamailio/ms-sipre/voicemail-busy/none/udp/direct',
      'kamailio/ms-sipre/voicemail-busy/target-class-secondary/udp/direct',
      'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct',
      'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct',
      'kamailio/ms-sipre/simultaneous-ring/none/udp/direct',
    ]);
    const [cell] = (JSON.parse(resultsText(sample())) as { cells: object[] }).cells;
    expect(Object.keys(cell ?? {})).toEqual(Object.keys(cell ?? {}).toSorted());
  });
});

describe('readRun', () => {
  const withResults = (change: (results: ReturnType<typeof sample>) => unknown): Promise<void> =>
    writeFile(join(dir, 'results.json'), JSON.stringify(change(sample())));

  it('says what a report is when there is none', () =>
    expect(readRun(dir)).rejects.toThrow(/results\.json cannot be read \(ENOENT\): a report is a folder/));

  it('says that a file was cut short', async () => {
    await writeFile(join(dir, 'results.json'), resultsText(sample()).slice(0, 5000));
    await expect(readRun(dir)).rejects.toThrow(/results\.json is not JSON .*cut short/);
  });

  it('names both versions', async () => {
    await withResults((results) => ({ ...results, schema: 'ringfence-results/9' }));
    await expect(readRun(dir)).rejects.toThrow(
      /reads "ringfence-results\/2" and "ringfence-results\/1", the file says "ringfence-results\/9"/,
    );
  });

  it('reads the first version as well, whose only caller was SIPp', async () => {
    await withResults(({ run: { caller, ...run }, ...results }) => ({
      ...results,
      schema: 'ringfence-results/1',
      run: { ...run, sipp: caller.version },
    }));
    expect(await wholeRun(await readRun(dir))).toEqual(sample());
    await withResults(({ run: { caller: _gone, ...run }, ...results }) => ({
      ...results,
      schema: 'ringfence-results/1',
      run,
    }));
    await expect(readRun(dir)).rejects.toThrow(/run\.caller\.version must be a text/);
  });

  it('names the place of a wrong value', async () => {
    await withResults((results) => ({
      ...results,
      cells: results.cells.map((cell, index) => (index === 3 ? { ...cell, verdict: 'ok' } : cell)),
    }));
    await expect(readRun(dir)).rejects.toThrow(
      /results\.json: cells\[3\]\.verdict must be pass or fail .*, found 'ok'/,
    );
  });

  it.for([
    ['cells[0].verdict must be there, found nothing', ({ verdict: _gone, ...cell }) => cell],
    ['cells[0].surplus must be left out, found 1', (cell) => ({ ...cell, surplus: 1 })],
    [
      'cells[0].surplus must be left out, found [ [Object], [Object], [Object], [Object], [Object], [Object], [Object] ]',
      (cell) => ({ ...cell, surplus: Array.from({ length: 7 }, () => ({ a: 1 })) }),
    ],
    // The misspelt name, not the one that it makes missing.
    [
      'cells[0].observed.legz must be left out, found []',
      ({ observed: { legs: _gone, ...observed }, ...cell }) => ({ ...cell, observed: { ...observed, legz: [] } }),
    ],
    [
      "cells[0].id must be like kamailio/ms-sipre/voicemail-busy/none/udp/direct, found 'a'",
      (cell) => ({ ...cell, id: 'a' }),
    ],
    [
      'cells[0].observed.status must be a SIP status from 100 to 699, found 99',
      ({ observed, ...cell }) => ({ ...cell, observed: { ...observed, status: 99 } }),
    ],
    [
      'cells[0].expected.elsewhere must be an object, found []',
      ({ expected, ...cell }) => ({ ...cell, expected: { ...expected, elsewhere: [] } }),
    ],
    [
      "cells[0].expected.elsewhere.phone must be left out, found 'x'",
      ({ expected, ...cell }) => ({ ...cell, expected: { ...expected, elsewhere: { phone: 'x' } } }),
    ],
    ['cells[0] must be an object, found []', () => []],
  ] satisfies [string, (cell: CellResult) => unknown][])('%s', async ([said, change]) => {
    await withResults((results) => ({ ...results, cells: results.cells.map((cell) => change(cell)) }));
    await expect(readRun(dir)).rejects.toThrow(`results.json: ${said}`);
  });

  it('names the place in the rest of the file, too', async () => {
    await withResults(({ run, ...results }) => ({ ...results, run: { ...run, servers: [] } }));
    await expect(readRun(dir)).rejects.toThrow('results.json: run.servers must be an object, found []');
    await withResults(({ cells: _gone, ...results }) => results);
    await expect(readRun(dir)).rejects.toThrow('results.json: cells must be there, found nothing');
    await withResults((results) => ({ ...results, cells: {} }));
    await expect(readRun(dir)).rejects.toThrow('results.json: cells must be a list, found {}');
  });

  it('refuses a number that JSON can write and nobody can measure', async () => {
    const text = resultsText(sample());
    await writeFile(join(dir, 'results.json'), text.replace(/"durationMs": [\d.]+/g, '"durationMs": 1e999'));
    await expect(readRun(dir)).rejects.toThrow('run.durationMs must be a number, found Infinity');
  });

  it('refuses a cell that is there twice', async () => {
    await withResults((results) => ({ ...results, cells: [...results.cells, results.cells[0]] }));
    await expect(readRun(dir)).rejects.toThrow(/cells\[20\]\.id ".*" is there twice/);
  });

  it('refuses a trace outside of its folder', async () => {
    await withResults((results) => ({
      ...results,
      cells: results.cells.map((cell) => ({ ...cell, trace: 'traces/../../../../etc/passwd.json' })),
    }));
    await expect(readRun(dir)).rejects.toThrow(/cells\[0\]\.trace must be like traces\//);
  });

  it('says which trace of version 0.1.0 is missing or spoilt', async () => {
    await writeFile(join(dir, 'results.json'), resultsText(sample()));
    await mkdir(join(dir, 'traces'));
    const { results, traceOf } = await readRun(dir);
    const [one, other] = results.cells;
    if (one === undefined || other === undefined) throw new Error('the sample has cells');
    await writeFile(join(dir, other.trace), '[{"atMs": "soon"}]');
    await expect(traceOf(one)).rejects.toThrow(/none\.udp\.direct\.json cannot be read/);
    await expect(traceOf(other)).rejects.toThrow(/\[0\]\.atMs must be a number, found 'soon'/);
    expect(await readFile(join(dir, 'results.json'), 'utf8')).toBe(resultsText(sample()));
  });
});
