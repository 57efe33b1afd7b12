import type { CallingApplication, Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** Longer than all that the server may try: the group's own time, and nobody else's. */
const ALERT_MS = 1600;
const serial: CallingApplication = { alertMs: ALERT_MS, next: 'delegate' };

/** The group's time is over long before the server's. */
const patientServer = { lists: ['delegates'], waits: { totalMs: 2400, userMs: 0, team2Ms: 0 } } satisfies Partial<
  Scenario['subscriber']
>;

/** A group rings its agents one after the other; the first does not answer, and the next does. Every situation says what differs. */
const group = {
  subscriber: { ...subscriber, lists: ['delegates'] },
  callee: 'ring',
  caller: 'patient',
  application: serial,
  kind: 'diversion',
} satisfies Partial<Scenario>;

/**
 * A customer calls a group, and an agent does not answer. Without the header the accident happens: somebody or something of the
 * agent's answers the customer. Asked for by `--set`.
 */
export const responseGroupSituations: readonly Scenario[] = [
  {
    ...group,
    id: 'group-agent-voicemail',
    title: "A group rings an agent: the agent's voice mail answers the customer",
    feature: 'voicemail',
    trap: 'voicemail',
  },
  {
    ...group,
    id: 'group-agent-forward',
    title: 'A group rings an agent: whoever he forwards calls to answers the customer',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['delegates', 'forwardto'] },
    trap: 'forward-target',
  },
  {
    ...group,
    id: 'group-agent-mobile',
    title: "A group rings an agent: the agent's mobile phone answers the customer",
    feature: 'simultaneous-ring',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['delegates', 'simultaneous_ring'] },
    trap: 'simultaneous-ring',
  },
  {
    ...group,
    id: 'group-agent-team',
    title: "A group rings an agent: the agent's team answers the customer",
    feature: 'team-ring',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['delegates', 'team'] },
    trap: 'team',
  },
  {
    ...group,
    id: 'group-serial-missed-call',
    title:
      'A group gives an agent up when its own time is over and rings the next: a missed call is noted for the first',
    feature: 'missed-call-notification',
    subscriber: { ...subscriber, ...patientServer },
    caller: 'hang-up-while-ringing',
    application: { alertMs: 600, next: 'delegate' },
    trap: 'missed-call-inbox',
  },
  {
    ...group,
    id: 'group-parallel-missed-call',
    title: 'A group rings two agents at once and one answers: a missed call is noted for the other',
    feature: 'missed-call-notification',
    subscriber: { ...subscriber, ...patientServer },
    caller: 'hang-up-while-ringing',
    application: { alertMs: ALERT_MS, next: 'delegate', parallel: true },
    trap: 'missed-call-inbox',
  },
  {
    ...group,
    id: 'group-round-robin-voicemail',
    title: "A group goes round, and it is an agent's turn: his voice mail answers before the group's own time is over",
    feature: 'voicemail',
    subscriber: { ...subscriber, lists: ['delegates'], waits: { totalMs: 200, userMs: 0, team2Ms: 0 } },
    application: { alertMs: 700, next: 'delegate', roundRobin: true },
    trap: 'voicemail',
  },
  {
    ...group,
    id: 'group-round-robin-missed-call',
    title: 'A group goes round, and gives an agent up when his turn is over: a missed call is noted for him',
    feature: 'missed-call-notification',
    subscriber: { ...subscriber, ...patientServer },
    caller: 'hang-up-while-ringing',
    application: { alertMs: 600, next: 'delegate', roundRobin: true },
    trap: 'missed-call-inbox',
  },
  {
    ...group,
    // As reported of FusionPBX's ring groups in 2017: one member's 486 ends the customer's call in that member's mailbox.
    id: 'group-agent-busy',
    title:
      'A group rings an agent who is busy: his voice mail answers the customer at once, before anybody else is tried',
    feature: 'voicemail',
    callee: 'busy',
    trap: 'voicemail',
  },
];
