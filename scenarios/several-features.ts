import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** Nobody answers anywhere, and the caller waits. Every situation says what differs. */
const unanswered = {
  callee: 'ring',
  colleagues: 'ring',
  caller: 'patient',
  kind: 'diversion',
} satisfies Partial<Scenario>;

/** Whoever rings along does so at once, and the caller hangs up while all of them ring. */
const givenUp = {
  ...unanswered,
  feature: 'missed-call-notification',
  caller: 'hang-up-while-ringing',
  trap: 'missed-call-inbox',
} satisfies Partial<Scenario>;
const AT_ONCE = { totalMs: 2400, userMs: 0, team2Ms: 2400 };

/** One call meets two features of the callee: what a header switches off, and whether anything can be kept. Asked for by `--set`. */
export const severalFeatures: readonly Scenario[] = [
  {
    ...unanswered,
    id: 'simultaneous-ring-then-voicemail',
    title: 'A mobile phone rings along, nobody answers, and voice mail takes the call',
    feature: 'voicemail',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] },
    trap: 'voicemail',
    otherTraps: ['simultaneous-ring'],
  },
  {
    ...unanswered,
    id: 'simultaneous-ring-then-forward',
    title: 'A mobile phone rings along, nobody answers, and the call goes to another number',
    feature: 'forwarding',
    subscriber: {
      ...subscriber,
      flags: ['simultaneous_ring', 'enablecf'],
      lists: ['simultaneous_ring', 'forwardto'],
    },
    trap: 'forward-target',
    otherTraps: ['simultaneous-ring'],
  },
  {
    ...unanswered,
    id: 'team-ring-then-forward',
    title: 'The team rings along, nobody answers, and the call goes to another number',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['team_ring', 'enablecf'], lists: ['team', 'forwardto'] },
    trap: 'forward-target',
    otherTraps: ['team'],
  },
  {
    ...unanswered,
    id: 'team-ring-then-voicemail',
    title: 'The team rings along, nobody answers, and voice mail takes the call',
    feature: 'voicemail',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['team'] },
    trap: 'voicemail',
    otherTraps: ['team'],
  },
  {
    ...unanswered,
    id: 'delegate-ring-then-forward',
    title: 'A delegate rings along, nobody answers, and the call goes to another number',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['delegate_ring', 'enablecf'], lists: ['delegates', 'forwardto'] },
    trap: 'forward-target',
    otherTraps: ['delegate'],
  },
  {
    ...unanswered,
    id: 'delegate-ring-then-voicemail',
    title: 'A delegate rings along, nobody answers, and voice mail takes the call',
    feature: 'voicemail',
    subscriber: { ...subscriber, flags: ['delegate_ring'], lists: ['delegates'] },
    trap: 'voicemail',
    otherTraps: ['delegate'],
  },
  {
    id: 'voicemail-then-missed-call',
    title: 'Voice mail takes the call, the caller hangs up in its greeting, and a missed call is noted',
    feature: 'missed-call-notification',
    subscriber,
    callee: 'ring',
    caller: 'hang-up-in-greeting',
    trap: 'missed-call-inbox',
    otherTraps: ['voicemail'],
    kind: 'diversion',
  },
  {
    ...givenUp,
    id: 'forward-then-missed-call',
    title:
      'The call goes to another number, nobody answers there either, the caller gives up, and a missed call is noted',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
    colleagues: 'all-ring',
    caller: 'patient',
    otherTraps: ['forward-target'],
  },
  {
    ...givenUp,
    id: 'simultaneous-ring-then-missed-call',
    title: 'A mobile phone rings along, the caller hangs up, and a missed call is noted',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['simultaneous_ring'], waits: AT_ONCE },
    otherTraps: ['simultaneous-ring'],
  },
  {
    ...givenUp,
    id: 'team-ring-then-missed-call',
    title: 'The team rings along, the caller hangs up, and a missed call is noted',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['team'], waits: AT_ONCE },
    otherTraps: ['team'],
  },
  {
    ...givenUp,
    id: 'delegate-ring-then-missed-call',
    title: 'A delegate rings along, the caller hangs up, and a missed call is noted',
    subscriber: { ...subscriber, flags: ['delegate_ring'], lists: ['delegates'], waits: AT_ONCE },
    otherTraps: ['delegate'],
  },
];
