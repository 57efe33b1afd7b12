import { calleePhone, PLAY_NAMES, playOf } from '../callee.ts';
import type { SippRunResult } from '../caller/sipp-run.ts';
import type { Observation } from '../model/observation.ts';
import type { HeaderVariant, PhoneBehaviour } from '../model/scenario.ts';
import type { Cell } from '../plan.ts';
import type { StartedUa } from '../ua/index.ts';
import { unplaced } from '../unplaced.ts';
import { blindSpots } from './blind-spots.ts';
import { callGroups, longestFirst, type PlacedCell } from './call-groups.ts';
import { type Canary, CanaryCaller, canaries, headerCanaries, timerCanary } from './canary.ts';
import { gather } from './gather.ts';
import { cellKey, domainOf, userName } from './identity.ts';
import { Lab } from './lab.ts';
import { serverTimersMs, type Trouble } from './observe.ts';
import { latenessNow } from './pace.ts';
import { placeCalls } from './place-calls.ts';
import { type Beat, optionsOf, Pulse, unansweredCall } from './pulse.ts';
import type { OpenSite } from './site.ts';
import { StallWatch } from './stall-watch.ts';
import { accountsFor } from './subscribers.ts';
import { readItem, type WireItem } from './wire-log.ts';

export interface RunOptions {
  readonly cells: readonly Cell[];
  /** All variants of the matrix: header fields of any of them are looked for in every INVITE. */
  readonly variants: readonly HeaderVariant[];
  /** Where the lab is to stand: `processSite(...)`, `dockerSite(...)`. */
  readonly openSite: OpenSite;
  /** An existing directory for this run's files. */
  readonly workDir: string;
  /** Names this run on the wire: 4 or more of a-z and 0-9, different for every run. */
  readonly token: string;
  /** Calls begun per second, over all callers, at most: the lab's lateness slows it. */
  readonly rate: number;
  readonly concurrency: number;
  /** What is added to the server's own timers before absence may be claimed. @default 1000 */
  readonly slackMs?: number;
  /** How long the voice mail greeting plays. @default 1000 */
  readonly greetingMs?: number;
  /** A round of canaries begins this often while calls are placed. @default 3000 */
  readonly canaryEveryMs?: number;
  /** How long one canary call may take. @default 4000 */
  readonly canaryTimeoutMs?: number;
  /** How long the user agent under test may take until its accounts are registered. @default 20000 */
  readonly uaReadyTimeoutMs?: number;
  readonly onProgress?: (progress: Progress) => void;
  /** The lab is up and no call is placed yet: for those who want to watch it, or to break it. */
  readonly onLab?: (lab: Lab) => void;
  /** Ends the run early; what is finished is kept. */
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly phase: 'lab' | 'phones' | 'canaries' | 'calls' | 'window' | 'reading';
  /** One short line. */
  readonly text: string;
  /** What has come of it so far, for a display that is drawn again and again. */
  readonly detail?: () => string;
  /** Of a step that takes its items at an even rate. */
  readonly pace?: { readonly total: number; readonly perSecond: number };
}

export interface RunOutcome {
  /** By cell id; one for every cell, placed or not. */
  readonly observations: ReadonlyMap<string, Observation>;
  readonly server: { readonly id: string; readonly name: string; readonly version: string };
  /** The user agent under test; null: the callees' phones are ours. */
  readonly ua: { readonly id: string; readonly name: string; readonly version: string } | null;
  /** Version of the caller. */
  readonly sipp: string;
  readonly ended: 'complete' | 'cancelled' | 'failed';
  readonly trouble: string | null;
  /** What a reader must know of how the evidence was had. */
  readonly warnings: readonly string[];
  /** From the start to everything up and connected. */
  readonly labReadyMs: number;
}

const TALK_PAST_GREETING_MS = 800;
/** How long the phone of the calls rings that the server's timers are watched by, and how often there is one. */
const TIMER_CANARY_MS = 200;
const TIMER_CANARY_EVERY_MS = 500;
/** By so much a timer that is in time may be long, the call's own way included: Kamailio's 200 ms took 286 to 314 (measured). */
const TIMER_LATE_MS = 150;
/** Node's timers may fire a millisecond early; a canary sent that early would close no window. */
const TIMER_EARLY_MS = 5;

/**
 * Places every call of the plan in one lab and reports what was seen. It judges nothing.
 *
 * @throws {LabError} when the lab does not come up. Once calls are being placed it does not throw: what went wrong
 * stands in `ended`, `trouble` and in the observations concerned.
 */
export async function runCells(options: RunOptions): Promise<RunOutcome> {
  const { slackMs = 1000, greetingMs = 1000, canaryEveryMs = 3000, canaryTimeoutMs = 4000, signal, token } = options;
  const say = options.onProgress ?? (() => {});
  const begun = performance.now();
  const troubles: Trouble[] = [];

  const behaviours = new Map<string, PhoneBehaviour>();
  const canaryPhones = new Set<string>();
  const behaviourOf = (user: string): PhoneBehaviour =>
    behaviours.get(user) ?? (canaryPhones.has(user) ? 'answer' : 'ring');
  say({ phase: 'lab', text: 'starting the server under test, phones and voice mail' });
  await using lab = await Lab.start({
    openSite: options.openSite,
    greetingMs,
    behaviourOf,
    uaReadyTimeoutMs: options.uaReadyTimeoutMs,
    onTrouble: (text, users) => troubles.push({ text, users, atEpochMs: performance.timeOrigin + performance.now() }),
  });
  const labReadyMs = performance.now() - begun;
  options.onLab?.(lab);

  const unplayable = unplayableCells(options.cells, lab.ua);
  const unplayableIds = new Set(unplayable.map(({ cell }) => cell));
  const playable = options.cells.filter(({ id }) => !unplayableIds.has(id));
  const placed = longestFirst(playable).map((cell, index): PlacedCell => ({ cell, key: cellKey(token, index) }));
  for (const { cell, key } of placed) behaviours.set(userName('alice', key), calleePhone(cell.scenario));
  const policies = [...new Set(options.cells.map((cell) => cell.policy))];
  const rounds: Canary[] = canaries(token, policies);
  const withHeaders = headerCanaries(token, options.cells, rounds.length);
  // One policy will do: they share the server's clock.
  const timed = timerCanary(token, policies[0] ?? 'plain', rounds.length + withHeaders.length, TIMER_CANARY_MS);
  const birds = [...rounds, ...withHeaders, timed];
  for (const { key, trap } of birds) if (trap === 'phone') canaryPhones.add(userName('alice', key));
  const password = crypto.randomUUID();
  const accounts = [
    ...placed.map(({ cell, key }) => ({
      key,
      policy: cell.policy,
      settings: cell.scenario.subscriber,
      callee: cell.scenario.callee,
    })),
    ...birds.map(({ key, policy, settings }) => ({ key, policy, settings, callee: 'ring' as const })),
  ].map((account) => accountsFor({ ...account, password, outside: lab.outside }));
  const phones = accounts.flatMap((each) => each.phones);
  say({ phase: 'phones', text: `provisioning ${accounts.length} subscribers, registering ${phones.length} phones` });
  await lab.server.provision(accounts.flatMap((each) => each.subscribers));
  // Canaries are the lab's own calls: their phones are always ours.
  const isForUa = ({ role, user }: (typeof phones)[number]): boolean =>
    lab.ua !== null && role === 'phone' && behaviours.has(user);
  const [unready, ...refused] = await Promise.all([
    lab.ua?.register(phones.filter(isForUa), behaviourOf) ?? new Map<string, string>(),
    ...(['phone', 'team', 'delegate'] as const).map((role) =>
      lab.banks[role].register(
        phones.filter((phone) => phone.role === role && !isForUa(phone)),
        lab.server.sip,
      ),
    ),
  ]);
  for (const [text, users] of Map.groupBy(unready.keys(), (user) => unready.get(user) ?? '')) {
    troubles.push({ text, users: new Set(users), atEpochMs: 0 });
  }
  const unregistered = new Map(refused.flatMap((each) => [...each]));
  const blind = await blindSpots(lab, [...new Set(options.cells.map((cell) => cell.variant))]);

  const caller = new CanaryCaller({
    endpoint: lab.canaryEndpoint,
    server: lab.server.sip,
    voicemail: lab.voicemail,
    canaries: rounds,
    timeoutMs: canaryTimeoutMs,
  });
  say({ phase: 'canaries', text: `${birds.length} canaries` });
  const { canaryEndpoint, server } = lab;
  const timedAor = `sip:${userName('alice', timed.key)}@${domainOf(timed.policy)}`;
  const [pulse, timers, headerCalls] = await Promise.all([
    Pulse.start({ ask: optionsOf(canaryEndpoint, server.sip) }),
    Pulse.start({
      ask: unansweredCall(canaryEndpoint, server.sip, timedAor),
      takesMs: TIMER_CANARY_MS + TIMER_LATE_MS,
      everyMs: TIMER_CANARY_EVERY_MS,
      firstWithinMs: canaryTimeoutMs,
    }),
    caller.once(withHeaders),
    caller.round(),
  ]);

  // From here on nothing throws but a caller that cannot even be started: calls are evidence, and evidence is kept.
  const stop = new AbortController();
  signal?.addEventListener('abort', () => stop.abort(), { once: true });
  if (signal?.aborted) stop.abort();
  let serverGone: string | null = null;
  let over = false;
  void lab.server.exited.then((how) => {
    if (over) return;
    serverGone = `the server under test ended during the run: ${how}`;
    stop.abort();
  });
  const stalls = new StallWatch(slackMs);
  const everyRound = setInterval(() => void caller.round(), canaryEveryMs);
  const groups = callGroups(placed, { token, slackMs, talkMs: greetingMs + TALK_PAST_GREETING_MS });
  let traces: SippRunResult[];
  try {
    say({
      phase: 'calls',
      text: 'placing calls',
      pace: { total: placed.length, perSecond: options.rate },
      detail: () => `${lab.wire.size} messages seen by phones and voice mail`,
    });
    const beatsSoFar = (): Beat[] => [pulse, timers].flatMap((each) => each?.beats.slice(-8) ?? []);
    traces = await placeCalls(groups, {
      ...options,
      site: lab.site,
      server: lab.server.sip,
      lateMs: () => latenessNow(beatsSoFar(), performance.timeOrigin + performance.now()),
      signal: stop.signal,
    });
    clearInterval(everyRound);
    if (!stop.signal.aborted) {
      say({ phase: 'window', text: 'waiting out the last window, then the last canaries' });
      await until(lastWindowEndEpochMs(placed, traces, slackMs) + TIMER_EARLY_MS, stop.signal);
      await caller.freshRound();
    }
  } finally {
    clearInterval(everyRound);
    stalls.stop();
    pulse?.stop();
    timers?.stop();
  }
  over = true;
  await lab.stop();

  say({ phase: 'reading', text: 'reading what was seen' });
  const observations = gather({
    placed,
    variants: options.variants,
    token,
    slackMs,
    items: [...traces.flatMap(atCaller), ...lab.wire.read()],
    filed: lab.voicemail.mailboxes(),
    canaryCalls: caller.calls,
    headerCalls,
    groups: groups.map(({ calls }, index) => ({
      keys: calls.map(({ key }) => key),
      trouble: traces[index]?.trouble ?? null,
      clockTrouble: traces[index]?.clockTrouble ?? null,
      thrown: traces[index]?.thrown ?? [],
    })),
    unregistered,
    blind,
    stalls: stalls.stop(),
    beats: [...(pulse?.beats ?? []), ...(timers?.beats ?? [])],
    troubles,
  });
  const { id, name, version } = lab.server;
  return {
    observations: new Map([...observations, ...unplayable].map((seen) => [seen.cell, seen])),
    server: { id, name, version },
    ua: lab.ua && { id: lab.ua.id, name: lab.ua.name, version: lab.ua.version },
    sipp: lab.site.sippVersion,
    ended: signal?.aborted ? 'cancelled' : serverGone !== null ? 'failed' : 'complete',
    trouble: serverGone,
    warnings: [...recordWarnings(lab), ...pulseWarnings(pulse, timers)],
    labReadyMs,
  };
}

function recordWarnings({ tapped, site }: Lab): string[] {
  if (tapped.length === 0) return [];
  const record = `the record of ${tapped.join(', ')} is what the drachtio server there tells its application`;
  return [
    `${record}: what that server does by itself is not in it (100 Trying, 487 and the 200 to a CANCEL, ACKs of refusals, retransmissions)`,
    ...(site.askOptions === undefined ? [`${record}: whether it shows calls with every header was not tried`] : []),
  ];
}

function pulseWarnings(pulse: Pulse | null, timers: Pulse | null): string[] {
  const between = 'between two rounds of canaries is not known';
  return [
    ...(pulse === null ? [`the server did not answer OPTIONS: whether it stood still ${between}`] : []),
    ...(timers === null
      ? [`a call that nobody answers did not get to voice mail: whether the server's timers were late ${between}`]
      : []),
  ];
}

function atCaller({ messages }: SippRunResult): WireItem[] {
  return messages.map((each) =>
    readItem('caller', each.direction === 'sent' ? 'out' : 'in', each.atEpochMs, each.bytes),
  );
}

function unplayableCells(cells: readonly Cell[], ua: StartedUa | null): Observation[] {
  if (ua === null) return [];
  return cells.flatMap((cell) => {
    const play = playOf(calleePhone(cell.scenario));
    if (play === null || ua.plays.has(play)) return [];
    return [unplaced(cell, { unplayable: `${ua.name} ${ua.version} cannot ${PLAY_NAMES[play]}`, troubles: [] })];
  });
}

/**
 * Every caller has ended, so every call has; the last began and ended before now. A caller's clock that runs ahead must
 * not make the run wait for it.
 */
function lastWindowEndEpochMs(
  placed: readonly PlacedCell[],
  traces: readonly SippRunResult[],
  slackMs: number,
): number {
  const lastEpochMs = Math.max(0, ...traces.map(({ messages }) => messages.at(-1)?.atEpochMs ?? 0));
  const timersMs = Math.max(0, ...placed.map(({ cell }) => serverTimersMs(cell.scenario.subscriber.waits)));
  return Math.min(lastEpochMs, performance.timeOrigin + performance.now()) + timersMs + slackMs;
}

/** The window is time that must pass; an abort ends it early. */
async function until(epochMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, epochMs - performance.timeOrigin - performance.now()));
    const endNow = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', endNow, { once: true });
  });
}
