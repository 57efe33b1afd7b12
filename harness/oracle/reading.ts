import type { Trap } from '../model/scenario.ts';
import { type Statement, TRAPS } from '../model/words.ts';
import { combineFeature, combinePoint, type FeatureSays, OPEN, type Saying } from './saying.ts';

/** What can be told apart about a call whose phone rings until somebody gives up: who else was to be tried. */
export const UNANSWERED = ['alone', 'simultaneous-ring', 'team', 'delegates'] as const;
export type Unanswered = (typeof UNANSWERED)[number];

/** Of a server that knows the headers. */
export type KnowingPolicy = Exclude<Statement, 'plain'>;

export type CalleeSays = 'rings' | 'silent';

/** What one header, or all headers of a request together, do to a call under one policy. */
export interface Reading {
  /** The request is to be refused outright with one of these. */
  readonly refused: Saying<readonly number[]>;
  /** What becomes of each trap. `missed-call-inbox`: of the missed call that the server itself reports. */
  readonly features: Readonly<Record<Trap, Saying<FeatureSays>>>;
  /** The caller dials voice mail itself. */
  readonly askedForVoicemail: Saying<FeatureSays>;
  /** The callee's own phone where, without the header ... */
  readonly callee: {
    /** ... it rings. */
    readonly ringing: Saying<CalleeSays>;
    /** ... immediate forwarding keeps it silent. */
    readonly immediate: Saying<CalleeSays>;
    /** ... do-not-disturb keeps it silent. */
    readonly doNotDisturb: Saying<CalleeSays>;
    /** ... `skip_primary` keeps it silent. */
    readonly skipped: Saying<CalleeSays>;
  };
  /** Final responses when nobody answers and nothing else is tried. */
  readonly unanswered: Readonly<Record<Unanswered, Saying<readonly number[]>>>;
}

interface Parts {
  readonly features?: Partial<Reading['features']>;
  readonly askedForVoicemail?: Saying<FeatureSays>;
  readonly callee?: Partial<Reading['callee']>;
  readonly unanswered?: Partial<Reading['unanswered']>;
}

/** A reading that says the same of every point, but for `parts`. */
export function reading(otherwise: Saying<never>, parts: Parts = {}): Reading {
  return {
    refused: { says: 'as-control', claims: [] },
    features: { ...record(TRAPS, otherwise), ...parts.features },
    askedForVoicemail: parts.askedForVoicemail ?? otherwise,
    callee: { ringing: otherwise, immediate: otherwise, doNotDisturb: otherwise, skipped: otherwise, ...parts.callee },
    unanswered: { ...record(UNANSWERED, otherwise), ...parts.unanswered },
  };
}

export function refusedWith(status: number, ...claims: string[]): Reading {
  return { ...reading(OPEN), refused: { says: [status], claims } };
}

/** One reading of all headers of a request. Without any header: everything as in the control. */
export function combine(readings: readonly Reading[]): Reading {
  const callee = (point: keyof Reading['callee']): Saying<CalleeSays> =>
    combinePoint(readings.map((each) => each.callee[point]));
  return {
    refused: combinePoint(readings.map((each) => each.refused)),
    features: mapRecord(TRAPS, (trap) => combineFeature(readings.map((each) => each.features[trap]))),
    askedForVoicemail: combineFeature(readings.map((each) => each.askedForVoicemail)),
    callee: {
      ringing: callee('ringing'),
      immediate: callee('immediate'),
      doNotDisturb: callee('doNotDisturb'),
      skipped: callee('skipped'),
    },
    unanswered: mapRecord(UNANSWERED, (who) => combinePoint(readings.map((each) => each.unanswered[who]))),
  };
}

function record<K extends string, V>(keys: readonly K[], value: V): Record<K, V> {
  return mapRecord(keys, () => value);
}

function mapRecord<K extends string, V>(keys: readonly K[], make: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, V>;
}
