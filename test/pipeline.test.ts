/** The way of a call, without the command line. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type PipelineOptions, pipeline, planned } from '../harness/pipeline.ts';
import { renderers } from '../harness/report/renderers.ts';
import { startServerProcess } from '../harness/runtime/process/server-process.ts';
import { processSite } from '../harness/runtime/process/site.ts';
import { KAMAILIO } from '../harness/servers/kamailio/kamailio.ts';
import { claims, scenarios, variants } from '../scenarios/index.ts';
import { scratch } from './setup/scratch.ts';

/** One header on two policies, into a folder in which a lab has left a large log. */
async function asked(dir: string, more: Partial<PipelineOptions> = {}) {
  await mkdir(join(dir, 'lab'));
  await writeFile(join(dir, 'lab/large.log'), 'a line\n'.repeat(10_000));
  const question = planned({
    server: KAMAILIO,
    transport: 'udp',
    scenarios,
    variants,
    claims,
    selection: {
      policies: ['plain', 'blog-2012'],
      situations: ['voicemail-busy'],
      variants: ['target-class-secondary'],
      filters: [],
    },
  });
  expect(question.cells).toHaveLength(4);
  const told: string[] = [];
  const run = await pipeline({
    planned: question,
    openRuntime: async (workDir) => ({
      id: 'process',
      openSite: processSite({
        startServer: (site) => startServerProcess(KAMAILIO, site),
        sipp: { path: 'sipp', version: 'test' },
        workDir,
      }),
      [Symbol.asyncDispose]: async () => void told.push('runtime gone'),
    }),
    name: { id: 'a run', token: 'pipe' },
    reportDir: dir,
    renderers: renderers({ allure: false, historyFile: null, singleFile: true }),
    rate: 100,
    concurrency: 100,
    repeat: 1,
    rerunOptions: '--mine',
    asserted: new Map(),
    onCallsOver: () => told.push('calls over'),
    onWritten: () => told.push('written'),
    ...more,
  });
  return { ...run, told };
}

it('a question is planned, called, judged, written and rendered', async () => {
  await using place = await scratch();
  const { results, trouble, warnings, told } = await asked(place.dir);
  expect([trouble, warnings]).toEqual([null, []]);
  expect(told).toEqual(['runtime gone', 'calls over', 'written']);
  expect(results.run).toMatchObject({ id: 'a run', ended: 'complete', runtime: 'process' });
  expect(results.cells.map(({ id, verdict, observed }) => `${id} ${verdict} ${observed.outcome}`)).toEqual([
    'kamailio/blog-2012/voicemail-busy/none/udp/direct pass engaged',
    'kamailio/blog-2012/voicemail-busy/target-class-secondary/udp/direct pass suppressed',
    'kamailio/plain/voicemail-busy/none/udp/direct pass engaged',
    'kamailio/plain/voicemail-busy/target-class-secondary/udp/direct pass engaged',
  ]);
  expect((await readdir(place.dir)).toSorted()).toEqual(
    ['index.html', 'junit.xml', 'lab', 'matrix.txt', 'results.json', 'summary.md', 'traces'].toSorted(),
  );
  expect(await readdir(join(place.dir, 'lab'))).toContain('large.log.gz');
});

it('a run that is cancelled before its first call calls nobody, and its logs stay as they are', async () => {
  await using place = await scratch();
  const cancelled = new AbortController();
  const { results } = await asked(place.dir, { signal: cancelled.signal, onProgress: () => cancelled.abort() });
  expect(results.run.ended).toBe('cancelled');
  const logs = await readdir(join(place.dir, 'lab'));
  expect(logs).toContain('large.log');
  expect(logs.filter((name) => name.startsWith('caller-'))).toEqual([]);
});
