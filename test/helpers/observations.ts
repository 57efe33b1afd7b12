/** Hand-made observations: a call that ran its course in a lab where everything held. Tests change what they are about. */
import type { CanarySighting, Leg, Notification, Observation } from '../../harness/model/observation.ts';
import type { Scenario } from '../../harness/model/scenario.ts';

export const scenario: Scenario = {
  id: 'voicemail-no-answer',
  title: 'Nobody answers',
  feature: 'voicemail',
  subscriber: {
    flags: [],
    lists: [],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
};

const ALIVE_BEFORE: CanarySighting = { sentMs: -300, reachedMs: -290 };
const ALIVE_AFTER: CanarySighting = { sentMs: 2000, reachedMs: 2010 };

export function leg(role: Leg['role'], over: Partial<Leg> = {}): Leg {
  const call = { user: 'alice-test-1', callId: 'call-1', startMs: 3, endMs: 600 };
  return { role, ...call, rang: true, answered: false, result: 'cancelled', status: 487, ...over };
}

export const rangAlone = leg('phone');
export const voicemailAnswered = leg('voicemail', {
  startMs: 605,
  endMs: 1400,
  answered: true,
  result: 'answered',
  status: 200,
});
export const missedCall: Notification = { kind: 'missed-call', by: 'server', atMs: 610, callId: 'call-1' };

/** The phone rang for the no-answer time, then the call ended with 480: what a header that works looks like. */
export function suppressed(over: Partial<Observation> = {}): Observation {
  return {
    cell: 'cell',
    startedAtEpochMs: 1_800_000_000_000,
    caller: {
      headersSent: [],
      provisionals: [
        { status: 100, atMs: 0, known: false },
        { status: 180, atMs: 4, known: true },
      ],
      answers: [],
      redirections: [],
      finalStatus: 480,
      finalMs: 602,
      cancelledMs: null,
      byeMs: null,
    },
    legs: [rangAlone],
    misdirected: [],
    notifications: [],
    strays: [],
    headersAtPhone: { lost: [], added: [] },
    window: { endMs: 1800, closedMs: 2010, slackMs: 400 },
    lateMs: 20,
    canary: { trap: 'voicemail', before: ALIVE_BEFORE, after: ALIVE_AFTER },
    phoneCanary: { before: ALIVE_BEFORE, after: ALIVE_AFTER },
    headerCanary: { outcome: 'reached', passedOn: [], seen: 'answered' },
    unregistered: [],
    troubles: [],
    unplayable: null,
    messages: [],
    ...over,
  };
}

/** The same call diverted to voice mail: what a control looks like. */
export function diverted(over: Partial<Observation> = {}): Observation {
  const seen = suppressed();
  return {
    ...seen,
    caller: { ...seen.caller, finalStatus: 200, answers: [{ atMs: 610, by: 'voicemail', knownBy: 'tag' }] },
    legs: [rangAlone, voicemailAnswered],
    ...over,
  };
}
