import { CHECK_IDS } from '../model/checks.ts';
import { VERDICTS } from '../model/results.ts';
import { FEATURES, POLICIES, TRAPS } from '../model/scenario.ts';
import { boolean, listOf, matching, number, object, oneOf, optional, orNull, recordOf, status, text } from './shape.ts';

/** Six parts, none of them empty. */
const cellId = matching(/^[^/]+(\/[^/]+){5}$/, 'kamailio/ms-sipre/voicemail-busy/none/udp/direct');
/**
 * A line of a file of `traces/`; or, as version 0.1.0 wrote them, a file of its own. A plain name, so that results from
 * elsewhere cannot point out of their folder.
 */
const traceName = matching(
  /^traces\/[A-Za-z0-9][A-Za-z0-9._@+-]{0,240}\.json(l#bytes=\d{1,15}-\d{1,15})?$/,
  'traces/calls-1.jsonl#bytes=0-1023',
);
/** What was seen of a feature. */
const outcome = oneOf(['engaged', 'suppressed', 'unknown']);
const policy = oneOf(POLICIES);
const feature = oneOf(FEATURES);

const ROLES = ['caller', 'server', 'phone', 'simultaneous-ring', 'team', 'delegate', 'forward-target', 'voicemail'];

const leg = object({
  role: oneOf(ROLES.slice(2)),
  user: text,
  callId: text,
  startMs: number,
  endMs: orNull(number),
  rang: boolean,
  answered: boolean,
  result: oneOf(['answered', 'cancelled', 'refused', 'open']),
  status: orNull(status),
});

const notification = object({
  kind: oneOf(['missed-call', 'voice-message', 'other']),
  by: oneOf(['server', 'voicemail']),
  atMs: number,
  callId: orNull(text),
  form: optional(text),
});

/** A canary call beside a cell's window; null: none was placed. */
const canarySighting = orNull(object({ sentMs: number, reachedMs: orNull(number) }));

const proof = object({
  startedAt: orNull(text),
  windowEndMs: number,
  windowClosedMs: orNull(number),
  slackMs: number,
  lateMs: number,
  canary: object({ trap: oneOf(TRAPS), before: canarySighting, after: canarySighting }),
  headersSent: listOf(text),
  timersMs: object({ total: number, user: number, team2: number }),
  troubles: listOf(text),
  strays: optional(listOf(object({ atMs: number, at: oneOf(ROLES), kind: oneOf(['call', 'notice', 'bytes']), text }))),
});

/** An item of `cells`. */
export const cell = object({
  id: cellId,
  server: text,
  policy,
  situation: text,
  feature,
  trap: optional(oneOf(TRAPS)),
  variant: text,
  transport: oneOf(['udp', 'tcp']),
  path: oneOf(['direct']),
  verdict: oneOf(VERDICTS),
  expected: object({
    outcome: oneOf(['engaged', 'suppressed', 'unspecified']),
    claims: listOf(text),
    callee: oneOf(['rings', 'answers', 'silent', 'unspecified']),
    statuses: listOf(status),
    elsewhere: optional(recordOf(object({ outcome: oneOf(['engaged', 'suppressed']), claims: listOf(text) }))),
  }),
  observed: object({
    outcome,
    status: orNull(status),
    calleeRang: boolean,
    legs: listOf(leg),
    notifications: listOf(notification),
  }),
  control: orNull(object({ id: cellId, outcome })),
  proof: optional(proof),
  why: orNull(text),
  checks: optional(listOf(object({ id: oneOf(CHECK_IDS), holds: orNull(boolean), seen: text }))),
  late: optional(boolean),
  earlier: optional(listOf(object({ startedAt: orNull(text), lateMs: number, why: text }))),
  repeats: optional(
    object({
      count: number,
      agreed: boolean,
      others: listOf(
        object({
          attempt: number,
          verdict: oneOf(VERDICTS),
          outcome,
          status: orNull(status),
          calleeRang: boolean,
          why: orNull(text),
          trace: traceName,
        }),
      ),
    }),
  ),
  durationMs: number,
  rerun: text,
  trace: traceName,
});

/** `ringfence-results/2` without `cells`, as `reports/schema/results.schema.json` says it to other programs. */
export const runHeader = object({
  schema: text,
  run: object({
    id: text,
    startedAt: text,
    durationMs: number,
    ringfence: text,
    node: text,
    caller: object({ id: text, name: text, version: text }),
    runtime: oneOf(['process', 'docker', 'process and docker']),
    servers: recordOf(object({ name: text, version: text })),
    ua: optional(object({ id: text, name: text, version: text })),
    ended: oneOf(['complete', 'cancelled', 'failed']),
    trouble: orNull(text),
    warnings: optional(listOf(text)),
    shards: optional(listOf(matching(/^\d+\/\d+$/, '2/4'))),
  }),
  situations: listOf(object({ id: text, title: text, feature, kind: text })),
  variants: listOf(object({ id: text, title: text, kind: text, headers: listOf(text) })),
  claims: listOf(object({ id: text, statement: text, source: text, url: text, evidence: text })),
  claimResults: listOf(
    object({ claim: text, policy, held: oneOf(['holds', 'does-not-hold', 'not-settled']), cells: listOf(text) }),
  ),
});

/** The messages of a call. */
export const trace = listOf(
  object({
    atMs: number,
    from: oneOf(ROLES),
    to: oneOf(ROLES),
    startLine: text,
    cseq: text,
    callId: text,
    raw: text,
  }),
);
