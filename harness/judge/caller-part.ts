/** Whether the caller did what the situation says: a call that was given up sooner, or later, is an answer to another one. */
import type { Observation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';

/** A greeting lasts longer: who hangs up within this is still in it. */
const IN_GREETING_MS = 500;

/** One clause; null when it did its part. */
export function callerMisplayed(scenario: Scenario, seen: Observation): string | null {
  return heardNoRinging(scenario, seen) ?? gaveUpEarly(scenario, seen) ?? talkedOn(scenario, seen);
}

/** A 180 is sent once (RFC 3261 17.2.1): where it gets lost, a caller who hangs up on it does not. */
function heardNoRinging({ caller: behaviour }: Scenario, { caller, legs }: Observation): string | null {
  if (behaviour !== 'hang-up-while-ringing' || caller.cancelledMs !== null) return null;
  const rang = legs.some(({ role, rang: ringing }) => role === 'phone' && ringing);
  if (rang && !caller.provisionals.some(({ status }) => status === 180)) {
    return "the caller was to hang up while it rings, and was not told that the callee's phone rang";
  }
  const answered = caller.finalStatus !== null && caller.finalStatus < 300;
  return answered ? 'the caller was to hang up while it rings, and did not' : null;
}

/** Before the server's timers are over, nothing can be said of what they lead to. */
function gaveUpEarly({ caller: behaviour, subscriber }: Scenario, { caller }: Observation): string | null {
  const { cancelledMs, finalMs, provisionals } = caller;
  if (cancelledMs === null || (finalMs !== null && finalMs < cancelledMs)) return null;
  const { totalMs, userMs, team2Ms } = subscriber.waits;
  const timersMs = totalMs + userMs + team2Ms;
  if (cancelledMs >= timersMs) return null;
  const gaveUp = `gave up ${Math.round(cancelledMs)} ms after its INVITE`;
  if (behaviour !== 'hang-up-while-ringing') {
    return `the caller ${gaveUp}, and the server may take ${timersMs} ms for all that it tries`;
  }
  return provisionals.some(({ status, atMs }) => status === 180 && atMs <= cancelledMs)
    ? null
    : `the caller was to hang up while it rings, and ${gaveUp}, before it was told of any ringing`;
}

/** One clause; null when it hung up in the greeting, or was not to. */
export function talkedOn({ caller: behaviour }: Scenario, { caller, notifications }: Observation): string | null {
  const { byeMs, finalMs } = caller;
  if (behaviour !== 'hang-up-in-greeting' || !notifications.some(({ kind }) => kind === 'voice-message')) return null;
  const talkedMs = byeMs === null || finalMs === null ? null : byeMs - finalMs;
  if (talkedMs !== null && talkedMs <= IN_GREETING_MS) return null;
  const how = talkedMs === null ? 'did not hang up' : `hung up ${Math.round(talkedMs)} ms after the answer`;
  return `the caller was to hang up in the greeting of voice mail, and ${how}: a message was left`;
}
