import type { Claim } from '../../harness/model/scenario.ts';
import { DELEGATES } from './groups.ts';
import { msSipre } from './ms-sipre-sections.ts';

const flags = msSipre('3.9.5.1.2', '237607b9-e02f-47da-8005-0618a30b53b2');
const rules = msSipre('3.9.5.2.2', '16fea2fa-01a6-419a-a686-ff583e00d8cb');
const primaryTargets = msSipre('3.9.5.2.2.1', 'e4f0d9a6-2f2f-41b4-ba17-800393f77268');
const delegateRinging = msSipre('3.9.5.2.2.2', 'b22c27bc-93f9-4080-8115-5f04539b2e42');
const teamRinging = msSipre('3.9.5.2.2.3', '21a8cb45-2c5d-4bdf-8701-ca83cbbf96a0');
const timer = msSipre('3.9.6.1', '4bcef7fe-c81c-4dea-b85f-bec8d7821d80');

/** What the specification says of a call without any of the headers: the grounds of the controls. */
export const msSipreRouting: readonly Claim[] = [
  {
    id: 'ms-sipre-own-phones',
    statement: "Without immediate forwarding a call rings the callee's registered phones.",
    source: primaryTargets,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['voicemail-no-answer', 'forward-no-answer'], says: 'callee-rings' }],
  },
  {
    id: 'ms-sipre-unanswered-voicemail',
    statement: 'When nobody has answered in time, the call goes to voice mail unless call forwarding is enabled.',
    source: timer,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['voicemail-no-answer'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'ms-sipre-unanswered-forward',
    statement: 'When nobody has answered in time and call forwarding is enabled, the call goes to the forward target.',
    source: timer,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['forward-no-answer'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'ms-sipre-forward-immediate',
    statement:
      "Immediate forwarding goes to the forward target or to voice mail and does not ring the callee's phones.",
    source: primaryTargets,
    evidence: 'documented',
    test: [
      {
        variants: ['none'],
        situations: ['forward-immediate', 'voicemail-immediate'],
        says: 'outcome',
        outcome: 'engaged',
      },
    ],
  },
  {
    id: 'ms-sipre-simultaneous-ring',
    statement: "With simultaneous ring the first entry of its list rings together with the callee's phones.",
    source: primaryTargets,
    evidence: 'documented',
    test: [
      { variants: ['none'], situations: ['simultaneous-ring'], says: 'outcome', outcome: 'engaged' },
      { variants: ['none'], situations: ['simultaneous-ring'], says: 'callee-rings' },
    ],
  },
  {
    id: 'ms-sipre-team-ring',
    statement: "With team ring the callee's phones ring first and the team joins when the user wait is over.",
    source: teamRinging,
    evidence: 'documented',
    test: [
      { variants: ['none'], situations: ['team-ring'], says: 'outcome', outcome: 'engaged' },
      { variants: ['none'], situations: ['team-ring'], says: 'callee-rings' },
    ],
  },
  {
    id: 'ms-sipre-delegate-ring',
    statement: "With delegate ring the delegates ring as well as the callee's phones.",
    source: delegateRinging,
    evidence: 'documented',
    test: [
      { variants: ['none'], situations: DELEGATES, says: 'outcome', outcome: 'engaged' },
      { variants: ['none'], situations: ['delegate-ring'], says: 'callee-rings' },
    ],
  },
  {
    id: 'ms-sipre-delegates-do-not-disturb',
    statement:
      'With delegate ring and a callee who does not want to be disturbed, the call goes to the delegates only.',
    source: delegateRinging,
    evidence: 'documented',
  },
  {
    id: 'ms-sipre-skip-primary',
    statement: "With skip_primary neither the callee's phones nor simultaneous ring are rung for an ordinary caller.",
    source: flags,
    evidence: 'documented',
    test: [{ variants: ['none'], situations: ['delegates-only'], says: 'callee-silent' }],
  },
  {
    id: 'ms-sipre-block',
    statement: 'With block every call ends with 480.',
    source: rules,
    evidence: 'documented',
  },
];
