/**
 * Who can say that the lab was alive and in time while a call was under way: canaries, the server's pulse, a call that is
 * left to the server's timers, and this process's own clock.
 */

import type { HeaderVariant, PhoneBehaviour, PolicyId, SubscriberSettings } from '../model/scenario.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { nowEpochMs } from '../now.ts';
import type { AskedServer } from '../servers/server.ts';
import { type Canary, canaries, type HeaderCanary, headerCanaries, timerCanary } from './canary.ts';
import { type CanaryCall, CanaryCaller } from './canary-caller.ts';
import { InnerMailbox } from './inner-mailbox.ts';
import type { Lab } from './lab.ts';
import { calleeOf, type Lodger } from './lodger.ts';
import type { Lodging } from './lodging.ts';
import { latenessNow } from './pace.ts';
import { type Beat, optionsOf, Pulse, unansweredCall } from './pulse.ts';
import { type Stall, StallWatch } from './stall-watch.ts';
import type { Turnstile } from './turnstile.ts';

/** How long the phone of the calls is to ring that the server's timers are watched by, and how often there is one. */
const TIMER_CANARY_MS = 200;
const TIMER_CANARY_EVERY_MS = 500;
/** A server that somebody else runs is asked less often. */
const TIMER_CANARY_OF_OTHERS_MS = 10_000;
const PULSE_OF_OTHERS_MS = 1_000;
/** By so much a timer that is in time may be long, the call's own way included: Kamailio's 200 ms took 286 to 314 (measured). */
const TIMER_LATE_MS = 150;
/** Of the latest beats, the ones that tell of this moment. */
const LATEST_BEATS = 8;

/** Subscribers that canaries call. */
export interface Flock {
  readonly rounds: readonly Canary[];
  readonly withHeaders: readonly HeaderCanary[];
  /** The server sends calls to voice mail that nobody answers: its timers can be watched. */
  readonly hasTimers: boolean;
  /** null: the server has no account for it, or no timers. */
  readonly timed: Canary | null;
}

/** @param calls one of each policy and variant will do */
export function flockFor(
  token: string,
  calls: readonly { readonly policy: PolicyId; readonly variant: HeaderVariant }[],
  server: AskedServer,
): Flock {
  const policies = [...new Set(calls.map(({ policy }) => policy))];
  const rounds = canaries(token, policies, server);
  const withHeaders = headerCanaries(token, calls, rounds.length, server);
  // One policy will do: they share the server's clock.
  const policy = policies[0] ?? 'plain';
  const index = rounds.length + withHeaders.length;
  const hasTimers = server.wayTo('voicemail') !== null;
  const timed = hasTimers ? timerCanary(token, { policy, index, waitMs: TIMER_CANARY_MS }, server) : null;
  return { rounds, withHeaders, hasTimers, timed };
}

/** What a canary's subscriber needs: an account, and a phone of ours. */
export function flockAccounts({ rounds, withHeaders, timed }: Flock): (Lodger & {
  readonly settings: SubscriberSettings;
  readonly callee: PhoneBehaviour;
})[] {
  // One that was lent an account shares it with the phone's canary of the rounds.
  const own = withHeaders.filter(({ lent }) => lent === undefined);
  return [...rounds, ...own, ...(timed === null ? [] : [timed])].map(({ key, policy, lent, settings, callee }) => ({
    key,
    policy,
    lent,
    settings,
    callee,
  }));
}

/** Users whose phones answer at once. */
export function phonesOfCanaries({ rounds, withHeaders }: Flock): Set<string> {
  const phones = [...rounds, ...withHeaders].filter(({ callee }) => callee === 'answer');
  return new Set(phones.map((canary) => calleeOf(canary).user));
}

export interface WitnessOptions {
  readonly slackMs: number;
  /** A round of canaries begins this often. */
  readonly everyMs: number;
  /** How long one canary call may take. */
  readonly timeoutMs: number;
  /** Where the server lends its accounts. */
  readonly lodging: Lodging | null;
  /** Where calls may not begin as they like. @default null */
  readonly turnstile?: Turnstile | null;
  /** Where voice mail is inside of the server. @default it is ours */
  readonly inner?: InnerVoicemailWord | undefined;
}

/** What was witnessed since the last that nobody asks for any more. */
export interface Testimony {
  readonly canaryCalls: readonly CanaryCall[];
  readonly headerCalls: readonly CanaryCall[];
  readonly stalls: readonly Stall[];
  readonly beats: readonly Beat[];
}

export class Witness {
  readonly #caller: CanaryCaller;
  readonly #mailbox: InnerMailbox | undefined;
  readonly #headerCalls: readonly CanaryCall[];
  readonly #pulse: Pulse | null;
  readonly #timers: Pulse | null;
  readonly #hasTimers: boolean;
  readonly #isTimed: boolean;
  readonly #stalls: StallWatch;
  readonly #rounds: NodeJS.Timeout;

  private constructor(
    parts: {
      caller: CanaryCaller;
      mailbox: InnerMailbox | undefined;
      headerCalls: readonly CanaryCall[];
      pulse: Pulse | null;
      timers: Pulse | null;
      hasTimers: boolean;
      isTimed: boolean;
    },
    { slackMs, everyMs }: WitnessOptions,
  ) {
    this.#caller = parts.caller;
    this.#mailbox = parts.mailbox;
    this.#headerCalls = parts.headerCalls;
    this.#pulse = parts.pulse;
    this.#timers = parts.timers;
    this.#hasTimers = parts.hasTimers;
    this.#isTimed = parts.isTimed;
    this.#stalls = new StallWatch(slackMs);
    this.#rounds = setInterval(() => void this.#caller.round(), everyMs);
  }

  /** Settles when the first round is over, every header has been tried, and the server's pulse has been felt or not. */
  static async start(lab: Lab, flock: Flock, options: WitnessOptions): Promise<Witness> {
    const { canaryEndpoint, server, voicemail } = lab;
    const { timeoutMs, lodging, turnstile, inner } = options;
    const { manners } = server;
    const mailbox = inner === undefined ? undefined : innerMailbox(lab, inner);
    const caller = new CanaryCaller({
      endpoint: canaryEndpoint,
      server: server.sip,
      credentials: server.callers,
      from: manners?.caller,
      turnstile,
      voicemail,
      inner: mailbox,
      canaries: flock.rounds,
      timeoutMs,
    });
    const [pulse, timers, headerCalls] = await Promise.all([
      Pulse.start({
        ask: optionsOf(canaryEndpoint, server.sip, manners?.caller),
        ...(manners && { everyMs: PULSE_OF_OTHERS_MS }),
      }),
      flock.timed === null ? null : timerPulse(lab, flock.timed, options),
      lodging === null
        ? Promise.all([caller.once(flock.withHeaders), caller.round()]).then(([calls]) => calls)
        : inLentAccounts(caller, flock, lodging),
    ]);
    return new Witness(
      { caller, mailbox, headerCalls, pulse, timers, hasTimers: flock.hasTimers, isTimed: flock.timed !== null },
      options,
    );
  }

  /** How late the lab is at this moment: the server, and whoever the canaries call. */
  lateMs(): number {
    const latest = [this.#pulse, this.#timers].flatMap((each) => each?.beats.slice(-LATEST_BEATS) ?? []);
    return latenessNow([...latest, ...this.#caller.beats], nowEpochMs());
  }

  /** A round of canaries that begins after this moment; settles when it is over. */
  async freshRound(): Promise<void> {
    await this.#caller.freshRound();
  }

  /** The longest that it took until a canary's message was counted; 0 where none was. */
  slowestCountMs(): number {
    const tookMs = this.#caller.calls.flatMap(({ answer }) =>
      (answer?.rises ?? []).map(({ atEpochMs }) => atEpochMs - (answer?.endedEpochMs ?? atEpochMs)),
    );
    return Math.max(0, ...tookMs);
  }

  testimony(): Testimony {
    return {
      canaryCalls: this.#caller.calls,
      headerCalls: this.#headerCalls,
      stalls: this.#stalls.stalls,
      beats: [...(this.#pulse?.beats ?? []), ...(this.#timers?.beats ?? [])],
    };
  }

  /**
   * Calls that begin from that moment on are all that anybody will ask about. Each canary's last call before them is kept.
   *
   * @returns when the oldest began that is kept
   */
  forget(beforeEpochMs: number): number {
    const ofEach = Map.groupBy(this.#caller.calls, ({ canary }) => canary.key).values();
    const kept = [...ofEach].flatMap((own) => {
      const last = own.findLastIndex(({ doneEpochMs }) => doneEpochMs <= beforeEpochMs);
      return own.slice(Math.max(0, last));
    });
    this.#caller.calls = kept.toSorted((a, b) => a.sentEpochMs - b.sentEpochMs);
    const oldestEpochMs = Math.min(beforeEpochMs, ...kept.map(({ sentEpochMs }) => sentEpochMs));
    this.#pulse?.forget(oldestEpochMs);
    this.#timers?.forget(oldestEpochMs);
    this.#stalls.forget(oldestEpochMs);
    return oldestEpochMs;
  }

  /** What a reader must know of how the evidence was had. */
  warnings(): string[] {
    const between = 'between two rounds of canaries is not known';
    return [
      ...(this.#mailbox?.warnings() ?? []),
      ...(this.#pulse === null ? [`the server did not answer OPTIONS: whether it stood still ${between}`] : []),
      ...(this.#hasTimers && this.#timers === null
        ? [
            this.#isTimed
              ? `a call that nobody answers did not get to voice mail: whether the server's timers were late ${between}`
              : `the server has no account to spare for a call that nobody answers: whether its timers were late ${between}`,
          ]
        : []),
    ];
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#rounds);
    this.#stalls.stop();
    this.#pulse?.stop();
    this.#timers?.stop();
  }
}

function innerMailbox(lab: Lab, inner: InnerVoicemailWord): InnerMailbox {
  return new InnerMailbox({
    ...inner,
    host: lab.canaryEndpoint.sip.host,
    counts: lab.counts,
    look: (users) => lab.lookIntoMailboxes(users),
  });
}

function timerPulse(
  { canaryEndpoint, server }: Lab,
  timed: Canary,
  { timeoutMs, turnstile }: WitnessOptions,
): Promise<Pulse | null> {
  const { user, domain } = calleeOf(timed);
  const takesMs = timed.settings.waits.totalMs + TIMER_LATE_MS;
  return Pulse.start({
    ask: unansweredCall(canaryEndpoint, server.sip, `sip:${user}@${domain}`, {
      credentials: server.callers,
      from: server.manners?.caller,
    }),
    turnstile,
    takesMs,
    // Somebody's phone may not be made to ring for several calls at once.
    everyMs:
      timed.lent === undefined
        ? TIMER_CANARY_EVERY_MS
        : takesMs + (server.manners === undefined ? TIMER_CANARY_EVERY_MS : TIMER_CANARY_OF_OTHERS_MS),
    firstWithinMs: timeoutMs,
  });
}

/** The headers are tried one after the other with the account of the canary to a phone, before that has its own turn. */
async function inLentAccounts(caller: CanaryCaller, flock: Flock, lodging: Lodging): Promise<CanaryCall[]> {
  const enter = ({ key, lent }: Canary): void => {
    if (lent !== undefined) lodging.enter(key, lent);
  };
  const calls = await caller.inTurn(flock.withHeaders, { enter, leave: ({ key }) => lodging.leave(key) });
  for (const canary of flock.rounds) enter(canary);
  if (flock.timed !== null) enter(flock.timed);
  await caller.round();
  return calls;
}
