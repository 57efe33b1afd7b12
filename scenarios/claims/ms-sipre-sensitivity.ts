import type { Claim } from '../../harness/model/scenario.ts';
import { EVERYTHING, FORWARDING, NO_DIVERSION, VOICEMAIL } from './groups.ts';
import { msSipre } from './ms-sipre-sections.ts';

const syntax = msSipre('2.2.10', 'c3df2194-81cd-47a3-bda3-db2b9cd0ea17');
const semantics = msSipre('3.9.5.2.1', 'ebde2f1e-4af6-4887-b0b3-899c205e16b8');
const primaryTargets = msSipre('3.9.5.2.2.1', 'e4f0d9a6-2f2f-41b4-ba17-800393f77268');

/** What the specification says of `Ms-Sensitivity`. */
export const msSipreSensitivity: readonly Claim[] = [
  {
    id: 'ms-sipre-invalid-400',
    statement: 'A request whose Ms-Sensitivity is none of the four values should be answered with 400.',
    source: syntax,
    evidence: 'documented',
    test: [{ variants: ['sensitivity-invalid'], situations: EVERYTHING, says: 'status', status: [400] }],
  },
  {
    id: 'ms-sipre-repeated-400',
    statement: 'A request with more than one Ms-Sensitivity should be answered with 400.',
    source: syntax,
    evidence: 'documented',
    test: [{ variants: ['sensitivity-repeated'], situations: EVERYTHING, says: 'status', status: [400] }],
  },
  {
    id: 'ms-sipre-normal',
    statement: 'Ms-Sensitivity: normal permits every destination, as if the header were absent.',
    source: semantics,
    evidence: 'documented',
    test: [{ variants: ['sensitivity-normal'], situations: EVERYTHING, says: 'same-as', variant: 'none' }],
  },
  {
    id: 'ms-sipre-private-is-normal',
    statement: 'Ms-Sensitivity: private is reserved and permits what normal permits.',
    source: semantics,
    evidence: 'documented',
    test: [
      { variants: ['sensitivity-private'], situations: EVERYTHING, says: 'same-as', variant: 'sensitivity-normal' },
    ],
  },
  {
    id: 'ms-sipre-no-diversion-alike',
    statement: 'Both no-diversion values forbid the same destinations.',
    source: semantics,
    evidence: 'documented',
    test: [
      {
        variants: ['sensitivity-normal-no-diversion'],
        situations: EVERYTHING,
        says: 'same-as',
        variant: 'sensitivity-private-no-diversion',
      },
    ],
  },
  {
    id: 'ms-sipre-no-diversion-voicemail',
    statement: 'Under either no-diversion value a call does not go to voice mail.',
    source: semantics,
    evidence: 'documented',
    test: [{ variants: NO_DIVERSION, situations: VOICEMAIL, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'ms-sipre-no-diversion-forwarding',
    statement: 'Under either no-diversion value a call is not forwarded.',
    source: semantics,
    evidence: 'documented',
    test: [{ variants: NO_DIVERSION, situations: FORWARDING, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'ms-sipre-no-diversion-team',
    statement: "Under either no-diversion value the callee's team does not ring.",
    source: semantics,
    evidence: 'documented',
    test: [{ variants: NO_DIVERSION, situations: ['team-ring'], says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'ms-sipre-no-diversion-simultaneous-ring',
    statement: 'Under either no-diversion value simultaneous ring must still ring.',
    source: semantics,
    evidence: 'documented',
    test: [{ variants: NO_DIVERSION, situations: ['simultaneous-ring'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'ms-sipre-no-diversion-own-phones',
    statement: "Neither no-diversion value keeps the callee's own phones from ringing.",
    source: semantics,
    evidence: 'documented',
    test: [
      {
        variants: NO_DIVERSION,
        situations: [
          'voicemail-no-answer',
          'forward-no-answer',
          'simultaneous-ring',
          'team-ring',
          'answered-by-callee',
        ],
        says: 'callee-rings',
      },
    ],
  },
  {
    id: 'ms-sipre-no-diversion-immediate-fails',
    statement:
      "Immediate forwarding that a no-diversion value forbids ends in a failure, without ringing the callee's phones.",
    source: primaryTargets,
    evidence: 'documented',
    test: [
      {
        variants: NO_DIVERSION,
        situations: ['forward-immediate', 'voicemail-immediate'],
        says: 'outcome',
        outcome: 'suppressed',
      },
    ],
  },
];
