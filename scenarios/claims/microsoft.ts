import type { Claim } from '../../harness/model/scenario.ts';
import { FORWARDING, MISSED_CALL, READ_ON, VOICEMAIL } from './groups.ts';

const privacyOptions = {
  title: 'UCMA 2.0 SDK documentation, PrivacyOptions enumeration',
  url: 'https://learn.microsoft.com/previous-versions/office/developer/communication-server-2007-R2/dd168967(v=office.13)',
  readOn: READ_ON,
};
const missedCalls = {
  title: 'jenstr (Microsoft blog), "Missed called notifications"',
  url: 'https://learn.microsoft.com/archive/blogs/jenstr/missed-called-notifications',
  readOn: READ_ON,
};
const teamCallHelp = {
  title: 'Office Communications Server 2007 R2 help, team-call groups',
  url: 'https://unifiedpeople.ru/ocs2007r2.en/html/d8d85e70-49a7-4d96-a229-cba577922922.htm',
  readOn: READ_ON,
};

/** Other Microsoft documents: the UCMA SDK, the notes on missed calls, product help, the voice mail protocol. */
export const microsoft: readonly Claim[] = [
  {
    id: 'ucma-private-team-ring',
    statement: 'The privacy option behind Ms-Sensitivity: private switches team ringing and the like off.',
    source: privacyOptions,
    evidence: 'documented',
    test: [{ variants: ['sensitivity-private'], situations: ['team-ring'], says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'ucma-normal-no-diversion',
    statement: 'The option behind normal-no-diversion blocks voice mail and forwarding and leaves team ringing on.',
    source: privacyOptions,
    evidence: 'documented',
    test: [
      {
        variants: ['sensitivity-normal-no-diversion'],
        situations: [...VOICEMAIL, ...FORWARDING],
        says: 'outcome',
        outcome: 'suppressed',
      },
      {
        variants: ['sensitivity-normal-no-diversion'],
        situations: ['team-ring'],
        says: 'outcome',
        outcome: 'engaged',
      },
    ],
  },
  {
    id: 'ucma-private-no-diversion',
    statement: 'The option behind private-no-diversion blocks voice mail, forwarding and team ringing.',
    source: privacyOptions,
    evidence: 'documented',
    test: [
      {
        variants: ['sensitivity-private-no-diversion'],
        situations: [...VOICEMAIL, ...FORWARDING, 'team-ring'],
        says: 'outcome',
        outcome: 'suppressed',
      },
    ],
  },
  {
    id: 'missed-call-while-ringing',
    statement: 'When the caller hangs up while the phones ring, the SIP server reports a missed call.',
    source: missedCalls,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: MISSED_CALL.slice(0, 1), says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'missed-call-in-greeting',
    statement: 'When the caller hangs up during the greeting, voice mail itself notes a missed call.',
    source: missedCalls,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: MISSED_CALL.slice(1), says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'missed-call-message-left',
    statement: 'When the caller leaves a message there is a voice message and no missed call.',
    source: missedCalls,
    evidence: 'documented',
  },
  {
    id: 'help-do-not-disturb-voicemail',
    statement: 'Calls to a user in do-not-disturb go to voice mail.',
    source: teamCallHelp,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['voicemail-do-not-disturb'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'help-offline-team',
    statement: "Calls to a user who is offline go to the user's team at once.",
    source: teamCallHelp,
    evidence: 'documented',
  },
  {
    id: 'ms-eumr-direct-voicemail',
    statement: "A request to the user's voice mail address (opaque=app:voicemail) is routed to the voice mail server.",
    source: {
      title: '[MS-EUMR]: Routing to Exchange Unified Messaging Extensions',
      section: '3.1.5',
      url: 'https://msdn.microsoft.com/library/dd905586(v=office.12)',
      readOn: READ_ON,
    },
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['direct-to-voicemail'], says: 'outcome', outcome: 'engaged' }],
  },
];
