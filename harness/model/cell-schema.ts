/** The contract of one cell in `results.json`; of the rest of that file: `results-schema.ts`. */
import * as v from 'valibot';
import { CELL_ID, CELL_ID_FORM } from './cell-id.ts';
import { ASKED, CHECK_IDS } from './checks.ts';
import { arrival, canarySighting, leg, notification, stray } from './observation-schema.ts';
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
  status,
  text,
} from './shapes.ts';
import { TRACE_PLACE, traceLineText } from './trace-place.ts';
import {
  CELL_POLICIES,
  FEATURES,
  KNOWN_OUTCOMES,
  LEG_TRAPS,
  OUTCOMES,
  PATHS,
  TRANSPORTS,
  TRAPS,
  VERDICTS,
  VOICEMAIL_SIGNS,
} from './words.ts';

export const cellId = described(matching(CELL_ID, 'kamailio/ms-sipre/voicemail-busy/none/udp/direct'), CELL_ID_FORM);
const traceName = matching(TRACE_PLACE, traceLineText({ file: 'traces/calls-1.jsonl.gz', first: 0, last: 1023 }));
export const policy = described(
  oneOf(CELL_POLICIES),
  'A complete statement of how a server treats the headers; unknown: of a server of which nobody says.',
);
export const feature = described(oneOf(FEATURES), 'What the headers may keep a call out of.');
export const outcome = described(
  oneOf(OUTCOMES),
  'Whether the feature took the call: engaged, suppressed, or unknown when the call was not placed or did not end.',
);
const invitedAt = described(orNull(text), 'When the INVITE left, ISO 8601; null: it never did.');
const finalStatus = described(orNull(status), 'Final response to the caller; null: none on record.');
const calleeRang = described(boolean, "The callee's own phone rang or answered.");

export const demandOfTrap = object({ outcome: oneOf(KNOWN_OUTCOMES), claims: listOf(text) });

export const expectation = described(
  object({
    outcome: described(oneOf([...KNOWN_OUTCOMES, 'unspecified']), 'Of the feature.'),
    claims: described(listOf(text), 'Ids of the claims that say so; empty only when everything is unspecified.'),
    callee: described(
      oneOf(['rings', 'answers', 'silent', 'unspecified']),
      "Over-blocking: what the callee's own phone must do.",
    ),
    statuses: described(listOf(status), 'Final responses to the caller that the sources allow; empty: no source says.'),
    elsewhere: optional(
      described(
        object(v.entriesFromList(TRAPS, optional(demandOfTrap))),
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
    b2bua: optional(
      described(
        object({ got: listOf(text), sent: listOf(text) }),
        'Header lines of any variant in the INVITE that a B2BUA in the path got, and in its own; absent where the path has none.',
      ),
    ),
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

export const check = object({
  id: described(oneOf(CHECK_IDS), `What was asked. ${CHECK_IDS.map((id) => `${id}: ${ASKED[id]}.`).join(' ')}`),
  holds: described(orNull(boolean), 'null: it does not matter here, whatever the answer.'),
  seen: described(text, 'What was seen, one clause; of one that does not hold, the reason of a verdict.'),
});

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
        otherTraps: optional(
          described(
            listOf(object({ trap: oneOf(LEG_TRAPS), reached: boolean })),
            'Of a situation in which one call meets several features: what became of the others; absent where it is about one.',
          ),
        ),
        hangUp: optional(
          described(
            object({
              signs: described(listOf(oneOf(VOICEMAIL_SIGNS)), 'Any of these tells it of voice mail.'),
              afterMs: described(orNull(number), 'From the 200 to its BYE; null: it put its customer through.'),
              message: described(boolean, 'A message was left.'),
              missedCall: described(boolean, 'A missed call was noted.'),
            }),
            'Of an answered call by an application that hangs up where it knows voice mail; absent of any other.',
          ),
        ),
        legs: described(listOf(leg), 'Every INVITE that reached an endpoint.'),
        notifications: described(listOf(notification), "Every entry that appeared in the callee's mailbox."),
        arrivals: optional(
          described(
            listOf(arrival),
            'What shows that a voice mail inside of the server took the call, the strongest first. Absent where voice mail is an endpoint of the lab.',
          ),
        ),
      }),
      'What was seen.',
    ),
    control: described(
      orNull(object({ id: cellId, outcome })),
      "The same call without the variant's headers; null for a control itself.",
    ),
    proof: optional(proof),
    why: described(orNull(text), 'One sentence when the verdict is not pass; null when it is.'),
    checks: optional(
      described(
        listOf(check),
        'All that was asked before the verdict, in order; why is what the first says that does not hold. Absent in files of older runs.',
      ),
    ),
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
      "Where the cell's messages are, relative to results.json: FILE.gz#bytes=FIRST-LAST, a gzip member of that file with one line, an object with `cell` and `messages` (a list as in $defs/message). Without .gz the line is not packed. Of version 0.1.0: a file with such a list.",
    ),
  }),
  'One call: server x policy x situation x variant x transport x path.',
);
