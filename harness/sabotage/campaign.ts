import { join } from 'node:path';
import { HarnessError, LabError, UsageError } from '../errors.ts';
import { type CellResult, isWrong } from '../model/results.ts';
import type { Cell } from '../plan/plan.ts';
import { type Campaign, findingOf, provedNothing, type RepeatedTrial, type SabotageFinding } from './findings.ts';
import { isProvenNegative } from './matrix.ts';
import { NOTHING_BROKEN, type Sabotage } from './sabotage.ts';
import { runTrial, type Trial, type TrialOptions } from './trial.ts';
import { Turns } from './turns.ts';

export interface CampaignOptions {
  readonly sabotages: readonly Sabotage[];
  readonly cells: readonly Cell[];
  /** Each lab gets a folder of its own below. */
  readonly workDir: string;
  readonly tools: TrialOptions['tools'];
  /** Each sabotage is tried that often. */
  readonly repeat: number;
  /** Labs side by side, at most: as many as this process has time for. */
  readonly concurrency: number;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Fast enough that a lab is over soon, slow enough for many of them side by side on two cores. */
const RATE = 100;
const RATE_ALONE = 50;

/**
 * The cells in a lab that nobody broke, then once for each sabotage.
 *
 * @returns null when it was cancelled
 * @throws {LabError} when a lab does not come up, or the baseline is not as it should be: nothing could be learnt then
 * @throws {UsageError} when there is nothing to attack
 */
export async function runCampaign(options: CampaignOptions): Promise<Campaign | null> {
  const { sabotages, cells, repeat, workDir, tools, onProgress } = options;
  onProgress('baseline: the same calls in a lab that nobody broke');
  const untouched = { cells, tools, rate: RATE, signal: options.signal };
  const turns = new Turns({ most: options.concurrency });
  const atRest = { ...untouched, breakage: NOTHING_BROKEN, inTime: true, workDir: join(workDir, 'baseline') };
  const baseline = await turns.take(() => runTrial(atRest));
  if (options.signal.aborted) return null;
  requireSound(baseline);
  requireNegative(cells, baseline.results);

  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const trials = new Map<Sabotage, RepeatedTrial[]>(sabotages.map((sabotage) => [sabotage, []]));
  const policy = cells[0]?.policy;
  const tried = sabotages.filter(({ notOn }) => policy === undefined || notOn?.[policy] === undefined);
  const queue = slowestFirst(tried).flatMap((sabotage) =>
    Array.from({ length: repeat }, (_, time) => ({ sabotage, time: time + 1 })),
  );
  const total = queue.length;
  const alone: { readonly sabotage: Sabotage; readonly dir: string }[] = [];
  let done = 0;
  const tryInTurn = async ({ sabotage, time }: (typeof queue)[number]): Promise<void> => {
    if (signal.aborted) return;
    onProgress(`${done} of ${total} labs done; ${sabotage.id}`);
    const dir = join(workDir, repeat === 1 ? sabotage.id : `${sabotage.id}-${time}`);
    try {
      const first = await tryOnce(sabotage, { ...untouched, signal, workDir: dir });
      if (provedNothing(sabotage, cells, baseline.results, first)) alone.push({ sabotage, dir: `${dir}-alone` });
      else trials.get(sabotage)?.push(first);
    } catch (error) {
      stop.abort();
      throw error;
    }
    done += 1;
  };
  const tryAlone = async (): Promise<void> => {
    for (const [index, { sabotage, dir }] of alone.entries()) {
      if (signal.aborted) return;
      onProgress(`${index} of ${alone.length} labs tried again, one after the other; ${sabotage.id}`);
      trials.get(sabotage)?.push(await tryOnce(sabotage, { ...untouched, rate: RATE_ALONE, signal, workDir: dir }));
    }
  };
  const labs = queue.map((next) => turns.take(() => tryInTurn(next)));
  const failed = (await Promise.allSettled(labs)).find(({ status }) => status === 'rejected');
  if (options.signal.aborted) return null;
  if (failed?.status === 'rejected') throw failed.reason;
  await tryAlone();
  if (options.signal.aborted) return null;
  const findings = sabotages.map(
    (sabotage): SabotageFinding => findingOf(sabotage, cells, baseline.results, trials.get(sabotage) ?? []),
  );
  return { policy: policy ?? '', server: baseline.server, baseline: baseline.results, repeat, findings };
}

async function tryOnce(sabotage: Sabotage, options: Omit<TrialOptions, 'breakage' | 'inTime'>): Promise<RepeatedTrial> {
  const breakage = sabotage.begin();
  const { situations, perSecond } = sabotage.calls ?? { situations: null, perSecond: options.rate };
  const cells = options.cells.filter(({ scenario }) => situations?.includes(scenario.id) ?? true);
  try {
    // A late lab says nothing of a lawful difference, and it notices whatever is broken: it proves nothing.
    const trial = await runTrial({ ...options, breakage, cells, inTime: sabotage.once !== true, rate: perSecond });
    return { breakage, trial };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    throw new LabError(`the lab of sabotage ${sabotage.id}: ${error.message}`, { cause: error });
  }
}

/** Who places its calls one after the other would else be waited for at the end. */
function slowestFirst(sabotages: readonly Sabotage[]): Sabotage[] {
  const pace = ({ calls }: Sabotage): number => calls?.perSecond ?? RATE;
  return sabotages.toSorted((a, b) => pace(a) - pace(b));
}

function requireSound({ results, trouble }: Trial): void {
  const unsound = results.filter(isWrong);
  if (trouble === null && unsound.length === 0) return;
  const lines = unsound.map(({ id, verdict, why }) => `  ${id}: ${verdict}: ${why ?? ''}`);
  throw new LabError(
    [
      'the baseline is not as it should be, in a lab that nobody broke, so nothing can be said of broken ones',
      ...(trouble === null ? [] : [`  ${trouble}`]),
      ...lines,
      'See what ./ringfence run says of these cells; on a busy machine try a lower --concurrency.',
    ].join('\n'),
  );
}

function requireNegative(cells: readonly Cell[], baseline: readonly CellResult[]): void {
  const negative = cells.some((cell, index) => {
    const result = baseline[index];
    return result !== undefined && isProvenNegative(cell, result) && cell.scenario.kind === 'diversion';
  });
  if (negative) return;
  throw new UsageError(
    `policy ${cells[0]?.policy ?? ''} keeps no call out of anything, so there is no negative to attack; try another --policy`,
  );
}
