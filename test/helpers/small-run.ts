/** A few cells through a real lab: real Kamailio, real SIPp. What to break is the caller's choice. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type VerdictsInput, verdicts } from '../../harness/judge/verdicts.ts';
import { LATE_MS } from '../../harness/judging/repeats.ts';
import { AS_SENT } from '../../harness/model/as-sent.ts';
import type { CellResult, Expectation } from '../../harness/model/results.ts';
import type { PolicyId } from '../../harness/model/scenario.ts';
import type { StartedServer, Subscriber } from '../../harness/model/server.ts';
import type { Path, Transport } from '../../harness/model/words.ts';
import { demandOf } from '../../harness/oracle/as-sent.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import type { Launcher } from '../../harness/processes/launcher.ts';
import { type RunOptions, type RunOutcome, runCells } from '../../harness/run/run-cells.ts';
import type { LabSite, OpenSite } from '../../harness/run/site.ts';
import { ownServerProcess } from '../../harness/runtime/process/own-server.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { type ProcessSiteOptions, processSite } from '../../harness/runtime/process/site.ts';
import { Turns } from '../../harness/sabotage/turns.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import type { OwnServer } from '../../harness/servers/own/own-server.ts';
import { onServer, type Server } from '../../harness/servers/server.ts';
import { everyRow, everySituation, scenarios, variants as usualRows } from '../../scenarios/index.ts';

/** Two of five tests that run side by side may start two labs each. */
const turns = new Turns({ most: 6 });

export interface SmallRun
  extends Partial<Omit<RunOptions, 'cells' | 'variants' | 'server'>>,
    Partial<ProcessSiteOptions> {
  readonly server?: Server;
  /** A program in its place. */
  readonly own?: { readonly server: OwnServer; readonly launcher: Launcher; readonly silentMs?: number };
  /** @default udp */
  readonly transport?: Transport;
  /** Called in SIPp's place. */
  readonly sippBin?: string;
  readonly policies?: readonly PolicyId[];
  readonly situations: readonly string[];
  readonly variants: readonly string[];
  /** @default direct alone */
  readonly paths?: readonly Path[];
  /** Changes what the server is told of a subscriber; what the harness believes stays as it is. */
  readonly misprovision?: (subscriber: Subscriber) => Subscriber;
  readonly expectationOf?: (cell: Cell) => Expectation;
  /**
   * Cells that the lab was late for are called again, as `./ringfence run` does, and sooner than it does: for what only a lab in
   * time can show, final responses among it. `for a verdict`: just as it does. Not where the lab has to be late, or is broken for one
   * run. @default false
   */
  readonly inTime?: boolean | 'for a verdict';
  /** How often, at most. @default as a run does */
  readonly again?: number;
  /** Told of cells whose windows are closed and whose record is read, batch by batch. */
  readonly onRead?: (cells: readonly Cell[]) => void;
  /** Told of the verdicts of each batch, of every repeat, and of those called again. */
  readonly onJudged?: (results: readonly CellResult[], observations: RunOutcome['observations']) => void;
  /** Puts something between the lab and the ground it stands on. */
  readonly changeSite?: (site: LabSite) => LabSite;
}

export interface SmallRunResult {
  readonly outcome: RunOutcome;
  readonly results: readonly CellResult[];
  /** The result of a situation and variant, of the only policy or the one named. */
  cell(situation: string, variant: string, policy?: PolicyId): CellResult;
}

/** Begins when it is its turn: labs beside each other are as many as this process has time for. */
export function smallRun(run: SmallRun): Promise<SmallRunResult> {
  return turns.take(() => inLab(run));
}

async function inLab({
  policies = ['ms-sipre'],
  situations,
  variants: wanted,
  server: recipe = KAMAILIO,
  own,
  transport = 'udp',
  ...over
}: SmallRun): Promise<SmallRunResult> {
  const server = own?.server ?? recipe;
  const ofServer = own?.server.policies ?? policies;
  // Whoever names none means the usual ones.
  const variants = wanted.length === 0 ? usualRows : everyRow;
  const onIt = (situations.length === 0 ? scenarios : everySituation).map((scenario) => onServer(server, scenario));
  const cells = plan(
    {
      server: server.id,
      transport,
      paths: over.paths,
      policies: ofServer,
      scenarios: onIt,
      variants: [...variants, AS_SENT],
    },
    { policies: ofServer, situations, variants: wanted, filters: [] },
  );
  const ownProcess = own && ownServerProcess(own.server, { ...own, scenarios: cells.map(({ scenario }) => scenario) });
  const workDir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  try {
    const options: RunOptions = {
      cells,
      server,
      variants,
      openSite: changed(
        over.changeSite,
        processSite({
          startServer:
            over.startServer ??
            ownProcess ??
            (async (site) => misled(await startServerProcess(recipe, site), over.misprovision)),
          sipp: { path: over.sippBin ?? 'sipp', version: 'test' },
          caller: over.caller,
          tls: over.tls,
          uaTls: over.uaTls,
          b2buaTls: over.b2buaTls,
          application: over.application,
          workDir,
          drachtio: over.drachtio ?? null,
          ua: over.ua ?? null,
        }),
      ),
      workDir,
      token: Math.random().toString(36).slice(2, 8).padEnd(4, 'x'),
      rate: 100,
      concurrency: 500,
      ...over,
    };
    const judged = (called: readonly Cell[], seen: Pick<VerdictsInput, 'observations' | 'controls'>): CellResult[] =>
      verdicts({
        ...seen,
        cells: called,
        expectationOf: over.expectationOf ?? ((cell, sent) => demandOf(cell, sent, variants)),
      });
    const { onRead, onJudged, inTime = false } = over;
    const isAsked = onRead !== undefined || onJudged !== undefined || inTime !== false;
    const late = (called: readonly Cell[], observations: RunOutcome['observations']): readonly string[] => {
      onRead?.(called);
      if (onJudged === undefined && inTime === false) return [];
      const results = judged(called, { observations });
      onJudged?.(results, observations);
      const tooLate = results.filter(({ late: isLate }) => isLate === true);
      const losers = inTime === true ? results.filter((result) => mayHaveLostRaces(result, observations)) : [];
      return inTime === false ? [] : [...tooLate, ...losers].map(({ id }) => id);
    };
    const outcome = await runCells({ ...options, ...(isAsked && { late }), ...(inTime === false && { again: 0 }) });
    const results = judged(cells, outcome);
    return { outcome, results, cell: (situation, variant, policy) => find(results, situation, variant, policy) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** Not only what clocks tell of: an endpoint that rings at once had not, in all the time that it was given, may be one among many. */
function mayHaveLostRaces({ id, verdict }: CellResult, observations: RunOutcome['observations']): boolean {
  const { lateMs, legs = [] } = observations.get(id) ?? { lateMs: 0 };
  const silentMs = legs.map(({ startMs, endMs, rang, result }) =>
    !rang && result === 'cancelled' && endMs !== null ? endMs - startMs : 0,
  );
  return verdict !== 'fail' && Math.max(lateMs, ...silentMs) > LATE_MS;
}

/**
 * For a lab that is broken on purpose, once, so that nothing can be called again in it: all of it is brought up again while it was late
 * for what it is to show.
 *
 * @param needed of a run: cells that only a lab in time can judge
 * @param most so often, altogether
 */
export async function placedInTime(
  place: () => Promise<SmallRunResult>,
  needed: (run: SmallRunResult) => readonly CellResult[],
  most = 5,
): Promise<SmallRunResult> {
  const run = await place();
  const isLate = needed(run).some(({ late }) => late === true);
  return isLate && most > 1 ? placedInTime(place, needed, most - 1) : run;
}

/** Warnings, but for what a busy machine makes of any run: that calls were placed again. */
export function besidesLateness(warnings: readonly string[]): string[] {
  return warnings.filter(
    (warning) => !/^[\d,]+ calls? that proved nothing at first (was|were) placed again/.test(warning),
  );
}

function changed(change: SmallRun['changeSite'], open: OpenSite): OpenSite {
  return change === undefined ? open : async (options) => change(await open(options));
}

function find(results: readonly CellResult[], situation: string, variant: string, policy?: PolicyId): CellResult {
  const found = results.find(
    (each) =>
      each.situation === situation && each.variant === variant && (policy === undefined || each.policy === policy),
  );
  if (found === undefined) throw new Error(`no cell ${policy ?? '*'}/${situation}/${variant}`);
  return found;
}

function misled(server: StartedServer, misprovision: SmallRun['misprovision']): StartedServer {
  if (misprovision === undefined) return server;
  return { ...server, provision: (subscribers) => server.provision(subscribers.map(misprovision)) };
}

/** A program that does something to the caller's files or arguments and then becomes the real SIPp. */
export async function fakeSipp(dir: string, script: string): Promise<string> {
  const file = join(dir, 'sipp');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
