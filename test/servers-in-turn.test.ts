/** Several servers in one report: called for real, and one that does not come up. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitStatus } from '../harness/cli/exit-status.ts';
import { LabError } from '../harness/errors.ts';
import { settleWith } from '../harness/judge/settle.ts';
import { type PipelineResult, plannedOn } from '../harness/pipeline.ts';
import { mergeRuns } from '../harness/results/merge.ts';
import { readRun } from '../harness/results/read.ts';
import { startServerProcess } from '../harness/runtime/process/server-process.ts';
import { processSite } from '../harness/runtime/process/site.ts';
import { KAMAILIO } from '../harness/servers/kamailio/kamailio.ts';
import { kamailioStock } from '../harness/servers/kamailio-stock/kamailio-stock.ts';
import type { ListedServer } from '../harness/servers/server.ts';
import { pipelineInTurn } from '../harness/servers-in-turn.ts';
import { claims, scenarios, variants } from '../scenarios/index.ts';
import { type Scratch, scratch } from './setup/scratch.ts';

const BROKEN: ListedServer = {
  ...kamailioStock,
  id: 'broken',
  bringUp: () => Promise.reject(new LabError('no such module')),
};
const QUESTION = {
  transport: 'udp' as const,
  scenarios,
  variants,
  claims,
  selection: {
    policies: ['plain', 'blog-2012'],
    situations: ['voicemail-busy', 'team-ring'],
    variants: ['target-class-secondary'],
    filters: [],
  },
};

/** @param cancelAt the signal is given when this server is to be brought up */
async function inTurn(place: Scratch, servers: readonly ListedServer[], cancelAt = ''): Promise<PipelineResult> {
  await mkdir(join(place.dir, 'servers'));
  const cancel = new AbortController();
  return pipelineInTurn({
    ...QUESTION,
    runs: plannedOn(servers, QUESTION),
    reportDir: place.dir,
    renderers: [],
    signal: cancel.signal,
    optionsOf: (run, index) => ({
      openRuntime: async (workDir) => {
        if (run.server.id === cancelAt) cancel.abort();
        const server = servers.find(({ id }) => id === run.server.id) ?? KAMAILIO;
        return {
          id: 'process',
          openSite: processSite({
            startServer: (site) => startServerProcess(server, site),
            sipp: { path: 'sipp', version: 'test' },
            workDir,
          }),
          [Symbol.asyncDispose]: async () => {},
        };
      },
      name: { id: 'a run', token: `turn${index}` },
      rate: 100,
      concurrency: 100,
      repeat: 1,
      rerunOptions: `--server ${run.server.id}`,
      asserted: new Map(),
      signal: cancel.signal,
    }),
  });
}

const brief = ({ results }: PipelineResult): string[] =>
  results.cells.map(({ id, verdict, observed }) => `${id.replace('/udp/direct', '')} ${verdict} ${observed.outcome}`);

describe.concurrent('several servers', () => {
  it('are called one after the other, and are one run, with every message', async () => {
    await using place = await scratch();
    const run = await inTurn(place, [KAMAILIO, kamailioStock]);
    expect(brief(run)).toEqual([
      'kamailio/blog-2012/voicemail-busy/none pass engaged',
      'kamailio/blog-2012/voicemail-busy/target-class-secondary pass suppressed',
      'kamailio/blog-2012/team-ring/none pass engaged',
      'kamailio/blog-2012/team-ring/target-class-secondary pass suppressed',
      'kamailio/plain/voicemail-busy/none pass engaged',
      'kamailio/plain/voicemail-busy/target-class-secondary pass engaged',
      'kamailio/plain/team-ring/none pass engaged',
      'kamailio/plain/team-ring/target-class-secondary pass engaged',
      'kamailio-stock/plain/voicemail-busy/none pass engaged',
      'kamailio-stock/plain/voicemail-busy/target-class-secondary pass engaged',
      'kamailio-stock/plain/team-ring/none unsupported unknown',
      'kamailio-stock/plain/team-ring/target-class-secondary unsupported unknown',
    ]);
    expect(run.results.run).toMatchObject({
      id: 'a run',
      ended: 'complete',
      servers: { kamailio: { title: KAMAILIO.title }, 'kamailio-stock': { title: kamailioStock.title } },
    });
    const read = await readRun(place.dir);
    for (const cell of read.results.cells.filter(({ verdict }) => verdict === 'pass')) {
      expect((await read.traceOf(cell)).some(({ startLine }) => startLine.startsWith('INVITE '))).toBe(true);
    }
    expect(await readdir(join(place.dir, 'servers', 'kamailio-stock'))).toEqual(['lab']);
    expect(mergeRuns([read], settleWith(QUESTION)).results).toEqual(run.results);
  });

  it('one that does not come up takes nothing from the others: its cells say why, and the run has failed', async () => {
    await using place = await scratch();
    const run = await inTurn(place, [BROKEN, KAMAILIO]);
    const own = run.results.cells.filter(({ server }) => server === 'broken');
    expect(own.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual([
      expect.stringMatching(/^inconclusive: .*the call was not placed: .*no such module/),
      expect.stringMatching(/^inconclusive: .*the call was not placed: .*no such module/),
      expect.stringMatching(/^unsupported: Kamailio .*cannot be asked: /),
      expect.stringMatching(/^unsupported: Kamailio .*cannot be asked: /),
    ]);
    expect(own[0]?.rerun).toBe('./ringfence run broken/plain/voicemail-busy/none/udp/direct --server broken');
    expect(brief(run).filter((line) => line.startsWith('kamailio/') && line.includes(' pass '))).toHaveLength(8);
    expect(run.results.run).toMatchObject({
      ended: 'failed',
      trouble: expect.stringMatching(/^broken: .*no such module/),
    });
    expect(exitStatus(run.results)).toBe(3);
  });

  it('none of which comes up are an error, as one alone is', async () => {
    await using place = await scratch();
    await expect(inTurn(place, [BROKEN, { ...BROKEN, id: 'broken-too', policies: ['blog-2012'] }])).rejects.toThrow(
      'no such module',
    );
  });

  it('keep what was finished when the run is cancelled', async () => {
    await using place = await scratch();
    const run = await inTurn(place, [KAMAILIO, kamailioStock], 'kamailio-stock');
    expect(brief(run).filter((line) => line.includes(' pass '))).toHaveLength(8);
    expect(run.results.cells.filter(({ server }) => server === 'kamailio-stock')).toHaveLength(4);
    expect(exitStatus(run.results)).toBe(130);
  });
});
