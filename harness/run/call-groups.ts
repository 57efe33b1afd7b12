import type { CallPlan } from '../callers/caller.ts';
import type { AccountSet } from '../model/accounts.ts';
import type { Scenario } from '../model/scenario.ts';
import { HANG_UP_AFTER_RINGING_MS, type Path, type Transport } from '../model/words.ts';
import type { Cell } from '../plan/plan.ts';
import type { CallKey } from './identity.ts';
import { serverTimersMs } from './observe.ts';

/** A cell with its identity on the wire. */
export interface PlacedCell {
  readonly cell: Cell;
  readonly key: CallKey;
  /** The accounts that it was lent; absent where they are made for it, under names that have its key. */
  readonly lent?: AccountSet;
}

/** The calls of one task of the caller: they go alike. */
export interface CallGroup {
  /** Of the folder with what the caller read and wrote. */
  readonly name: string;
  readonly plan: CallPlan;
  readonly transport: Transport;
  readonly path: Path;
  readonly calls: readonly PlacedCell[];
  /** They are controls. */
  readonly control: boolean;
}

/** How long the voice mail greeting plays where nobody says otherwise. */
export const GREETING_MS = 1000;
export const TALK_PAST_GREETING_MS = 500;
/** How long a call lasts that voice mail takes. */
export const TALK_MS = GREETING_MS + TALK_PAST_GREETING_MS;

/**
 * By rule of thumb: from a call's INVITE to the end of its window. A phone that rings on makes a caller wait out all of the
 * server's timers, and then hang up; one who is answered talks.
 */
export function windowMs({ subscriber, callee, caller, dials }: Scenario, slackMs = 1000): number {
  const timersMs = serverTimersMs(subscriber.waits);
  if (caller === 'hang-up-while-ringing') return timersMs + slackMs;
  const ringsOn = callee === 'ring' && (dials ?? 'aor') === 'aor';
  return (ringsOn ? timersMs + slackMs : Math.max(timersMs, TALK_MS)) + slackMs;
}

/**
 * How long a caller waits for an answer: longer than the server may take for all its waits, so that it is never the caller who
 * ends the question. How long one waits that nobody here has set up is hearsay, and a header may as well slow it down as stop
 * it: there, twice as long.
 */
export function patienceMs({ subscriber }: Scenario, slackMs: number, isForeign: boolean): number {
  return serverTimersMs(subscriber.waits) * (isForeign ? 2 : 1) + slackMs;
}

/** What an application takes beside the callee's server: whoever it goes round to answers it when he is called again. */
function servedMs({ application }: Cell['scenario'], slackMs: number): number {
  if (application === undefined) return 0;
  return application.alertMs * (application.roundRobin === true ? 2 : 1) + slackMs;
}

const isControl = ({ variant }: Cell): boolean => variant.kind === 'control';

export function callGroups(
  placed: readonly PlacedCell[],
  timing: Pick<CallPlan, 'token' | 'talkMs' | 'speaks'> & { readonly slackMs: number; readonly isForeign: boolean },
  /** How many there have been in this run. */
  before = 0,
  /** Controls are placed by another caller. */
  apart = false,
): CallGroup[] {
  const planOf = ({ scenario, variant }: Cell): Omit<CallPlan, 'token'> => ({
    // Where an application does what the situation says of the caller, the customer waits, and talks to whoever answers.
    caller: scenario.application === undefined ? scenario.caller : 'patient',
    uriParameters: scenario.dials === 'voice-mail-gruu' ? ';opaque=app:voicemail' : '',
    patienceMs: patienceMs(scenario, timing.slackMs, timing.isForeign) + servedMs(scenario, timing.slackMs),
    hangUpAfterRingingMs: HANG_UP_AFTER_RINGING_MS,
    talkMs: timing.talkMs,
    ...(timing.speaks === true && { speaks: true as const }),
    ...(variant.onCancel !== undefined && { cancelLines: variant.onCancel }),
  });
  const groups = Map.groupBy(placed, ({ cell }) =>
    JSON.stringify([planOf(cell), cell.transport, cell.path, apart && isControl(cell)]),
  );
  return [...groups.values()].flatMap((calls, index) => {
    const [first] = calls;
    if (first === undefined) return [];
    // Callers count Call-IDs and branches within a task, so each needs a name of its own.
    const number = before + index + 1;
    const plan = { ...planOf(first.cell), token: `${timing.token}g${number}` };
    return [
      {
        name: `caller-${number}-${plan.caller}`,
        plan,
        transport: first.cell.transport,
        path: first.cell.path,
        calls,
        control: apart && isControl(first.cell),
      },
    ];
  });
}
