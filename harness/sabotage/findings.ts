/** What became of the cells under each sabotage. Pure. */
import { callFlow } from '../ladder/call-flow.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult, Verdict } from '../model/results.ts';
import type { Cell } from '../plan/plan.ts';
import type { Breakage, Sabotage } from './sabotage.ts';
import type { Trial } from './trial.ts';

export interface RepeatedTrial {
  readonly breakage: Pick<Breakage, 'tookPlace'>;
  readonly trial: Pick<Trial, 'results' | 'observations' | 'controls' | 'ended' | 'trouble'>;
}

/** A cell under one sabotage, over all repetitions. */
export interface CellFinding {
  readonly cell: string;
  readonly situation: string;
  readonly variant: string;
  readonly baseline: Verdict;
  /** One for each repetition. */
  readonly verdicts: readonly Verdict[];
  /** The sentence of the first verdict that is not the baseline's; null: none had one. */
  readonly why: string | null;
  /** It must not stay `pass`. */
  readonly meant: boolean;
  /** Of the first repetition in which it stayed `pass` and must not, or was held against a lawful difference; null: there was none. */
  readonly flow: CellFlow | null;
}

/** What was seen, one line for each message. */
export interface CellFlow {
  /** How late the lab was. */
  readonly lateMs: number;
  readonly call: string;
  /** null: the cell is a control itself. */
  readonly control: string | null;
}

export interface SabotageFinding {
  readonly id: string;
  readonly title: string;
  readonly breaks: Sabotage['breaks'];
  readonly lawful: Sabotage['lawful'] | null;
  readonly spares: number;
  readonly cells: readonly CellFinding[];
  /** Ids of the cells that it is meant for and that stayed `pass` in a repetition. */
  readonly stayedGreen: readonly string[];
  /** Ids of the cells that a lawful difference was held against. */
  readonly falseAlarms: readonly string[];
  /** Why it is not tried on this policy; null: it was, or this policy has no cell for it. */
  readonly notOn: string | null;
  /** Why nothing can be said of it though there were cells for it; null: something can. */
  readonly noEffect: string | null;
}

export interface Campaign {
  readonly policy: string;
  readonly server: Trial['server'];
  readonly baseline: readonly CellResult[];
  readonly repeat: number;
  readonly findings: readonly SabotageFinding[];
}

export function findingOf(
  sabotage: Sabotage,
  cells: readonly Cell[],
  baseline: readonly CellResult[],
  trials: readonly RepeatedTrial[],
): SabotageFinding {
  const before = new Map(baseline.map((result) => [result.id, result]));
  const found = cells.flatMap((cell) => cellFinding(sabotage, cell, before.get(cell.id), trials));
  const meant = found.filter((each) => each.meant);
  const spares = sabotage.spares ?? 0;
  const green = trials.flatMap((_, time) => {
    const stayed = meant.filter(({ verdicts }) => verdicts[time] === 'pass').map(({ cell }) => cell);
    return stayed.length > spares ? stayed : [];
  });
  const stayedGreen = [...new Set(green)];
  const falseAlarms = found.filter((each) => isFalseAlarm(sabotage, each)).map(({ cell }) => cell);
  const shown = (each: CellFinding): CellFinding => {
    const isWrong = stayedGreen.includes(each.cell)
      ? (verdict: Verdict) => verdict === 'pass'
      : (verdict: Verdict) => isHeldAgainst(sabotage, each, verdict);
    const time = each.verdicts.findIndex(isWrong);
    return { ...each, flow: flowOf(trials[time], each.cell) };
  };
  return {
    id: sabotage.id,
    title: sabotage.title,
    breaks: sabotage.breaks,
    lawful: sabotage.lawful ?? null,
    spares,
    cells: found.map((each) => ([...stayedGreen, ...falseAlarms].includes(each.cell) ? shown(each) : each)),
    stayedGreen,
    falseAlarms,
    notOn: (cells[0] && sabotage.notOn?.[cells[0].policy]) ?? null,
    noEffect: withoutEffect(sabotage.lawful === undefined ? meant : found, trials),
  };
}

/**
 * Several labs side by side make each other late on a busy machine, and late cells that stay late when they are called again
 * say nothing: neither of a lawful difference, nor that a sabotage left alone what it is not meant for. Not where it is
 * broken to be late, and never where there is something to hold against anybody: a cell that stayed green, or a `fail`
 * of a lawful difference.
 */
export function provedNothing(
  sabotage: Sabotage,
  cells: readonly Cell[],
  baseline: readonly CellResult[],
  tried: RepeatedTrial,
): boolean {
  const finding = findingOf(sabotage, cells, baseline, [tried]);
  if (sabotage.lawful === 'nothing-changes') {
    const changed = finding.cells.filter((each) => each.verdicts[0] !== each.baseline);
    return changed.length > 0 && changed.every(({ verdicts }) => verdicts[0] === 'inconclusive');
  }
  if (sabotage.lawful !== undefined || sabotage.once === true || finding.stayedGreen.length > 0) return false;
  const late = new Set(tried.trial.results.flatMap((result) => (result.late === true ? result.id : [])));
  return finding.cells.some((each) => !each.meant && each.baseline !== 'inconclusive' && late.has(each.cell));
}

function cellFinding(
  sabotage: Sabotage,
  cell: Cell,
  before: CellResult | undefined,
  trials: readonly RepeatedTrial[],
): CellFinding[] {
  const after = trials.flatMap(({ trial }) => trial.results.find(({ id }) => id === cell.id) ?? []);
  if (before === undefined || after.length === 0) return []; // the sabotage does without this cell
  return [
    {
      cell: cell.id,
      situation: cell.scenario.id,
      variant: cell.variant.id,
      baseline: before.verdict,
      verdicts: after.map(({ verdict }) => verdict),
      why: after.find(({ verdict }) => verdict !== before.verdict)?.why ?? null,
      meant: sabotage.meantFor(cell, before),
      flow: null,
    },
  ];
}

function flowOf(tried: RepeatedTrial | undefined, id: string): CellFlow | null {
  const seen = tried?.trial.observations.get(id);
  if (seen === undefined) return null;
  const control = tried?.trial.controls.get(id);
  return { lateMs: seen.lateMs, call: callFlow(seen), control: control === undefined ? null : callFlow(control) };
}

function isFalseAlarm(sabotage: Sabotage, finding: CellFinding): boolean {
  return finding.verdicts.some((verdict) => isHeldAgainst(sabotage, finding, verdict));
}

function isHeldAgainst({ lawful }: Sabotage, { baseline }: CellFinding, verdict: Verdict): boolean {
  return lawful === 'nothing-fails' ? verdict === 'fail' : lawful === 'nothing-changes' && verdict !== baseline;
}

/** A sabotage that did not happen proves nothing. */
function withoutEffect(concerned: readonly CellFinding[], trials: readonly RepeatedTrial[]): string | null {
  if (concerned.length === 0) return null; // this policy has no cell for it: nothing was claimed
  for (const { breakage, trial } of trials) {
    if (trial.ended === 'failed') return `its lab did not hold: ${trial.trouble ?? 'no reason was given'}`;
    const seen = concerned.flatMap(({ cell }): Observation[] => {
      const observation = trial.observations.get(cell);
      return observation === undefined ? [] : [observation];
    });
    if (!breakage.tookPlace(seen)) return `it did not take place, by the record of the calls it is meant for`;
  }
  return null;
}

/** 1 before 3: what stayed green is shown, whatever else could not be. */
export function campaignExitStatus({ findings }: Pick<Campaign, 'findings'>): 0 | 1 | 3 {
  if (findings.some(({ stayedGreen, falseAlarms }) => stayedGreen.length > 0 || falseAlarms.length > 0)) return 1;
  return findings.some(({ noEffect }) => noEffect !== null) ? 3 : 0;
}
