/** Attempts on a real lab, whose server stands still during the first. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type InTimeOutcome, runInTime } from '../harness/in-time.ts';
import { type StartedKamailio, startKamailio } from '../harness/lab/kamailio.ts';
import type { Expectation } from '../harness/model/results.ts';
import { plan } from '../harness/plan.ts';
import { processSite } from '../harness/run/process-site.ts';
import { verdicts } from '../harness/verdicts.ts';
import { scenarios, variants } from '../scenarios/index.ts';
import { whenRinging } from './helpers/when-ringing.ts';
import { scratch } from './setup/scratch.ts';

const PATIENCE_AND_MORE_MS = 2600;

/** @param stands the attempts (1, 2, ...) during which the server stands still while the phones ring */
async function attempts(
  stands: readonly number[],
  says: Partial<Expectation> = {},
): Promise<InTimeOutcome & { announced: number[]; failedBefore: readonly string[] }> {
  await using own = await scratch();
  let server: StartedKamailio | undefined;
  let attempt = 0;
  const announced: number[] = [];
  const cells = plan(
    { server: 'kamailio', transport: 'udp', policies: ['plain'], scenarios, variants },
    { policies: [], situations: ['voicemail-no-answer'], variants: ['target-class-secondary'], filters: [] },
  );
  const failed = new Set<string>();
  const failedBefore: string[] = [];
  const open = processSite({
    startServer: async (site) => {
      attempt += 1;
      server = await startKamailio(site);
      return server;
    },
    sipp: { path: 'sipp', version: 'test' },
    workDir: own.dir,
  });
  const standStill = (): void => {
    if (server === undefined || !stands.includes(attempt)) return;
    const group = -server.pid;
    process.kill(group, 'SIGSTOP');
    setTimeout(() => process.kill(group, 'SIGCONT'), PATIENCE_AND_MORE_MS);
  };
  const outcome = await runInTime({
    cells,
    variants,
    workDir: own.dir,
    token: 'abcd',
    rate: 60,
    concurrency: 100,
    openSite: async (options) => whenRinging(await open(options), cells.length, standStill),
    judge: (called, observations) => {
      failedBefore.push(...called.filter(({ id }) => failed.has(id)).map(({ id }) => id));
      const results = verdicts({ cells: called, observations, expectationOf: () => expected(says), lacks: [] });
      for (const { id, verdict } of results) if (verdict === 'fail') failed.add(id);
      return results;
    },
    dirOf: async (number) => {
      const folder = join(own.dir, `attempt-${number}`);
      await mkdir(folder);
      return folder;
    },
    onAgain: (late) => announced.push(late),
  });
  return { ...outcome, announced, failedBefore };
}

function expected(says: Partial<Expectation>): Expectation {
  return { outcome: 'engaged', claims: ['the-test-says-so'], callee: 'unspecified', statuses: [], ...says };
}

describe.concurrent('cells that a late lab said nothing of', () => {
  it('are called again in one that is in time, and both calls are on record', { timeout: 60_000 }, async () => {
    const { results, earlier, outcome, announced } = await attempts([1]);
    expect(announced).toHaveLength(1);
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
    const again = results.filter((result) => result.earlier !== undefined);
    expect(again.length).toBe(announced[0]);
    for (const { id, earlier: before, late } of again) {
      expect(late).toBeUndefined();
      expect(before).toEqual([
        {
          startedAt: expect.any(String),
          lateMs: expect.any(Number),
          why: expect.stringMatching(/ms late|did not reach/),
        },
      ]);
      expect(before?.[0]?.lateMs).toBeGreaterThan(1000);
      expect(earlier.get(id)?.[0]?.messages.length).toBeGreaterThan(0);
      expect(outcome.observations.get(id)?.lateMs).toBeLessThan(1000);
    }
    expect(outcome.warnings).toEqual([
      expect.stringMatching(/the lab was late during \d calls.*again at 20 per second/),
    ]);
  });

  it('stay inconclusive where no lab is in time, and say how often it was tried', { timeout: 90_000 }, async () => {
    const { results, announced } = await attempts([1, 2, 3]);
    expect(announced).toHaveLength(2);
    const last = results.filter((result) => result.earlier?.length === 2);
    expect(last.length).toBeGreaterThan(0);
    for (const { verdict, late } of last) expect([verdict, late]).toEqual(['inconclusive', true]);
  });
});

it.concurrent('a fail is never called again', { timeout: 60_000 }, async () => {
  const { results, failedBefore } = await attempts([], { outcome: 'suppressed' });
  expect(failedBefore).toEqual([]);
  expect(results.find(({ variant }) => variant === 'target-class-secondary')).toMatchObject({ verdict: 'fail' });
});
