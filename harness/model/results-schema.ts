/**
 * The contract of `results.json`: the run writes it, every report reads it and nothing else. Types (`results.ts`), the
 * reader's checks and `reports/schema/results.schema.json` follow from here: `npx vitest run test/results/schema.test.ts -u`
 * writes that file. A change that older readers do not take raises the version.
 */
import * as v from 'valibot';
import { cell, cellId, demandOfTrap, feature, outcome, policy, proof } from './cell-schema.ts';
import { canarySighting, leg, message, notification } from './observation-schema.ts';
import {
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
import { RESULTS_VERSION, RUNTIMES } from './words.ts';

const stableId = described(text, 'Stable id.');

/** A product: a server under test, a caller or a user agent. */
const product = { name: described(text, 'Name of the product.'), version: described(text, 'As it says itself.') };

export const likeness = object({
  policy,
  agrees: described(number, 'How many cells that tell policies apart went as this one demands.'),
  against: described(listOf(text), 'Ids of those that did not.'),
});

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
    servers: described(
      recordOf(
        object({
          ...product,
          title: optional(described(text, 'What it is and is not, in one line. Absent in files of older runs.')),
        }),
      ),
      'Servers under test by id; the version is empty of one that did not come up.',
    ),
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
    behavesLike: optional(
      described(
        recordOf(listOf(likeness)),
        'Of servers that somebody else runs, by id: how each policy fares, the likeliest first. Absent where all servers are others.',
      ),
    ),
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
  demandOfTrap,
  leg,
  notification,
  canarySighting,
  proof,
  cell,
  message,
};
