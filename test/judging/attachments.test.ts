import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAttachments } from '../../harness/judging/attachments.ts';
import type { Observation } from '../../harness/model/observation.ts';
import { suppressed } from '../helpers/observations.ts';
import { hostileRun } from '../report/hostile-run.ts';
import { syntheticRun } from '../report/synthetic-run.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-attachments-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

type Run = ReturnType<typeof hostileRun>;

function observationsOf({ results, traces }: Run): Map<string, Observation> {
  return new Map(results.cells.map(({ id }) => [id, suppressed({ cell: id, messages: traces.get(id) ?? [] })]));
}

const write = (run: Run) =>
  writeAttachments(join(dir, 'cells'), run.results.cells, { observations: observationsOf(run), atMost: 20 });

describe('writeAttachments', () => {
  it('gives a cell that went wrong its ladder, its messages, and those of its control', async () => {
    const run = hostileRun();
    const written = await write(run);
    const wrong = run.results.cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
    expect([...written.keys()].toSorted()).toEqual(wrong.map(({ id }) => id).toSorted());
    expect(written.get(wrong[0]?.id ?? '')?.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['ladder', 'image/svg+xml'],
      ['ladder as text', 'text/plain'],
      ['messages', 'text/plain'],
      ['capture', 'application/vnd.tcpdump.pcap'],
      ['messages of the control', 'text/plain'],
    ]);
  });

  it('leaves nothing in them that runs or steers', async () => {
    for (const { contentType, file } of [...(await write(hostileRun())).values()].flat()) {
      if (contentType === 'application/vnd.tcpdump.pcap') continue; // bytes, offered for saving only
      const text = await readFile(file, 'utf8');
      expect(text.length).toBeGreaterThan(100);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
      if (contentType === 'image/svg+xml') expect(text).not.toMatch(/<(script|img|a)\b|\son\w+\s*=\s*[^&]*>/);
    }
  });

  it('finds the control of a cell that is judged without it', async () => {
    const run = hostileRun();
    const controls = run.results.cells;
    const wrong = controls.filter(({ verdict, control }) => verdict === 'fail' && control !== null);
    const written = await writeAttachments(join(dir, 'cells'), wrong, {
      controls,
      observations: observationsOf(run),
      atMost: 20,
    });
    expect(wrong.length).toBeGreaterThan(0);
    for (const files of written.values()) expect(files.map(({ name }) => name)).toContain('messages of the control');
  });

  it('stops at as many cells as somebody may look at', async () => {
    const { results, traces } = syntheticRun();
    const cells = results.cells.map((cell) => ({ ...cell, verdict: 'inconclusive' as const, why: 'a dead trap' }));
    expect((await write({ results: { ...results, cells }, traces })).size).toBe(20);
  });
});
