/** Of an {@link Observation}, what is written into results and traces: fields, what they mean, and which values they have. */
import { boolean, described, listOf, number, object, oneOf, optional, orNull, status, text } from './shapes.ts';
import { INNER_EVIDENCE, LEG_ROLES, LOGGED_AS, PLACES, ROLES } from './words.ts';

const sinceInvite = described(number, "Milliseconds since the caller's INVITE.");

export const leg = described(
  object({
    role: described(oneOf(LEG_ROLES), 'Which endpoint.'),
    user: described(text, 'User part of the Request-URI.'),
    callId: described(text, 'Call-ID of the leg; servers may change it.'),
    startMs: described(number, "When the INVITE arrived, milliseconds since the caller's INVITE."),
    endMs: described(orNull(number), 'When the leg ended; null: still open when the lab closed.'),
    rang: described(boolean, 'The endpoint sent 18x.'),
    answered: described(boolean, 'The endpoint sent 2xx.'),
    unheardAnswerMs: optional(
      described(
        number,
        "When it sent a 2xx of which the caller got none, milliseconds since the caller's INVITE; absent: the caller got one, or it sent none.",
      ),
    ),
    result: described(oneOf(['answered', 'cancelled', 'refused', 'open']), 'How it ended.'),
    cancelReasons: optional(
      described(listOf(text), 'Reason lines of the CANCEL that it got, as they stood (RFC 3326); absent: none.'),
    ),
    hops: optional(
      described(
        listOf(text),
        'Via of each hop that the INVITE came through, `host` or `host:port`, the server first; absent: through the server alone.',
      ),
    ),
    hopCancelReasons: optional(
      described(
        listOf(text),
        'Reason lines of the CANCEL that the last of these hops got; absent: what it got is not on record.',
      ),
    ),
    loggedAs: optional(
      described(
        oneOf([...LOGGED_AS, 'nothing']),
        'What the phone has of it in a call log of its own; nothing: it did not say. Absent: it keeps none.',
      ),
    ),
    status: described(
      orNull(status),
      'Final response that the endpoint sent; null while there is none. 487 when cancelled; null where the record of the endpoint comes from a control protocol that does not show its 487.',
    ),
  }),
  'An INVITE that arrived at an endpoint of the lab, and how it ended.',
);

export const notification = described(
  object({
    kind: described(
      oneOf(['missed-call', 'voice-message', 'other']),
      'What it tells the callee; other: that is not known, so nobody can say that it is no notice of the missed call.',
    ),
    by: described(
      oneOf(['server', 'voicemail']),
      'Who made it: the server under test, or voice mail itself when the caller hung up in the greeting.',
    ),
    atMs: sinceInvite,
    callId: described(orNull(text), 'Call-ID of the call that it speaks of, where the maker said so.'),
    form: optional(
      described(
        text,
        'What it was and where it came to, e.g. "NOTIFY at phone"; absent where it is the message that voice mail is told missed calls by.',
      ),
    ),
  }),
  "An entry in the callee's mailbox, or a request outside of any call that names the callee or the call.",
);

export const stray = described(
  object({
    atMs: sinceInvite,
    at: described(oneOf(PLACES), 'Which endpoint.'),
    kind: described(
      oneOf(['call', 'notice', 'bytes']),
      'A request of a call, a request outside of any, or bytes that are no SIP message.',
    ),
    text: described(text, 'Start line, or what the bytes are; control characters replaced.'),
  }),
  "What reached an endpoint while the call's window was open, and names nobody's call. It may have been this one's.",
);

export const innerEvidence = described(
  oneOf(INNER_EVIDENCE),
  'Evidence of a voice mail inside of the server, the strongest first: mailbox, somebody looked into it; message-waiting, the count that phones are told rose (RFC 3842); fingerprint, the answer looks like that of a canary which was sent there.',
);

export const arrival = described(
  object({
    by: innerEvidence,
    atMs: sinceInvite,
    seen: described(text, 'What it was, one clause.'),
  }),
  'What shows that a voice mail inside of the server took the call.',
);

export const canarySighting = described(
  object({
    sentMs: described(number, "When it was sent, milliseconds since the cell's INVITE: negative before it."),
    reachedMs: described(orNull(number), 'When the trap was seen to be reached; null: it was not.'),
    failed: optional(described(text, 'Whom it was for and what its caller saw, where it did not reach the trap.')),
    by: optional(
      described(listOf(innerEvidence), 'Of a voice mail inside of the server: what showed it. Absent where a leg did.'),
    ),
  }),
  'A canary: a call without any variant header that must reach the trap through the same server.',
);

export const message = described(
  object({
    atMs: sinceInvite,
    from: described(oneOf(ROLES), 'Who sent it.'),
    to: described(oneOf(ROLES), 'Who got it.'),
    startLine: described(text, 'Request line or status line, control characters removed.'),
    cseq: described(text, 'Value of CSeq, e.g. "1 INVITE".'),
    callId: described(text, 'Value of Call-ID.'),
    raw: described(
      text,
      'The whole message as received, bytes mapped to U+0000..U+00FF (latin1), so that nothing is lost.',
    ),
  }),
  'One SIP message as it was on the wire, seen from the endpoint that is not the server; a line of traces/*.jsonl.gz has a list of these for each call.',
);
