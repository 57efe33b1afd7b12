import { headerLines } from './caller/header-lines.ts';
import { judge } from './judge.ts';
import type { Observation } from './model/observation.ts';
import type { CellResult, Expectation } from './model/results.ts';
import type { Feature } from './model/scenario.ts';
import type { Cell } from './plan.ts';

export interface VerdictsInput {
  readonly cells: readonly Cell[];
  /** By cell id. */
  readonly observations: ReadonlyMap<string, Observation>;
  readonly expectationOf: (cell: Cell) => Expectation;
  /** Features that the server is known not to have. */
  readonly lacks: readonly Feature[];
}

/** Cells and what was seen of them -> results, in the order of the cells. Pure. A cell nobody observed is inconclusive. */
export function verdicts(input: VerdictsInput): CellResult[] {
  return input.cells.map((cell) => {
    const seen = input.observations.get(cell.id) ?? neverPlaced(cell);
    const control = cell.control === null ? null : (input.observations.get(cell.control) ?? neverPlaced(cell));
    const expected = input.expectationOf(cell);
    const judgement = judge({
      scenario: cell.scenario,
      planned: headerLines(cell.variant),
      seen,
      control,
      expected,
      lacks: input.lacks,
    });
    return {
      id: cell.id,
      server: cell.server,
      policy: cell.policy,
      situation: cell.scenario.id,
      feature: cell.scenario.feature,
      variant: cell.variant.id,
      transport: cell.transport,
      path: cell.path,
      verdict: judgement.verdict,
      expected,
      observed: {
        outcome: judgement.outcome,
        status: seen.caller.finalStatus,
        calleeRang: judgement.calleeRang,
        legs: seen.legs,
        notifications: seen.notifications,
      },
      control: cell.control === null ? null : { id: cell.control, outcome: judgement.controlOutcome ?? 'unknown' },
      why: judgement.why,
      durationMs: durationMs(seen),
      rerun: `./ringfence run ${cell.id}`,
      trace: `traces/${cell.id.replaceAll('/', '.')}.json`,
    };
  });
}

/** From the INVITE to the last message that is the call's own. */
function durationMs({ messages }: Observation): number {
  return Math.max(0, ...messages.map((message) => message.atMs));
}

function neverPlaced(cell: Cell): Observation {
  return {
    cell: cell.id,
    startedAtEpochMs: null,
    caller: { headersSent: [], provisionals: [], finalStatus: null, finalMs: null, cancelledMs: null, byeMs: null },
    legs: [],
    notifications: [],
    window: { endMs: 0, closedMs: null, slackMs: 0 },
    lateMs: 0,
    canary: { trap: cell.scenario.trap, before: null, after: null },
    unregistered: [],
    troubles: ['the call was not placed: the run ended before'],
    messages: [],
  };
}
