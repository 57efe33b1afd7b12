import type { Claim } from '../../harness/model/scenario.ts';
import { EVERYTHING, READ_ON } from './groups.ts';

function rfc(number: number, title: string, section: string): Claim['source'] {
  return {
    title: `RFC ${number}, ${title}`,
    section,
    url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
    readOn: READ_ON,
  };
}
const sip = (section: string): Claim['source'] => rfc(3261, 'SIP: Session Initiation Protocol', section);
const preferences = (section: string): Claim['source'] => rfc(3841, 'Caller Preferences for SIP', section);
const sameAsPlainSpelling = { situations: EVERYTHING, says: 'same-as', variant: 'target-class-secondary' } as const;
const sameAsNone = { situations: EVERYTHING, says: 'same-as', variant: 'none' } as const;

/** What the RFCs say, of headers in general and of those that look as if they could help. */
export const standards: readonly Claim[] = [
  {
    id: 'rfc3261-unknown-ignored',
    statement: 'A header field that a server does not understand is ignored and never a reason to refuse a call.',
    source: sip('16.3'),
    evidence: 'documented',
    test: [{ variants: ['x-no-voicemail', 'request-disposition-no-redirect', 'answer-mode-manual'], ...sameAsNone }],
  },
  {
    id: 'rfc3261-case-insensitive',
    statement: 'Header field names, and values unless their definition says otherwise, do not depend on case.',
    source: sip('7.3.1'),
    evidence: 'documented',
    test: [
      {
        variants: ['target-class-secondary-lowercase-name', 'target-class-secondary-uppercase-value'],
        ...sameAsPlainSpelling,
      },
      {
        variants: ['sensitivity-mixed-case'],
        situations: EVERYTHING,
        says: 'same-as',
        variant: 'sensitivity-private-no-diversion',
      },
    ],
  },
  {
    id: 'rfc3261-blanks',
    statement: 'Blanks on either side of a header field value do not belong to it.',
    source: sip('7.3.1'),
    evidence: 'documented',
    test: [{ variants: ['target-class-secondary-padded'], ...sameAsPlainSpelling }],
  },
  {
    id: 'rfc3261-folding',
    statement: 'A line break followed by a blank inside a header field value counts as a single blank.',
    source: sip('7.3.1'),
    evidence: 'documented',
    test: [{ variants: ['target-class-secondary-folded'], ...sameAsPlainSpelling }],
  },
  {
    id: 'rfc3261-repetition',
    statement: 'A header field may be repeated only where its value is defined as a comma-separated list.',
    source: sip('7.3.1'),
    evidence: 'documented',
  },
  {
    id: 'rfc3261-cancelled-487',
    statement: 'A call that its caller cancels before it is answered ends with 487.',
    source: sip('9.2'),
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['missed-call-hangup-while-ringing'], says: 'status', status: [487] }],
  },
  {
    id: 'rfc3326-cancel-copied',
    statement: 'A proxy SHOULD copy the Reason of a CANCEL that it gets into those that it sends for it.',
    source: rfc(3326, 'The Reason Header Field for SIP', '2'),
    evidence: 'documented',
    test: [
      {
        variants: ['cancel-completed-elsewhere', 'cancel-completed-elsewhere-q850', 'cancel-given-up'],
        situations: ['cancelled-by-caller', 'cancelled-by-caller-heeded'],
        says: 'as-meant',
      },
    ],
  },
  {
    id: 'rfc3326-elsewhere-not-missed',
    statement: 'A call that was picked up elsewhere is not to be logged as missed; one that was given up may be.',
    source: rfc(3326, 'The Reason Header Field for SIP', '1'),
    evidence: 'documented',
    test: [
      {
        variants: ['cancel-completed-elsewhere', 'cancel-completed-elsewhere-q850'],
        situations: ['cancelled-by-caller-heeded'],
        says: 'outcome',
        outcome: 'suppressed',
      },
      {
        variants: ['cancel-given-up'],
        situations: ['cancelled-by-caller-heeded'],
        says: 'outcome',
        outcome: 'engaged',
      },
    ],
  },
  {
    id: 'rfc3261-answer-relayed',
    statement: 'The 2xx of a phone that answers is passed on to the caller.',
    source: sip('16.7'),
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['answered-by-callee'], says: 'status', status: [200] }],
  },
  {
    id: 'rfc3841-no-fork',
    statement: 'Request-Disposition: no-fork asks a proxy to send the request to a single address.',
    source: preferences('9.1'),
    evidence: 'documented',
  },
  {
    id: 'rfc3841-no-such-directive',
    statement: 'Request-Disposition has no directive no-redirect, and none that speaks of voice mail.',
    source: preferences('9.1'),
    evidence: 'documented',
    test: [{ variants: ['request-disposition-no-redirect'], ...sameAsNone }],
  },
  {
    id: 'rfc3841-reject-contact',
    statement: 'Reject-Contact removes those contacts that have advertised every feature it lists.',
    source: preferences('7.2.4'),
    evidence: 'documented',
  },
  {
    id: 'rfc3841-accept-contact',
    statement:
      'Accept-Contact with require and explicit removes contacts that have not advertised every feature it lists.',
    source: preferences('7.2.4'),
    evidence: 'documented',
  },
  {
    id: 'rfc3841-immune-contacts',
    statement: 'A target that has advertised no features at all is immune to caller preferences.',
    source: preferences('7.2'),
    evidence: 'documented',
    test: [
      {
        variants: ['reject-contact-automata', 'reject-contact-msg-taker', 'accept-contact-principal'],
        ...sameAsNone,
      },
    ],
  },
  {
    id: 'rfc5373-answer-mode',
    statement: 'Answer-Mode tells the phone whether to answer by itself; it does not speak of where a call is routed.',
    source: rfc(5373, 'Requesting Answering Modes for SIP', '4'),
    evidence: 'documented',
    test: [{ variants: ['answer-mode-manual'], ...sameAsNone }],
  },
  {
    id: 'rfc7090-psap-callback',
    statement:
      'Priority: psap-callback marks an emergency call-back, which should escape blocking and answering machines.',
    source: rfc(7090, 'Public Safety Answering Point (PSAP) Callback', '5'),
    evidence: 'documented',
  },
];
