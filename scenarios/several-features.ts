import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** One call meets two features of the callee: what a header switches off, and whether anything can be kept. Asked for by `--set`. */
export const severalFeatures: readonly Scenario[] = [
  {
    id: 'simultaneous-ring-then-voicemail',
    title: 'A mobile phone rings along, nobody answers, and voice mail takes the call',
    feature: 'voicemail',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] },
    callee: 'ring',
    colleagues: 'ring',
    caller: 'patient',
    trap: 'voicemail',
    otherTraps: ['simultaneous-ring'],
    kind: 'diversion',
  },
  {
    id: 'team-ring-then-forward',
    title: 'The team rings along, nobody answers, and the call goes to another number',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['team_ring', 'enablecf'], lists: ['team', 'forwardto'] },
    callee: 'ring',
    colleagues: 'ring',
    caller: 'patient',
    trap: 'forward-target',
    otherTraps: ['team'],
    kind: 'diversion',
  },
  {
    id: 'team-ring-then-voicemail',
    title: 'The team rings along, nobody answers, and voice mail takes the call',
    feature: 'voicemail',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['team'] },
    callee: 'ring',
    colleagues: 'ring',
    caller: 'patient',
    trap: 'voicemail',
    otherTraps: ['team'],
    kind: 'diversion',
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
];
