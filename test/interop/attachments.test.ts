import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAttachments } from '../../harness/interop/attachments.ts';
import { runInMemory, type StoredRun } from '../../harness/results/stored-run.ts';
import { readCapture } from '../evidence/pcapng-reader.ts';
import { hostileRun } from '../report/hostile-run.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-attachments-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

type Run = ReturnType<typeof hostileRun>;

function stored({ results, traces }: Run): StoredRun {
  return runInMemory(results, async ({ id }) => traces.get(id) ?? []);
}

const wrongOf = ({ results }: Run) =>
  results.cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
const write = (run: Run) => writeAttachments(join(dir, 'cells'), wrongOf(run), stored(run));

describe('writeAttachments', () => {
  it('gives a cell that went wrong its ladder, its messages, and those of its control', async () => {
    const run = hostileRun();
    const written = await write(run);
    const wrong = wrongOf(run);
    expect([...written.keys()].toSorted()).toEqual(wrong.map(({ id }) => id).toSorted());
    expect(written.get(wrong[0]?.id ?? '')?.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['ladder', 'image/svg+xml'],
      ['ladder as text', 'text/plain'],
      ['messages', 'text/plain'],
      ['capture', 'application/x-pcapng'],
      ['messages of the control', 'text/plain'],
    ]);
  });

  it('leaves nothing in them that runs or steers', async () => {
    for (const { contentType, file } of [...(await write(hostileRun())).values()].flat()) {
      if (contentType === 'application/x-pcapng') continue; // bytes, offered for saving only
      const text = await readFile(file, 'utf8');
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
      if (contentType === 'image/svg+xml') expect(text).not.toMatch(/<(script|img|a)\b|\son\w+\s*=\s*[^&]*>/);
    }
  });

  it('gives them to cells whose control is not on record, too', async () => {
    const { results, traces } = hostileRun();
    const cells = results.cells.filter(({ verdict, control }) => verdict === 'fail' && control !== null);
    const written = await write({ results: { ...results, cells }, traces });
    expect(cells.length).toBeGreaterThan(0);
    expect([...written.values()].map((files) => files.map(({ name }) => name))).toEqual(
      cells.map(() => ['ladder', 'ladder as text', 'messages', 'capture']),
    );
  });

  it('dates the capture by when the call began', async () => {
    const run = hostileRun();
    const [first] = wrongOf(run);
    const began = '2026-11-20T10:00:00.000Z';
    const cells = run.results.cells.map((cell) =>
      cell.proof === undefined ? cell : { ...cell, proof: { ...cell.proof, startedAt: began } },
    );
    const written = await write({ ...run, results: { ...run.results, cells } });
    const file = written.get(first?.id ?? '')?.find(({ name }) => name === 'capture')?.file ?? '';
    const [packet] = readCapture(await readFile(file)).packets;
    expect(Math.floor((packet?.atEpochMs ?? 0) / 1000)).toBe(Math.floor(Date.parse(began) / 1000));
  });
});
