/** Situations and rows that claims speak of together. */
export const VOICEMAIL = [
  'voicemail-no-answer',
  'voicemail-busy',
  'voicemail-declined',
  'voicemail-offline',
  'voicemail-do-not-disturb',
  'voicemail-immediate',
];
export const FORWARDING = ['forward-no-answer', 'forward-immediate'];
export const DELEGATES = ['delegate-ring', 'delegates-only'];
export const MISSED_CALL = ['missed-call-hangup-while-ringing', 'missed-call-hangup-in-greeting'];
/** Of the set `several-features`. */
export const TOGETHER = [
  'simultaneous-ring-then-voicemail',
  'simultaneous-ring-then-forward',
  'team-ring-then-forward',
  'team-ring-then-voicemail',
  'delegate-ring-then-forward',
  'delegate-ring-then-voicemail',
  'voicemail-then-missed-call',
  'forward-then-missed-call',
  'simultaneous-ring-then-missed-call',
  'team-ring-then-missed-call',
  'delegate-ring-then-missed-call',
];
/** Of the set `work-arounds`: voice mail that gives a sign of itself. */
export const HANG_UP = [
  'hang-up-on-automata',
  'hang-up-on-server',
  'hang-up-on-forwarded',
  'hang-up-on-history-info',
  'hang-up-on-automata-and-server',
  'hang-up-on-automata-and-forwarded',
  'hang-up-on-automata-and-history-info',
  'hang-up-on-server-and-forwarded',
  'hang-up-on-server-and-history-info',
  'hang-up-on-forwarded-and-history-info',
  'hang-up-on-any-sign',
];
/** Of the set `response-group`. */
export const GROUP = [
  'group-agent-voicemail',
  'group-agent-forward',
  'group-agent-mobile',
  'group-agent-team',
  'group-round-robin-voicemail',
  'group-agent-busy',
];
export const GROUP_MISSED_CALL = [
  'group-serial-missed-call',
  'group-parallel-missed-call',
  'group-round-robin-missed-call',
];
export const EVERYTHING = [
  ...VOICEMAIL,
  ...FORWARDING,
  'simultaneous-ring',
  'team-ring',
  ...DELEGATES,
  ...MISSED_CALL,
  'answered-by-callee',
  'direct-to-voicemail',
];

export const NO_DIVERSION = ['sensitivity-normal-no-diversion', 'sensitivity-private-no-diversion'];

/** When the sources were read. */
export const READ_ON = '2026-11-22';
