/**
 * The contract of `results.json`: the run writes it, every report reads it and nothing else. Types (`results.ts`), the
 * reader's checks and `reports/schema/results.schema.json` follow from here: `npx vitest run test/results/schema.test.ts -u`
 * writes that file. A change that older readers do not take raises the version.
 */
import * as v from 'valibot';
import { CELL_ID, CELL_ID_FORM } from './cell-id.ts';
import { canarySighting, leg, message, notification, stray } from './observation-schema.ts';
import {
  boolean,
  described,
  listOf,
  matching,
  number,
  object,
  oneOf,
  optional,
  orNull,
  recordOf,
  status,
  text,
} from './shapes.ts';
import { TRACE_PLACE, traceLineText } from './trace-place.ts';
import {
  FATES,
  FEATURES,
  OUTCOMES,
  PATHS,
  POLICIES,
  RESULTS_VERSION,
  RUNTIMES,
  TRANSPORTS,
  TRAPS,
  VERDICTS,
} from './words.ts';

const cellId = described(matching(CELL_ID, 'kamailio/ms-sipre/voicemail-busy/none/udp/direct'), CELL_ID_FORM);
const traceName = matching(TRACE_PLACE, traceLineText({ file: 'traces/calls-1.jsonl', first: 0, last: 1023 }));
const policy = described(oneOf(POLICIES), 'A complete statement of how a server treats the headers.');
const feature = described(oneOf(FEATURES), 'What the headers may keep a call out of.');
const outcome = described(
  oneOf(OUTCOMES),
  'Whether the feature took the call: engaged, suppressed, or unknown when the call was not placed or did not end.',
);
const invitedAt = described(orNull(text), 'When the INVITE left, ISO 8601; null: it never did.');
const finalStatus = described(orNull(status), 'Final response to the caller; null: none on record.');
const calleeRang = described(boolean, "The callee's own phone rang or answered.");
const stableId = described(text, 'Stable id.');

export const fate = object({ outcome: oneOf(FATES), claims: listOf(text) });

export const expectation = described(
  object({
    outcome: described(oneOf([...FATES, 'unspecified']), 'Of the feature.'),
    claims: described(listOf(text), 'Ids of the claims that say so; empty only when everything is unspecified.'),
    callee: described(
      oneOf(['rings', 'answers', 'silent', 'unspecified']),
      "Over-blocking: what the callee's own phone must do.",
    ),
    statuses: described(listOf(status), 'Final responses to the caller that the sources allow; empty: no source says.'),
    elsewhere: optional(
      described(
        object(v.entriesFromList(TRAPS, optional(fate))),
        'What the sources say of the traps that the situation is not about; one that is left out, nobody speaks of.',
      ),
    ),
  }),
  'What the sources demand.',
);

const sighting = described(orNull(canarySighting), "A canary beside a cell's window; null: none was placed.");

export const proof = described(
  object({
    startedAt: invitedAt,
    windowEndMs: described(number, 'Absence is claimed from the INVITE to here.'),
    windowClosedMs: described(
      orNull(number),
      'When a canary sent after the end of the window was seen; null: the window was never closed by one.',
    ),
    slackMs: described(number, "How much longer than the server's timers the window is."),
    lateMs: described(number, 'How late the lab itself was during the call.'),
    canary: described(
      object({
        trap: described(oneOf(TRAPS), 'The endpoint that proves the feature.'),
        before: sighting,
        after: sighting,
      }),
      'The nearest canaries of the trap on both sides of the window.',
    ),
    headersSent: described(listOf(text), 'Header lines of the variant found in the INVITE on record.'),
    timersMs: described(
      object({
        total: described(number, "How long the callee's own phones ring before the unanswered destination."),
        user: described(number, 'How long they ring alone before team or delegates join.'),
        team2: described(number, 'How long team or delegates ring before every fork is cancelled.'),
      }),
      "The server's waits for this subscriber, one after the other.",
    ),
    troubles: described(listOf(text), "What went wrong on the lab's side, phones that did not register included."),
    strays: optional(
      described(
        listOf(stray),
        'What came to an endpoint in this window and names no call of the run; absent when everything does.',
      ),
    ),
  }),
  "Why the record may be believed: the window in which absence is claimed, and the canaries on both sides. Times are milliseconds since the call's INVITE. Reports draw it; the verdict has been made of it already.",
);

/** Its messages have a line of their own in `traces/`, found by the cell. */
export const earlierCall = object({
  startedAt: invitedAt,
  lateMs: described(number, 'How late the lab was during the call.'),
  why: described(text, 'Why it proved nothing.'),
});

export const otherResult = described(
  object({
    attempt: described(number, 'Which of the calls, from 1.'),
    verdict: described(oneOf(VERDICTS), 'As of a cell.'),
    outcome,
    status: finalStatus,
    calleeRang,
    why: described(orNull(text), 'The reason of its verdict; null when it passed.'),
    trace: described(traceName, "Where this call's messages are, as the cell's own trace says it."),
  }),
  'A call of a cell that went otherwise than the one that its result is of.',
);

const repeats = described(
  object({
    count: described(number, 'Calls of this cell.'),
    agreed: described(boolean, 'All went the same way; if not, the cell is unsteady, a finding whatever its verdict.'),
    others: described(
      listOf(otherResult),
      "One call for each way other than the cell's own: by verdict, outcome, status and ringing.",
    ),
  }),
  'Of a cell that was called several times.',
);

export const cell = described(
  object({
    id: cellId,
    server: described(text, 'Id of the server under test, a key of run.servers.'),
    policy,
    situation: described(text, 'Id of a row of situations.'),
    feature,
    trap: optional(
      described(oneOf(TRAPS), 'The endpoint that tells engaged from suppressed. Absent in results of version 1.'),
    ),
    variant: described(text, 'Id of a row of variants; none is the control.'),
    transport: described(oneOf(TRANSPORTS), "Transport of the caller's INVITE."),
    path: described(oneOf(PATHS), 'How the call goes to the server.'),
    verdict: described(
      oneOf(VERDICTS),
      'pass: as the sources demand. fail: not so. inconclusive: nothing was proven (control, canary or evidence did not hold). unsupported: the server lacks the feature. unspecified: no source says.',
    ),
    expected: expectation,
    observed: described(
      object({
        outcome,
        status: finalStatus,
        calleeRang,
        legs: described(listOf(leg), 'Every INVITE that reached an endpoint.'),
        notifications: described(listOf(notification), "Every entry that appeared in the callee's mailbox."),
      }),
      'What was seen.',
    ),
    control: described(
      orNull(object({ id: cellId, outcome })),
      "The same call without the variant's headers; null for a control itself.",
    ),
    proof: optional(proof),
    why: described(orNull(text), 'One sentence when the verdict is not pass; null when it is.'),
    late: optional(
      described(
        v.literal(true, 'true'),
        'The lab was too late for this cell, which is all that may be wrong with it; absent where it was not.',
      ),
    ),
    earlier: optional(
      described(
        listOf(earlierCall),
        'Earlier calls of this cell that proved nothing because the lab was late, oldest first; absent when there are none.',
      ),
    ),
    repeats: optional(repeats),
    durationMs: described(number, 'From the INVITE to the last message of the call.'),
    rerun: described(text, 'The command that runs this cell and its control alone.'),
    trace: described(
      traceName,
      "Where the cell's messages are, relative to results.json: FILE#bytes=FIRST-LAST, a line of that file, an object with `cell` and `messages` (a list as in $defs/message). Of version 0.1.0: a file with such a list.",
    ),
  }),
  'One call: server x policy x situation x variant x transport x path.',
);

/** A product: a server under test, a caller or a user agent. */
const product = { name: described(text, 'Name of the product.'), version: described(text, 'As it says itself.') };

const run = described(
  object({
    id: described(text, 'Names the run.'),
    startedAt: described(text, 'ISO 8601.'),
    durationMs: described(number, 'Of the whole run.'),
    ringfence: described(text, 'Version of Ringfence.'),
    node: described(text, 'Version of Node.'),
    caller: described(object({ id: stableId, ...product }), 'Who placed the calls, e.g. SIPp 3.6.1.'),
    runtime: described(
      oneOf([...RUNTIMES, 'process and docker']),
      'How the lab ran; process and docker: merged from runs of both.',
    ),
    servers: described(recordOf(object(product)), 'Servers under test by id.'),
    ua: optional(
      described(
        object({ id: described(text, 'As it was asked for.'), ...product }),
        "The user agent under test as the callees' own phones; absent when those were Ringfence's.",
      ),
    ),
    ended: described(
      oneOf(['complete', 'cancelled', 'failed']),
      'complete, or why the run ended early; finished cells are kept all the same.',
    ),
    trouble: described(orNull(text), 'What failed, when it did.'),
    warnings: optional(
      described(
        listOf(text),
        'What a reader must know of how the evidence was had; absent when there is nothing to say.',
      ),
    ),
    shards: optional(
      described(
        listOf(matching(/^\d+\/\d+$/, '2/4')),
        'Parts of one selection that are in here, such as 2/4; absent when the selection is whole.',
      ),
    ),
  }),
  'What was run, where and with what.',
);

const situation = described(
  object({
    id: stableId,
    title: described(text, 'One sentence.'),
    feature,
    kind: described(
      text,
      "diversion: the control must reach the trap. over-blocking: the callee's own phone must answer. not-a-diversion: the caller asks for the trap.",
    ),
  }),
  "A subscriber's setting, what the callee's phone does and what the caller does.",
);

const variant = described(
  object({
    id: stableId,
    title: described(text, 'One line.'),
    kind: described(text, 'control, inhibitor, decoy or malformed.'),
    headers: described(listOf(text), 'Header lines as they go on the wire.'),
  }),
  'The header fields that the caller adds to the INVITE.',
);

const claim = described(
  object({
    id: stableId,
    statement: described(text, 'One sentence.'),
    source: described(text, 'Title and section.'),
    url: described(text, 'Where to read it.'),
    evidence: described(text, 'documented, observed, reported or inferred.'),
  }),
  'A statement with its source.',
);

export const claimResult = described(
  object({
    claim: described(text, 'Id of a row of claims.'),
    policy,
    held: described(oneOf(['holds', 'does-not-hold', 'not-settled']), 'What the cells say.'),
    cells: described(
      listOf(text),
      'Ids of the cells that speak against it or, not settled, that are missing or inconclusive.',
    ),
  }),
  'Whether a claim held on a policy, from the cells that it speaks of.',
);

const header = {
  schema: described(v.literal(RESULTS_VERSION, RESULTS_VERSION), 'Version of this format.'),
  run,
  situations: described(listOf(situation), 'Columns of the matrix, in order.'),
  variants: described(listOf(variant), 'Rows of the matrix, in order.'),
  claims: described(listOf(claim), 'Who says so.'),
  claimResults: described(listOf(claimResult), 'Whether each claim held, policy by policy.'),
};

/** Everything of a run but its cells. */
export const runHeader = object(header);

export const runResults = described(
  v.pipe(
    object({ ...header, cells: described(listOf(cell), 'The matrix, in the order policy, situation, variant.') }),
    v.title(`Ringfence results, ${RESULTS_VERSION}`),
  ),
  'results.json of a run: what was asked, what was seen, what it means. Every report is made from this file and its traces alone.',
);

/** The messages of a call. */
export const trace = listOf(message);

/** What the JSON Schema has a name for. */
export const definitions = {
  policy,
  feature,
  cellId,
  status,
  outcome,
  fate,
  leg,
  notification,
  canarySighting,
  proof,
  cell,
  message,
};
