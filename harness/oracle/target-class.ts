import { type KnowingPolicy, type Reading, reading } from './reading.ts';
import { asControl, OPEN, saying } from './saying.ts';

/**
 * `Ms-Target-Class`, all its fields on one request. No specification describes it: the 2012 blog post says what it
 * does, the Response Group team says what their (unnamed) header does, and the post names the two as one.
 */
export function readTargetClass(policy: KnowingPolicy, values: readonly string[]): Reading {
  const [value] = values;
  if (value === undefined) return reading(asControl());
  if (values.length > 1) return reading(OPEN); // RFC 3261 7.3.1 forbids it and nobody says what follows
  // Only `secondary` was ever described. RFC 3261 16.3 says no more of another value than that the call is not refused.
  if (value.toLowerCase() !== 'secondary') {
    return reading(OPEN, { callee: { ringing: asControl('rfc3261-unknown-ignored') } });
  }
  return policy === 'rgs-2009' ? RESPONSE_GROUP : SECONDARY;
}

const features: Partial<Reading['features']> = {
  voicemail: saying('suppressed', 'blog-target-class-voicemail', 'rgs-no-voicemail'),
  'forward-target': saying('suppressed', 'blog-target-class-forwarding', 'rgs-no-forwarding'),
  team: saying('suppressed', 'blog-target-class-team', 'rgs-no-team'),
  'simultaneous-ring': saying('suppressed', 'rgs-no-simultaneous-ring', 'blog-target-class-all-or-nothing'),
  delegate: saying('suppressed', 'rgs-no-delegates', 'blog-target-class-all-or-nothing'),
  'missed-call-inbox': saying('suppressed', 'blog-target-class-missed-call'),
};
const ringing = asControl('rgs-own-phone-rings');

/** What becomes of immediate forwarding, do-not-disturb and "delegates only" is inference, so left open. */
const SECONDARY = reading(OPEN, { features, callee: { ringing } });

const callerHangsUp = saying([487], 'rgs-alert-time', 'rfc3261-cancelled-487');
const RESPONSE_GROUP = reading(OPEN, {
  features,
  callee: { ringing, skipped: saying('silent', 'rgs-delegates-only') },
  unanswered: {
    alone: callerHangsUp,
    'simultaneous-ring': callerHangsUp,
    team: callerHangsUp,
    delegates: callerHangsUp,
  },
});
