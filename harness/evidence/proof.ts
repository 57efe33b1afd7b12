import type { CanarySighting } from '../model/observation.ts';
import type { CellResult, Proof } from '../model/results.ts';
import { TRAP_NAMES } from '../model/words.ts';

/** A question that is asked before a verdict. */
export interface Check {
  /** null where it does not matter here. */
  readonly holds: boolean | null;
  readonly what: string;
  readonly seen: string;
}

/**
 * Why this cell may be believed, or which of it did not hold: the questions that are asked before a verdict, each with
 * what was seen. Files of older runs have less on record.
 *
 * @param control The control's cell; null when it is a control itself, or not on record.
 */
export function proofChecks(cell: CellResult, control: CellResult | null): Check[] {
  const { proof } = cell;
  const placed = proof === undefined ? cell.durationMs > 0 || cell.observed.status !== null : proof.startedAt !== null;
  const { status } = cell.observed;
  const checks: Check[] = [
    { holds: placed, what: 'The call was placed', seen: placed ? sentHeaders(proof) : 'no INVITE on record' },
    ...(placed
      ? [
          {
            holds: status !== null,
            what: 'It came to an end',
            seen: status === null ? 'no final response on record' : `final ${status}`,
          },
          ...(status === null ? [] : [endCheck(cell.observed, status)]),
        ]
      : []),
    ...controlCheck(cell, control),
    ...(proof === undefined || !placed ? [] : windowChecks(cell.observed, proof)),
    ...(proof === undefined || proof.troubles.length === 0
      ? []
      : [{ holds: false, what: 'The lab itself held', seen: proof.troubles.join('; ') }]),
    ...strayCheck(cell),
  ];
  const unexplained = cell.verdict === 'inconclusive' && checks.every(({ holds }) => holds !== false);
  if (!unexplained) return checks;
  return [...checks, { holds: false, what: 'Nothing else speaks against it', seen: cell.why ?? 'no reason on record' }];
}

/** Who took the call, or sent it away. */
function endCheck({ legs, outcome }: CellResult['observed'], status: number): Check {
  const what = 'Who ended it is on record';
  if (status >= 300 && status < 400 && outcome !== 'engaged') {
    return { holds: false, what, seen: `the caller was sent elsewhere (${status}) and did not follow` };
  }
  if (status >= 300) return { holds: true, what, seen: status === 487 ? 'the caller gave up' : 'it was refused' };
  const answered = legs.filter((leg) => leg.answered);
  return answered.length === 0
    ? { holds: outcome === 'engaged', what, seen: 'the caller was answered, and no leg on record answered' }
    : { holds: true, what, seen: `answered by ${answered.map((leg) => leg.role).join(' and ')}` };
}

/** What came to an endpoint and belongs to nobody's call may have been of this one. */
function strayCheck({ proof, verdict, observed }: CellResult): Check[] {
  const strays = proof?.strays ?? [];
  if (strays.length === 0) return [];
  const seen = strays.map(({ atMs, at, text }) => `${text} at ${at}, ${milliseconds(atMs)}`).join('; ');
  const matters = verdict === 'inconclusive' && observed.outcome !== 'engaged';
  return [{ holds: matters ? false : null, what: 'Everything at the endpoints belongs to a call', seen }];
}

function sentHeaders(proof: Proof | undefined): string {
  if (proof === undefined) return 'INVITE on record';
  if (proof.headersSent.length === 0) return 'INVITE on record, with no header of any variant';
  return `INVITE on record, with ${proof.headersSent.join(' and ')}`;
}

/** The control must do what the variant is to prevent. */
function controlCheck(cell: CellResult, control: CellResult | null): Check[] {
  const what = 'Without the header the feature takes the call';
  if (cell.control === null) {
    const held = cell.observed.outcome === 'engaged' || !['inconclusive', 'unsupported'].includes(cell.verdict);
    return [
      {
        holds: held,
        what: 'As a control, it shows the feature at work',
        seen: `${cell.observed.outcome}, final ${cell.observed.status ?? 'none'}`,
      },
    ];
  }
  if (control === null)
    return [
      {
        holds: cell.control.outcome === 'engaged',
        what,
        seen: `control ${cell.control.outcome}; its record is not in this report`,
      },
    ];
  const unsettled = control.verdict === 'inconclusive' || control.verdict === 'unsupported';
  const late = control.proof !== undefined && control.proof.lateMs > control.proof.slackMs;
  const holds = !unsettled || (late && control.observed.outcome === 'engaged');
  const seen = `control ${control.observed.outcome}, final ${control.observed.status ?? 'none'}`;
  return [
    {
      holds,
      what:
        control.observed.outcome === 'suppressed' && holds
          ? "Without the header the callee's own phone takes the call"
          : what,
      seen: holds ? seen : `${seen}: ${control.why ?? control.verdict}`,
    },
  ];
}

function windowChecks(observed: CellResult['observed'], proof: Proof): Check[] {
  const { canary, windowEndMs, windowClosedMs, lateMs, slackMs } = proof;
  const trap = TRAP_NAMES[canary.trap];
  // That a trap was reached needs no proof that it can be.
  const needed = observed.outcome === 'suppressed';
  const judged = (holds: boolean): boolean | null => (needed ? holds : null);
  return [
    {
      holds: judged(canary.before?.reachedMs != null),
      what: `A canary reached ${trap} before the call`,
      seen: canarySeen(canary.before, 'before'),
    },
    {
      holds: judged(windowClosedMs !== null),
      what: 'Absence was watched to the end',
      seen: `window of ${milliseconds(windowEndMs)}, ${windowClosedMs === null ? 'never closed' : `closed at ${milliseconds(windowClosedMs)}`}`,
    },
    {
      holds: judged(canary.after?.reachedMs != null),
      what: `A canary reached ${trap} after the window`,
      seen: canarySeen(canary.after, 'after'),
    },
    {
      holds: lateMs <= slackMs,
      what: 'The lab was in time',
      seen: `at most ${milliseconds(lateMs)} late, ${milliseconds(slackMs)} allowed`,
    },
  ];
}

function canarySeen(sighting: CanarySighting | null, side: 'before' | 'after'): string {
  if (sighting === null) return 'none was sent';
  if (sighting.reachedMs === null) return `sent at ${milliseconds(sighting.sentMs)}, never arrived`;
  const took = `${milliseconds(sighting.reachedMs - sighting.sentMs)} under way`;
  return side === 'before'
    ? `${milliseconds(-sighting.reachedMs)} before the INVITE, ${took}`
    : `at ${milliseconds(sighting.reachedMs)}, ${took}`;
}

/** `1,809 ms`. */
function milliseconds(ms: number): string {
  return `${Math.round(ms).toLocaleString('en-US')} ms`;
}
