/** How many calls a run on lent accounts places, how many at once, and how long it takes when nothing is late. Pure. */
import { counted } from '../counted.ts';
import type { Lender } from '../model/accounts.ts';
import type { Cell } from '../plan/plan.ts';
import type { AskedServer } from '../servers/server.ts';
import { type PlacedCell, patienceMs } from './call-groups.ts';
import { type Canary, wayMs } from './canary.ts';
import { cellKey } from './identity.ts';
import { canaryLack, lentFlock } from './lent-flock.ts';
import { Lodging } from './lodging.ts';
import { serverTimersMs } from './observe.ts';
import { flockFor } from './witness.ts';

export interface Forecast {
  /** Cells that are called. */
  readonly calls: number;
  /** Of canaries. */
  readonly canaryCalls: number;
  /** Calls of cells that are under way together, at most. */
  readonly atOnce: number;
  readonly durationMs: number;
  /** Why how many cells are not called. */
  readonly unsupported: ReadonlyMap<string, number>;
}

export interface ForecastInput {
  readonly cells: readonly Cell[];
  readonly server: AskedServer;
  /** It is used up: the run needs another. */
  readonly lender: Lender;
  readonly callsPerSecond: number;
  readonly slackMs: number;
  /** How long a call lasts that voice mail takes. */
  readonly talkMs: number;
}

/** SIPp's start, registrations and the like, of each wave. */
const WAVE_MS = 300;

export function forecast(input: ForecastInput): Forecast {
  const { cells, server, lender, callsPerSecond } = input;
  const everyMs = 1000 / callsPerSecond;
  const lodging = new Lodging(lender);
  const { flock, lacking } = lentFlock(flockFor('plan', cells, server), cells, { server, lodging });
  const unsupported = new Map<string, number>();
  const playable = cells.filter((cell) => {
    const why = server.lacks(cell.scenario) ?? lodging.lacks(cell) ?? canaryLack(cell, lacking);
    if (why !== null) unsupported.set(why, (unsupported.get(why) ?? 0) + 1);
    return why === null;
  });
  const inner = server.innerVoicemail;
  const talkMs = inner?.talkMs ?? input.talkMs;
  const canaryMs = (canary: Canary): number =>
    wayMs(canary) + (inner !== undefined && canary.trap === 'voicemail' ? inner.talkMs : 0);
  const roundMs = flock.rounds.length * everyMs + Math.max(0, ...flock.rounds.map(canaryMs));
  const beginMs = (flock.withHeaders.length + (flock.timed === null ? 0 : 1)) * everyMs + roundMs;
  const { endMs, atOnce, rounds } = waves(playable, lodging, {
    ...input,
    isForeign: server.isForeign === true,
    talkMs,
    everyMs,
    roundMs,
    beginMs,
  });
  return {
    calls: playable.length,
    canaryCalls: flock.withHeaders.length + flock.rounds.length * (rounds + 1),
    atOnce,
    durationMs: playable.length === 0 ? 0 : endMs,
    unsupported,
  };
}

interface Timing extends Pick<ForecastInput, 'slackMs' | 'talkMs'> {
  readonly isForeign: boolean;
  readonly everyMs: number;
  readonly roundMs: number;
  readonly beginMs: number;
}

/** As a run goes: whatever has accounts is called, and a wave's accounts come back when a round has closed its windows. */
function waves(
  cells: readonly Cell[],
  lodging: Lodging,
  { slackMs, talkMs, isForeign, everyMs, roundMs, beginMs }: Timing,
): { readonly endMs: number; readonly atOnce: number; readonly rounds: number } {
  let left: readonly PlacedCell[] = cells.map((cell, index) => ({ cell, key: cellKey('plan', index) }));
  const open: { readonly placed: readonly PlacedCell[]; readonly closedMs: number }[] = [];
  let [nowMs, atOnce, rounds, turnMs] = [beginMs, 0, 0, beginMs];
  while (left.length > 0 || open.length > 0) {
    const placed = lodging.borrow(left);
    if (placed.length > 0) {
      const keys = new Set(placed.map(({ key }) => key));
      left = left.filter(({ key }) => !keys.has(key));
      turnMs = Math.max(turnMs, nowMs) + placed.length * everyMs;
      const windows = placed.map(({ cell }) => callMs(cell, { talkMs, slackMs, isForeign }) + slackMs);
      open.push({ placed, closedMs: turnMs + Math.max(...windows) + roundMs + WAVE_MS });
      rounds += 1;
      atOnce = Math.max(
        atOnce,
        open.reduce((sum, wave) => sum + wave.placed.length, 0),
      );
      continue;
    }
    open.sort((a, b) => a.closedMs - b.closedMs);
    const first = open.shift();
    if (first === undefined) break; // no account will ever do: it is unsupported
    lodging.giveBack(first.placed);
    nowMs = first.closedMs;
  }
  return { endMs: nowMs, atOnce, rounds };
}

/** Voice mail takes it, or a header that is said to keeps it out, and a phone rings until the caller gives up. */
function callMs(
  { scenario, variant }: Cell,
  { talkMs, slackMs, isForeign }: Pick<Timing, 'talkMs' | 'slackMs' | 'isForeign'>,
): number {
  const timersMs = serverTimersMs(scenario.subscriber.waits);
  if (scenario.callee !== 'ring') return timersMs;
  const divertedMs = timersMs + talkMs;
  return variant.kind === 'inhibitor' ? Math.max(divertedMs, patienceMs(scenario, slackMs, isForeign)) : divertedMs;
}

/** For people, one sentence. */
export function forecastText({ calls, canaryCalls, atOnce, durationMs, unsupported }: Forecast): string {
  const unasked = [...unsupported.values()].reduce((sum, each) => sum + each, 0);
  const beside = unasked === 0 ? '' : `; ${counted(unasked, 'cell')} cannot be asked`;
  return `${counted(calls, 'call')} and about ${canaryCalls} of canaries, at most ${atOnce} at once, about ${spanText(durationMs)}${beside}`;
}

function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
