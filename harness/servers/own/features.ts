/** What a server of the user's may say that it can do, and what situations ask of it. Pure. */
import type { PhoneBehaviour, Scenario } from '../../model/scenario.ts';
import { FEATURES, type RoutingFlag } from '../../model/words.ts';

/** What calls are diverted to; then when they are, beside "nobody answers"; then what else there may be. */
export const SERVER_FEATURES = [
  ...FEATURES,
  'busy',
  'declined',
  'offline',
  'do-not-disturb',
  'at-once',
  'block',
  'skip-primary',
  'voice-mail-gruu',
  'heeds-reason',
] as const;
export type ServerFeature = (typeof SERVER_FEATURES)[number];

const OF_FLAG: Readonly<Partial<Record<RoutingFlag, ServerFeature>>> = {
  forward_immediate: 'at-once',
  block: 'block',
  skip_primary: 'skip-primary',
};
const OF_CALLEE: Readonly<Partial<Record<Extract<PhoneBehaviour, string>, ServerFeature>>> = {
  busy: 'busy',
  decline: 'declined',
  'decline-everywhere': 'declined',
  'do-not-disturb': 'do-not-disturb',
  unregistered: 'offline',
};

/** As one clause that begins with `it`, in the words of the description; null: it says that it can do all of that. */
export function featureLack(scenario: Scenario, features: ReadonlySet<ServerFeature>): string | null {
  const missing = neededBy(scenario).filter((feature) => !features.has(feature));
  return missing.length === 0 ? null : `it does not say that it has ${missing.join(', ')}`;
}

function neededBy({ feature, trap, subscriber, callee, dials }: Scenario): ServerFeature[] {
  const needed: (ServerFeature | undefined)[] = [
    feature,
    // An inbox is watched by calls that go to voice mail as well.
    trap === 'missed-call-inbox' || trap === 'voicemail' ? 'voicemail' : undefined,
    ...subscriber.flags.map((flag) => OF_FLAG[flag]),
    subscriber.doNotDisturb ? 'do-not-disturb' : undefined,
    typeof callee === 'string' ? OF_CALLEE[callee] : undefined,
    dials === 'voice-mail-gruu' ? dials : undefined,
    subscriber.heedsReason ? 'heeds-reason' : undefined,
  ];
  return [...new Set(needed.filter((each) => each !== undefined))];
}
