import type { Demand } from '../model/as-sent.ts';
import { wireLines } from '../model/header-lines.ts';
import type { Observation } from '../model/observation.ts';
import { linesOnTheWay } from '../model/path.ts';
import type { CellResult, Proof } from '../model/results.ts';
import type { Cell } from '../plan/plan.ts';
import { RUN_ENDED_BEFORE, unplaced } from '../plan/unplaced.ts';
import { hangUpOf } from './application.ts';
import { judge } from './judge.ts';
import { trapReached } from './reached.ts';

export interface VerdictsInput {
  readonly cells: readonly Cell[];
  /** By cell id. */
  readonly observations: ReadonlyMap<string, Observation>;
  /** By the id of the cell that is held against it, where a control was called several times. @default what was seen of each control */
  readonly controls?: ReadonlyMap<string, Observation>;
  /** @param sent Header lines of its INVITE that the matrix knows; none of a call that was not placed. */
  readonly expectationOf: (cell: Cell, sent: readonly string[]) => Demand;
  /** Options that a cell must be run again with to be the same cell, e.g. `--ua baresip`. @default none */
  readonly rerunOptions?: string;
}

/** Cells and what was seen of them -> results, in the order of the cells. Pure. A cell nobody observed is inconclusive. */
export function verdicts(input: VerdictsInput): CellResult[] {
  return input.cells.map((cell) => {
    const seen = input.observations.get(cell.id) ?? neverPlaced(cell);
    const control = cell.control === null ? null : (controlOf(cell.id, cell.control, input) ?? neverPlaced(cell));
    const { headersSent } = seen.caller;
    const demand = input.expectationOf(cell, headersSent);
    const { remedy: _said, ...expected } = demand; // the reason says it
    // What the application decides for itself cannot be other than it was planned.
    const lines = cell.variant.kind === 'as-sent' ? headersSent : wireLines(cell.variant);
    const planned = linesOnTheWay(cell.path, lines);
    const judgement = judge({
      scenario: cell.scenario,
      transport: cell.transport,
      planned: planned.server,
      plannedAtCaller: planned.caller,
      onCancel: cell.variant.onCancel,
      seen,
      control,
      expected: demand,
    });
    const hangUp = hangUpOf(cell.scenario, seen);
    return {
      id: cell.id,
      server: cell.server,
      policy: cell.policy,
      situation: cell.scenario.id,
      feature: cell.scenario.feature,
      trap: cell.scenario.trap,
      variant: cell.variant.id,
      transport: cell.transport,
      path: cell.path,
      verdict: judgement.verdict,
      expected,
      observed: {
        outcome: judgement.outcome,
        status: seen.caller.finalStatus,
        calleeRang: judgement.calleeRang,
        ...(cell.scenario.otherTraps !== undefined && { otherTraps: othersReached(cell.scenario.otherTraps, seen) }),
        ...(hangUp !== undefined && { hangUp }),
        legs: seen.legs,
        notifications: seen.notifications,
        ...(seen.innerVoicemail !== undefined && {
          arrivals: seen.innerVoicemail.arrivals.map((each) => ({ ...each })),
        }),
      },
      control: cell.control === null ? null : { id: cell.control, outcome: judgement.controlOutcome ?? 'unknown' },
      proof: proofOf(cell, seen),
      why: judgement.why,
      checks: judgement.checks,
      ...(judgement.late && { late: true as const }),
      durationMs: durationMs(seen),
      rerun: ['./ringfence run', cell.id, input.rerunOptions ?? ''].join(' ').trimEnd(),
      trace: '', // whoever keeps the messages says where
    };
  });
}

function controlOf(id: string, control: string, { observations, controls }: VerdictsInput): Observation | undefined {
  return controls?.get(id) ?? observations.get(control);
}

function othersReached(
  traps: NonNullable<Cell['scenario']['otherTraps']>,
  seen: Observation,
): NonNullable<CellResult['observed']['otherTraps']> {
  return traps.map((trap) => ({ trap, reached: trapReached(trap, seen) }));
}

/** From the INVITE to the last message that is the call's own. */
function durationMs({ messages }: Observation): number {
  return Math.max(0, ...messages.map((message) => message.atMs));
}

function proofOf({ scenario }: Cell, seen: Observation): Proof {
  const { totalMs, userMs, team2Ms } = scenario.subscriber.waits;
  return {
    startedAt: seen.startedAtEpochMs === null ? null : new Date(seen.startedAtEpochMs).toISOString(),
    windowEndMs: seen.window.endMs,
    windowClosedMs: seen.window.closedMs,
    slackMs: seen.window.slackMs,
    lateMs: seen.lateMs,
    canary: seen.canary,
    headersSent: seen.caller.headersSent,
    ...(seen.b2bua?.got != null && { b2bua: { got: seen.b2bua.got, sent: seen.caller.headersSent } }),
    timersMs: { total: totalMs, user: userMs, team2: team2Ms },
    troubles: [...seen.unregistered.map((phone) => `not registered: ${phone}`), ...seen.troubles],
    ...(seen.strays.length > 0 && { strays: seen.strays }),
  };
}

function neverPlaced(cell: Cell): Observation {
  return unplaced(cell, { unplayable: null, troubles: [RUN_ENDED_BEFORE] });
}
