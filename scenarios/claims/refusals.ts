import type { Claim } from '../../harness/model/scenario.ts';
import { READ_ON } from './groups.ts';
import { msSipre } from './ms-sipre-sections.ts';

const decline = {
  title: 'draft-rajesh-sipping-605-01 (Internet-Draft)',
  url: 'https://datatracker.ietf.org/doc/draft-rajesh-sipping-605/',
  readOn: READ_ON,
};

/** What a refusal by the callee's phone means for the destinations that come after it. */
export const refusals: readonly Claim[] = [
  {
    id: 'decline-605-stops',
    statement: '605 ends the call everywhere: no later destination is tried.',
    source: decline,
    evidence: 'documented',
  },
  {
    id: 'decline-603-goes-on',
    statement:
      '603 ends the ringing of the phones only; destinations that come after them, such as voice mail, are still tried.',
    source: decline,
    evidence: 'inferred',
    test: [{ variants: ['none'], situations: ['voicemail-declined'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'lab-refusal-goes-on',
    statement: 'When every phone has refused, the destination for unanswered calls is tried at once.',
    source: {
      title: 'RFC 3261, SIP: Session Initiation Protocol',
      section: '16.7',
      url: 'https://www.rfc-editor.org/rfc/rfc3261#section-16.7',
      readOn: READ_ON,
    },
    evidence: 'inferred',
    test: [{ variants: ['none'], situations: ['voicemail-busy'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'lab-offline-goes-on',
    statement: 'When no phone is registered, the destination for unanswered calls is tried at once.',
    source: msSipre('3.9.6.1', '4bcef7fe-c81c-4dea-b85f-bec8d7821d80'),
    evidence: 'inferred',
    test: [{ variants: ['none'], situations: ['voicemail-offline'], says: 'outcome', outcome: 'engaged' }],
  },
];
