import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

const ALERT_MS = 1600;
const EVERY_SIGN = ['automata', 'server', 'forwarded', 'history-info'] as const;
type Sign = (typeof EVERY_SIGN)[number];

const SIGN_TITLES: Readonly<Record<Sign, string>> = {
  automata: 'voice mail says that it is an automaton',
  server: 'voice mail gives its name',
  forwarded: 'the server says that the call is being forwarded (181)',
  'history-info': 'a History-Info names voice mail',
};

/** The application gives the callee up, and calls his voice mail by its own address. */
const toVoicemail = {
  callee: 'ring',
  caller: 'patient',
  application: { alertMs: ALERT_MS, next: 'voicemail' },
  kind: 'diversion',
} satisfies Partial<Scenario>;

/** Voice mail answers, and the application hangs up where it knows it. */
const hangsUp = {
  feature: 'voicemail',
  subscriber,
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Partial<Scenario>;

/** Two signs at once, each pair of them: nobody stumbles over the second. */
const ofTwoSigns: readonly Scenario[] = EVERY_SIGN.flatMap((one, index) =>
  EVERY_SIGN.slice(index + 1).map((other) => ({
    ...hangsUp,
    id: `hang-up-on-${one}-and-${other}`,
    title: `Two signs, ${SIGN_TITLES[one]} and ${SIGN_TITLES[other]}: the application hangs up`,
    voicemailSays: [one, other].filter((sign) => sign === 'automata' || sign === 'server'),
    application: { alertMs: ALERT_MS, hangsUpOn: [one, other], knows: true },
  })),
);

/** What the post does where all or nothing is not enough. Asked for by `--set`. */
export const workArounds: readonly Scenario[] = [
  {
    ...toVoicemail,
    id: 'voicemail-without-forwarding',
    title: 'Unanswered, the application calls voice mail itself: the call is not forwarded',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
    trap: 'forward-target',
  },
  {
    ...toVoicemail,
    id: 'voicemail-without-team',
    title: 'Unanswered, the application calls voice mail itself: the team does not ring',
    feature: 'team-ring',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['team'] },
    trap: 'team',
  },
  {
    ...hangsUp,
    id: 'hang-up-on-automata',
    title: 'Voice mail says that it is an automaton: the application hangs up',
    voicemailSays: ['automata'],
    application: { alertMs: ALERT_MS, hangsUpOn: ['automata'], knows: true },
  },
  {
    ...hangsUp,
    id: 'hang-up-on-server',
    title: 'Voice mail gives its name: the application hangs up',
    voicemailSays: ['server'],
    application: { alertMs: ALERT_MS, hangsUpOn: ['server'], knows: true },
  },
  {
    ...hangsUp,
    id: 'hang-up-on-forwarded',
    title: 'The server says that the call is being forwarded (181): the application hangs up',
    application: { alertMs: ALERT_MS, hangsUpOn: ['forwarded'], knows: true },
  },
  {
    ...hangsUp,
    id: 'hang-up-on-history-info',
    title: 'A History-Info names voice mail: the application hangs up',
    application: { alertMs: ALERT_MS, hangsUpOn: ['history-info'], knows: true },
  },
  ...ofTwoSigns,
  {
    ...hangsUp,
    id: 'hang-up-on-any-sign',
    title: 'All signs together: the application hangs up',
    voicemailSays: ['automata', 'server'],
    application: { alertMs: ALERT_MS, hangsUpOn: EVERY_SIGN, knows: true },
  },
  {
    ...hangsUp,
    id: 'hang-up-without-signs',
    title: 'Voice mail gives nothing of itself: the application does not know it, and a message is left',
    application: { alertMs: ALERT_MS, hangsUpOn: ['automata', 'server'], knows: false },
  },
  {
    ...hangsUp,
    id: 'hang-up-on-carrier',
    title: "A carrier's voice mail answers for the mobile phone: no sign at all, and the customer talks to it",
    feature: 'simultaneous-ring',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] },
    trap: 'simultaneous-ring',
    application: { alertMs: ALERT_MS, hangsUpOn: EVERY_SIGN, knows: false },
  },
  {
    ...hangsUp,
    id: 'hang-up-on-person-forwarded',
    title: 'A person answers where the call was forwarded to: 181 alone takes him for voice mail',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
    trap: 'forward-target',
    application: { alertMs: ALERT_MS, hangsUpOn: ['forwarded'], knows: true },
  },
  {
    ...hangsUp,
    id: 'hang-up-spares-forwarded',
    title: 'A person answers where the call was forwarded to: automata, Server and History-Info spare him',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
    trap: 'forward-target',
    application: { alertMs: ALERT_MS, hangsUpOn: ['automata', 'server', 'history-info'], knows: false },
  },
  {
    ...hangsUp,
    id: 'hang-up-spares-callee',
    title: 'The callee answers: no sign speaks of voice mail, and nobody hangs up',
    subscriber: { ...subscriber, waits: { totalMs: 2400, userMs: 0, team2Ms: 0 } },
    callee: { answerAfterMs: 150 },
    kind: 'over-blocking',
    application: { alertMs: 2600, hangsUpOn: EVERY_SIGN, knows: false },
  },
];
