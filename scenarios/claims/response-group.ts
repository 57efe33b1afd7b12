import type { Claim } from '../../harness/model/scenario.ts';
import { DELEGATES, FORWARDING, GROUP, GROUP_MISSED_CALL, READ_ON, VOICEMAIL } from './groups.ts';

const source = {
  title: 'Microsoft NextHop blog, "Simultaneous Ringing Disabled for Response Group Service Calls", 11 November 2010',
  url: 'https://blogs.technet.microsoft.com/nexthop/2010/11/11/simultaneous-ringing-disabled-for-response-group-service-calls-in-office-communications-server-2007-r2/',
  readOn: READ_ON,
};
const secondary = ['target-class-secondary'];

/**
 * What Microsoft's Response Group team says of the special header on calls to agents. They do not name it; the 2012
 * blog post does (`blog-response-group-header`).
 */
export const responseGroup: readonly Claim[] = [
  {
    id: 'rgs-no-voicemail',
    statement: "A Response Group call does not end in an agent's voice mail.",
    source,
    evidence: 'documented',
    test: [{ variants: secondary, situations: VOICEMAIL, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-no-forwarding',
    statement: 'A Response Group call does not follow the forwarding of an agent.',
    source,
    evidence: 'documented',
    test: [{ variants: secondary, situations: FORWARDING, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-no-simultaneous-ring',
    statement: 'A Response Group call does not ring the simultaneous-ring phone of an agent.',
    source,
    evidence: 'documented',
    test: [{ variants: secondary, situations: ['simultaneous-ring'], says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-no-team',
    statement: 'A Response Group call does not ring the team of an agent.',
    source,
    evidence: 'documented',
    test: [{ variants: secondary, situations: ['team-ring'], says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-no-delegates',
    statement: 'A Response Group call does not ring the delegates of an agent.',
    source,
    evidence: 'documented',
    test: [{ variants: secondary, situations: DELEGATES, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-own-phone-rings',
    statement: "A Response Group call rings the agent's own phones.",
    source,
    evidence: 'documented',
    test: [
      {
        variants: secondary,
        situations: ['voicemail-no-answer', 'forward-no-answer', 'simultaneous-ring', 'team-ring', 'delegate-ring'],
        says: 'callee-rings',
      },
    ],
  },
  {
    id: 'rgs-alert-time',
    statement: "How long an agent's phone rings is the caller's affair; the agent's own ring time does not count.",
    source,
    evidence: 'documented',
    test: [
      {
        variants: secondary,
        situations: ['voicemail-no-answer', 'forward-no-answer', 'simultaneous-ring', 'team-ring', 'delegate-ring'],
        says: 'status',
        status: [487],
      },
    ],
  },
  {
    id: 'rgs-delegates-only',
    statement:
      'An agent whose calls ring delegates only never gets a Response Group call, and neither do the delegates.',
    source,
    evidence: 'documented',
    test: [
      { variants: secondary, situations: ['delegates-only'], says: 'outcome', outcome: 'suppressed' },
      { variants: secondary, situations: ['delegates-only'], says: 'callee-silent' },
    ],
  },
  {
    id: 'rgs-moves-on',
    statement: "When the group's own time is over it leaves the agent and rings the next, who gets the customer.",
    source,
    evidence: 'inferred',
    test: [{ variants: secondary, situations: [...GROUP, 'group-serial-missed-call'], says: 'as-meant' }],
  },
  {
    id: 'rgs-no-missed-call',
    statement: 'An agent whom a Response Group call has left is told of no missed call.',
    source,
    evidence: 'inferred',
    test: [{ variants: secondary, situations: GROUP_MISSED_CALL, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'rgs-accident',
    statement:
      "Without the header a customer of the group gets an agent's voice mail, forward target, mobile phone or team.",
    source,
    evidence: 'inferred',
    test: [{ variants: ['none'], situations: GROUP, says: 'outcome', outcome: 'engaged' }],
  },
];
