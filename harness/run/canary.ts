import type { HeaderVariant, PhoneBehaviour, PolicyId, SubscriberSettings, Trap } from '../model/scenario.ts';
import { TRAPS } from '../model/words.ts';
import type { AskedServer } from '../servers/server.ts';
import { canaryKey } from './identity.ts';
import type { Lodger } from './lodger.ts';

/**
 * A canary proves that a trap is alive, through the same server: a call without any variant header to a subscriber
 * whose rules lead straight to that trap.
 */
export interface Canary extends Lodger {
  /** `phone`: the callee's own, which answers at once. That a phone stayed silent proves nothing while it may be dead. */
  readonly trap: Trap | 'phone';
  readonly settings: SubscriberSettings;
  /** What its own phone does. */
  readonly callee: PhoneBehaviour;
}

/** A canary to a phone with the header of a variant: what carries it gets through the lab and the server at all. */
export interface HeaderCanary extends Canary {
  readonly trap: 'phone';
  readonly variant: string;
  /** Name to value. */
  readonly headers: Readonly<Record<string, string>>;
}

const SOON = { totalMs: 2000, userMs: 100, team2Ms: 2000 };

const REACHED: readonly Canary['trap'][] = [...TRAPS, 'phone'];

/** How long the server takes to the trap when it is in time: by the rules that lead there, and what the phone does. */
export function wayMs({ trap, settings, callee }: Pick<Canary, 'trap' | 'settings' | 'callee'>): number {
  const { flags, waits } = settings;
  switch (trap) {
    case 'voicemail':
    case 'forward-target':
      return callee !== 'ring' || flags.includes('forward_immediate') ? 0 : waits.totalMs;
    case 'team':
    case 'delegate':
      return waits.userMs;
    default:
      return 0;
  }
}

/** One for each policy and trap that the server has a way to. */
export function canaries(token: string, policies: readonly PolicyId[], server: AskedServer): Canary[] {
  const ways = REACHED.flatMap((trap) => {
    const subscriber = subscriberOf(trap, server);
    return subscriber === null ? [] : [{ trap, ...subscriber }];
  });
  return policies.flatMap((policy, row) =>
    ways.map((way, column) => ({ key: canaryKey(token, row * ways.length + column), policy, ...way })),
  );
}

/**
 * One for each policy and variant that has headers. A variant whose lines another caller cannot write as header fields (no
 * colon, one name twice) has none.
 *
 * @param firstIndex the number of canaries that there are already
 */
export function headerCanaries(
  token: string,
  calls: readonly { readonly policy: PolicyId; readonly variant: HeaderVariant }[],
  firstIndex: number,
  server: AskedServer,
): HeaderCanary[] {
  const subscriber = subscriberOf('phone', server);
  if (subscriber === null) return [];
  const wanted = new Map(calls.map((call) => [`${call.policy} ${call.variant.id}`, call]));
  const carried = [...wanted.values()].flatMap(({ policy, variant }) => {
    const headers = writable(variant);
    return headers === null ? [] : [{ policy, variant: variant.id, headers }];
  });
  // Numbered without gaps, so that the next canary's number is free.
  return carried.map((each, index) => ({
    ...each,
    key: canaryKey(token, firstIndex + index),
    trap: 'phone',
    ...subscriber,
  }));
}

/**
 * The subscriber that the server's timers are watched by: voice mail, when its phone has not been answered for `waitMs`, or for
 * as long as this server always waits.
 *
 * @param index the number of canaries that there are already
 */
export function timerCanary(
  token: string,
  { policy, index, waitMs }: { readonly policy: PolicyId; readonly index: number; readonly waitMs: number },
  server: AskedServer,
): Canary {
  const waits = server.waits({ ...SOON, totalMs: waitMs });
  const settings = { flags: [], lists: [], waits, voicemail: true, doNotDisturb: false };
  return { key: canaryKey(token, index), policy, trap: 'voicemail', settings, callee: 'ring' };
}

function subscriberOf(trap: Canary['trap'], server: AskedServer): Pick<Canary, 'settings' | 'callee'> | null {
  const way = server.wayTo(trap);
  if (way === null) return null;
  const settings = { ...way.rules, waits: server.waits(SOON), voicemail: true, doNotDisturb: false };
  return { settings, callee: way.phone };
}

function writable({ headers }: HeaderVariant): Record<string, string> | null {
  if (headers.length === 0) return null;
  const fields = headers.map((field) => {
    if (typeof field !== 'string') return [field.name, field.value] as const;
    const colon = field.indexOf(':');
    return [field.slice(0, Math.max(0, colon)).trim(), field.slice(colon + 1).trim()] as const;
  });
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  return names.size === fields.length && !names.has('') ? Object.fromEntries(fields) : null;
}
