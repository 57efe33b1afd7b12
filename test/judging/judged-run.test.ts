/** Attempts on a real lab, whose server stands still during the first; and repeats. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgedRun } from '../../harness/judging/judged-run.ts';
import { JudgingProcess } from '../../harness/judging/judging-process.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { plan } from '../../harness/plan/plan.ts';
import type { BatchFacts } from '../../harness/run/run-batches.ts';
import { runCells } from '../../harness/run/run-cells.ts';
import type { LabSite } from '../../harness/run/site.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { processSite } from '../../harness/runtime/process/site.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { mortalSipp } from '../helpers/mortal-sipp.ts';
import { whenRinging } from '../helpers/when-ringing.ts';
import { traceLines } from '../results/trace-lines.ts';

const PATIENCE_AND_MORE_MS = 2600;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

interface Attempts {
  readonly facts: BatchFacts;
  /** In the order of the cells. */
  readonly results: readonly CellResult[];
  /** How many cells were called again, each time. */
  readonly announced: readonly number[];
}

/** @param stands the attempts (1, 2, ...) during which the server stands still while the phones ring */
async function attempts(
  stands: readonly number[],
  over: {
    policy?: 'plain' | 'blog-2012';
    repeat?: number;
    sipp?: string;
    changeSite?: (site: LabSite) => LabSite;
  } = {},
): Promise<Attempts> {
  let server: ServerProcess | undefined;
  let attempt = 0;
  const announced: number[] = [];
  const cells = plan(
    { server: 'kamailio', transport: 'udp', policies: [over.policy ?? 'plain'], scenarios, variants },
    { policies: [], situations: ['voicemail-no-answer'], variants: ['target-class-secondary'], filters: [] },
  );
  const again = 2;
  await using judge = new JudgingProcess({
    calls: cells.length,
    variants,
    token: 'abcd',
    slackMs: 1000,
    rerunOptions: '',
    again,
    reportDir: dir,
    asserted: new Map(),
  });
  const site = processSite({
    startServer: async (where) => {
      server = await startKamailio(where);
      return server;
    },
    sipp: { path: over.sipp ?? 'sipp', version: 'test' },
    workDir: dir,
  });
  const rung = new Set<string>();
  let goesOn: NodeJS.Timeout | undefined;
  // From the last callee that rings on: a call that the server gets only afterwards has its own standing still.
  const standStill = (): void => {
    if (server === undefined || !stands.includes(attempt)) return;
    const group = -server.pid;
    process.kill(group, 'SIGSTOP');
    clearTimeout(goesOn);
    goesOn = setTimeout(() => process.kill(group, 'SIGCONT'), PATIENCE_AND_MORE_MS);
  };
  const results = new Map<string, CellResult>();
  const resultOf = (id: string): CellResult => {
    const result = results.get(id);
    if (result === undefined) throw new Error(`no result for ${id}`);
    return result;
  };
  const facts = await judgedRun({
    cells,
    judge,
    sink: {
      add: async (added) => added.forEach((result) => void results.set(result.id, result)),
      read: async (id) => resultOf(id),
    },
    again,
    rerunOptions: '',
    variants,
    workDir: dir,
    token: 'abcd',
    rate: 60,
    concurrency: 100,
    repeat: over.repeat ?? 1,
    batchCells: cells.length,
    openSite: async (options) => {
      const own = await site(options);
      const lab = over.changeSite?.(own) ?? own;
      const startSipServer: typeof lab.startSipServer = (role, record) =>
        lab.startSipServer(role, (each) => {
          record(each);
          if (role !== 'phone' || each.direction !== 'out') return;
          const text = each.bytes.toString('latin1');
          // Those of canaries are named otherwise.
          const callee = /^To: <sip:(alice-abcd-\d+)@/im.exec(text)?.[1];
          if (callee === undefined) return;
          const ringing = `${attempt} ${callee}`;
          if (!text.startsWith('SIP/2.0 180') || rung.has(ringing)) return;
          rung.add(ringing);
          standStill();
        });
      return { ...lab, startSipServer, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
    },
    onProgress: ({ phase }) => {
      if (phase === 'calls') attempt += 1;
    },
    onAgain: (late) => announced.push(late),
  });
  return { facts, results: cells.map(({ id }) => resultOf(id)), announced };
}

describe('cells that a late lab said nothing of', () => {
  // Where a server keeps the call out, its caller gives up in the end, and a late lab cannot say what came first. Where
  // it diverts the call, it may do so before it gets the CANCEL, however late it is: then there is nothing to call again.
  it('are called again when it is in time, and both calls are on record', async () => {
    const { results, facts, announced } = await attempts([1], { policy: 'blog-2012' });
    expect(announced).toHaveLength(1);
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
    const again = results.filter((result) => result.earlier !== undefined);
    expect(again.length).toBe(announced[0]);
    for (const { earlier: before, late, proof } of again) {
      expect(late).toBeUndefined();
      expect(before).toEqual([
        {
          startedAt: expect.any(String),
          lateMs: expect.any(Number),
          // By then the server may have given up a canary that rang meanwhile.
          why: expect.stringMatching(/ms late|did not reach|in order|no canary reached/),
        },
      ]);
      expect(before?.[0]?.lateMs).toBeGreaterThan(1000);
      expect(proof?.lateMs).toBeLessThan(1000);
    }
    const lines = await traceLines(dir);
    const called = Map.groupBy(lines, (line): string => JSON.parse(line).cell);
    for (const { id, earlier: before } of results) expect(called.get(id)).toHaveLength(before === undefined ? 1 : 2);
    expect(facts.warnings).toEqual([
      expect.stringMatching(/^\d calls? that proved nothing at first (was|were) placed again/),
    ]);
  });

  it('stay inconclusive where the lab is never in time, and say how often it was tried', async () => {
    const { results, announced } = await attempts([1, 2, 3], { policy: 'blog-2012' });
    expect(announced).toHaveLength(2);
    const keptOut = results.find(({ variant }) => variant === 'target-class-secondary');
    expect(keptOut).toMatchObject({ verdict: 'inconclusive', late: true });
    expect(keptOut?.earlier).toHaveLength(2);
  });
});

it('a call whose caller dies is placed again by another, and the rest stays as it is', async () => {
  // The first of all callers crashes when a phone rings, with its calls under way or to come; whoever comes after it does not.
  const caller = await mortalSipp(dir, 'first');
  const changeSite = (site: LabSite): LabSite => whenRinging(site, 1, caller.kill);
  const { results, announced } = await attempts([], { sipp: caller.path, changeSite });
  expect(announced).toEqual([2]);
  expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
  for (const { earlier } of results) expect(earlier?.[0]?.why).toMatch(/SIPp ended with/);
});

it('who judges in the end has each cell beside the control of its own time, which is not called again for having come along', async () => {
  const cells = plan(
    { server: 'kamailio', transport: 'udp', policies: ['plain'], scenarios, variants },
    {
      policies: [],
      situations: ['voicemail-busy'],
      variants: ['target-class-secondary', 'x-no-voicemail'],
      filters: [],
    },
  );
  const [control = '', first = '', other = ''] = cells.map(({ id }) => id);
  const placed: number[] = [];
  const { controls, observations, ended } = await runCells({
    cells,
    variants,
    openSite: processSite({ startServer: startKamailio, sipp: { path: 'sipp', version: 'test' }, workDir: dir }),
    workDir: dir,
    token: 'abcd',
    rate: 60,
    concurrency: 100,
    late: (called) => {
      placed.push(called.length);
      return placed.length === 1 ? [first] : [control];
    },
  });
  expect([ended, placed]).toEqual(['complete', [3, 2]]);
  expect(controls.get(other)).toEqual(observations.get(control));
  const startedAt = (id: string) => controls.get(id)?.startedAtEpochMs ?? Number.NaN;
  expect(startedAt(first)).toBeGreaterThan(startedAt(other));
});

it('a cell that is called several times says whether all of them agree', async () => {
  const { results } = await attempts([], { repeat: 3 });
  for (const { repeats } of results) expect(repeats).toEqual({ count: 3, agreed: true, others: [] });
  const [pack = ''] = await readdir(join(dir, 'traces'));
  // Calls that went the same way are kept once.
  expect(await traceLines(dir, pack)).toHaveLength(results.length);
});

it('a verdict of the server is never called again', async () => {
  const { results, announced } = await attempts([]);
  expect(announced).toEqual([]);
  for (const { earlier } of results) expect(earlier).toBeUndefined();
});
