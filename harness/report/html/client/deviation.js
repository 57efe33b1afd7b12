// @ts-check
import { isInviteRequest, methodOf, sortOf, statusOf } from './message-kind.js';

/** @typedef {import('./message-kind.js').Message} Message */
/** @typedef {{ kind: 'forbidden' | 'missing' | 'different', message: Message }} Deviation */

/** Where the trap of a feature listens. A missed-call notification goes to voice mail's account too, but is no INVITE. */
export const TRAP_OF_FEATURE = {
  voicemail: 'voicemail',
  forwarding: 'forward-target',
  'simultaneous-ring': 'simultaneous-ring',
  'team-ring': 'team',
  'delegate-ring': 'delegate',
  'missed-call-notification': 'voicemail',
};

/**
 * The message with which a call left the course that was expected of it. `forbidden`: it should not have come. `missing`:
 * the control had it (it is the control's), this call did not. `different`: the control had none such.
 *
 * @param {{ verdict: string, feature: string, expected: any, observed: any }} cell
 * @param {readonly Message[]} messages
 * @param {readonly Message[] | null} control
 * @returns {Deviation | null} null: it went as its control did, or there is none to hold it against
 */
export function firstDeviation(cell, messages, control) {
  return forbiddenMessage(cell, messages) ?? (control === null ? null : againstControl(messages, control));
}

/** @param {string} feature @param {Message} message */
export function reachesTrap(feature, message) {
  const trap = TRAP_OF_FEATURE[/** @type {keyof typeof TRAP_OF_FEATURE} */ (feature)];
  if (message.to !== trap || statusOf(message) !== null) return false;
  return feature === 'missed-call-notification'
    ? ['MESSAGE', 'NOTIFY', 'PUBLISH'].includes(methodOf(message))
    : isInviteRequest(message);
}

/**
 * @param {{ verdict: string, feature: string, expected: any, observed: any }} cell
 * @param {readonly Message[]} messages
 * @returns {Deviation | null}
 */
function forbiddenMessage({ verdict, feature, expected, observed }, messages) {
  if (verdict !== 'fail') return null;
  const message =
    expected.outcome === 'suppressed' && observed.outcome === 'engaged'
      ? messages.find((each) => reachesTrap(feature, each))
      : messages.find((each) => isWrongFinal(each, expected.statuses));
  return message === undefined ? null : { kind: 'forbidden', message };
}

/** The final response to the caller, where the sources allow others only. @param {Message} message @param {readonly number[]} allowed */
export function isWrongFinal(message, allowed) {
  const status = statusOf(message);
  if (message.to !== 'caller' || methodOf(message) !== 'INVITE' || status === null || status < 200) return false;
  return allowed.length > 0 && !allowed.includes(status);
}

/**
 * How often a message is repeated, and 100 Trying, hang on the lab's speed: they are no deviation.
 *
 * @param {readonly Message[]} messages
 * @param {readonly Message[]} control
 * @returns {Deviation | null}
 */
function againstControl(messages, control) {
  const expected = new Set(control.map(sortOf));
  const seen = new Set(messages.map(sortOf));
  const extra = messages.find((message) => statusOf(message) !== 100 && !expected.has(sortOf(message)));
  const missing = control.find((message) => statusOf(message) !== 100 && !seen.has(sortOf(message)));
  if (missing !== undefined && (extra === undefined || missing.atMs < extra.atMs)) {
    return { kind: 'missing', message: missing };
  }
  return extra === undefined ? null : { kind: 'different', message: extra };
}
