/** A call that rang and was refused, between two canaries, as a run has it on record. Tests change what they are about. */

import { judge } from '../../harness/judge/judge.ts';
import type { Role } from '../../harness/model/observation.ts';
import type { PolicyId } from '../../harness/model/scenario.ts';
import type { Cell } from '../../harness/plan/plan.ts';
import { type Canary, canaries } from '../../harness/run/canary.ts';
import { Directory } from '../../harness/run/directory.ts';
import { cellKey } from '../../harness/run/identity.ts';
import type { SeenCanary } from '../../harness/run/near-canaries.ts';
import { type CallRecord, observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import { diverted, scenario } from '../helpers/observations.ts';

export const START = 1_800_000_000_000;
/** All waits of the scenario, then the slack. */
export const WINDOW_MS = 600 + 200 + 600 + 400;
export const LATE_480_MS = 605;

export const cell: Cell = {
  id: 'kamailio/ms-sipre/voicemail-no-answer/secondary/udp/direct',
  server: 'kamailio',
  policy: 'ms-sipre',
  scenario,
  variant: { id: 'secondary', title: 'x', kind: 'inhibitor', claims: [], headers: ['Ms-Target-Class: secondary'] },
  transport: 'udp',
  path: 'direct',
  control: 'kamailio/ms-sipre/voicemail-no-answer/none/udp/direct',
};

export function message(
  atMs: number,
  from: Role,
  to: Role,
  startLine: string,
  cseq = '1 INVITE',
  headers = '',
): WireMessage {
  const [first = '', second = ''] = startLine.split(' ');
  const isResponse = first === 'SIP/2.0';
  return {
    atEpochMs: START + atMs,
    from,
    to,
    callId: `${from === 'server' ? to : from}-call`,
    cseq,
    cseqMethod: cseq.split(' ')[1] ?? '',
    method: isResponse ? null : first,
    status: isResponse ? Number(second) : null,
    requestUser: isResponse ? '' : 'alice-test-1',
    toTag: isResponse ? 'tag' : null,
    branch: 'z9hG4bK-1',
    startLine,
    bytes: Buffer.from(`${startLine}\r\n${headers}\r\n\r\n`),
  };
}

export const rangAndRefused: WireMessage[] = [
  message(
    0,
    'caller',
    'server',
    'INVITE sip:alice-test-1@ms-sipre.test SIP/2.0',
    '1 INVITE',
    'Ms-Target-Class: secondary',
  ),
  message(2, 'server', 'phone', 'INVITE sip:alice-test-1@127.0.0.2 SIP/2.0'),
  message(3, 'phone', 'server', 'SIP/2.0 180 Ringing'),
  message(4, 'server', 'caller', 'SIP/2.0 180 Ringing'),
  message(LATE_480_MS, 'server', 'caller', 'SIP/2.0 480 Temporarily Unavailable'),
];

export function canary(
  sentMs: number,
  reachedMs: number | null,
  trap: Canary['trap'] = 'voicemail',
  policy: PolicyId = 'ms-sipre',
): SeenCanary {
  const [own] = canaries('test', [policy], KAMAILIO).filter((each) => each.trap === trap);
  if (own === undefined) throw new Error(`no canary for ${trap}`);
  const call = {
    canary: own,
    sentEpochMs: START + sentMs,
    doneEpochMs: START + (reachedMs ?? sentMs + 500),
    outcome: 'x',
  };
  return { call, reachedEpochMs: reachedMs === null ? null : START + reachedMs };
}

export function record(over: Partial<CallRecord> = {}): CallRecord {
  return {
    cell,
    key: cellKey('test', 1),
    directory: new Directory('test'),
    messages: rangAndRefused,
    strays: [],
    headerCanary: null,
    serverHeaders: new Set(),
    beats: [],
    mailbox: [],
    canaries: [canary(-100, -90), canary(WINDOW_MS + 1, WINDOW_MS + 10)],
    headerNames: new Set(['ms-target-class']),
    unregistered: [],
    phoneUnderTest: false,
    stalls: [],
    troubles: [],
    slackMs: 400,
    ...over,
  };
}

export const verdictOf = (over: Partial<CallRecord>): string =>
  judge({
    scenario,
    planned: ['Ms-Target-Class: secondary'],
    seen: observe(record(over)),
    control: diverted(),
    expected: { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [480] },
  }).verdict;
