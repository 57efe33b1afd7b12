import { mkdir } from 'node:fs/promises';
import { variants } from '../../scenarios/index.ts';
import { type VerdictsInput, verdicts } from '../judge/verdicts.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import { expectation } from '../oracle/index.ts';
import type { Cell } from '../plan/plan.ts';
import { type RunOutcome, runCells } from '../run/run-cells.ts';
import type { OpenSite } from '../run/site.ts';
import { AGAIN_BY_ITSELF } from '../run/work.ts';
import { processSite, type Tool } from '../runtime/process/site.ts';
import { startKamailio } from '../runtime/process/start-kamailio.ts';
import { relayedSite } from './path/relayed-site.ts';
import type { Breakage } from './sabotage.ts';

export interface TrialOptions {
  readonly breakage: Breakage;
  readonly cells: readonly Cell[];
  /** Made if absent; keeps what the lab's programs wrote. */
  readonly workDir: string;
  readonly tools: { readonly sipp: Tool; readonly kamailio: Pick<Tool, 'path'> };
  /** Calls begun per second. */
  readonly rate: number;
  /**
   * Cells that the lab was late for are called again, as in a run on a quiet machine. Not where something is broken that would
   * make it late, or is broken only once.
   */
  readonly inTime: boolean;
  readonly signal?: AbortSignal;
}

/** One lab, broken or not, and what it made of the cells. */
export interface Trial {
  /** In the order of the cells. */
  readonly results: readonly CellResult[];
  readonly observations: ReadonlyMap<string, Observation>;
  /** By the id of the cell that is held against it. */
  readonly controls: ReadonlyMap<string, Observation>;
  readonly server: RunOutcome['server'];
  readonly ended: RunOutcome['ended'];
  readonly trouble: string | null;
}

const CALLS_AT_ONCE = 500;
/** A trap that was killed is not waited for longer than a busy machine needs. */
const CANARY_TIMEOUT_MS = 3000;

/** @throws {LabError} when the lab does not come up */
export async function runTrial(options: TrialOptions): Promise<Trial> {
  const { breakage, cells, workDir, signal } = options;
  await mkdir(workDir, { recursive: true });
  const judged = (called: readonly Cell[], seen: Pick<VerdictsInput, 'observations' | 'controls'>): CellResult[] =>
    verdicts({
      ...seen,
      cells: called,
      expectationOf: (cell) => expectation(cell.policy, cell.scenario, cell.variant),
    });
  const outcome = await runCells({
    cells,
    variants,
    openSite: brokenSite(options),
    workDir,
    token: Math.random().toString(36).slice(2, 8).padEnd(4, '0'),
    rate: options.rate,
    concurrency: CALLS_AT_ONCE,
    canaryTimeoutMs: CANARY_TIMEOUT_MS,
    ...(breakage.onLab && { onLab: breakage.onLab }),
    ...(signal && { signal }),
    ...(options.inTime && {
      again: AGAIN_BY_ITSELF, // some are broken to be late
      late: (called, observations) =>
        judged(called, { observations }).flatMap(({ id, late }) => (late === true ? [id] : [])),
    }),
  });
  return {
    results: judged(cells, outcome),
    observations: outcome.observations,
    controls: outcome.controls,
    server: outcome.server,
    ended: outcome.ended,
    trouble: outcome.trouble,
  };
}

function brokenSite({ breakage, tools, workDir }: TrialOptions): OpenSite {
  const { editConfig, onServer, rules, changeSite } = breakage;
  const open = processSite({
    startServer: async (where) => {
      const server = await startKamailio({ ...where, bin: tools.kamailio.path, ...(editConfig && { editConfig }) });
      onServer?.(server);
      return server;
    },
    sipp: tools.sipp,
    workDir,
  });
  return async (options) => {
    const plain = await open(options);
    const site = rules === undefined ? plain : relayedSite(plain, rules);
    return changeSite === undefined ? site : changeSite(site);
  };
}
