import type { Claim } from '../../harness/model/scenario.ts';
import { FORWARDING, READ_ON, VOICEMAIL } from './groups.ts';

const source = {
  title: 'Reader comment of 11 January 2013 under "Prevent Lync calls from going to voice mail"',
  section: 'comments',
  url: 'https://blog.greenl.ee/2012/12/28/prevent-lync-calls-voice-mail/',
  readOn: READ_ON,
};

/** What a reader of the 2012 blog post saw, who disagrees with it. */
export const comment2013: readonly Claim[] = [
  {
    id: 'comment-no-diversion-480',
    statement: 'With Ms-Sensitivity: private-no-diversion a call that the user does not answer ends with 480.',
    source,
    evidence: 'reported',
    test: [
      {
        variants: ['sensitivity-private-no-diversion', 'sensitivity-mixed-case'],
        situations: ['voicemail-no-answer', 'forward-no-answer', 'team-ring'],
        says: 'status',
        status: [480],
      },
    ],
  },
  {
    id: 'comment-never-diverted',
    statement: 'With Ms-Sensitivity: private-no-diversion a call is never forwarded and never reaches voice mail.',
    source,
    evidence: 'reported',
    test: [
      {
        variants: ['sensitivity-private-no-diversion'],
        situations: [...VOICEMAIL, ...FORWARDING],
        says: 'outcome',
        outcome: 'suppressed',
      },
    ],
  },
  {
    id: 'comment-mixed-case',
    statement: 'The header works with its name in lower case and its value as "Private-no-diversion".',
    source,
    evidence: 'reported',
    test: [
      {
        variants: ['sensitivity-mixed-case'],
        situations: ['voicemail-no-answer', 'forward-no-answer'],
        says: 'outcome',
        outcome: 'suppressed',
      },
    ],
  },
  {
    id: 'comment-back-to-back',
    statement:
      'Ms-Sensitivity: private-no-diversion works for back-to-back calls, too, when it is set on the outgoing leg.',
    source,
    evidence: 'reported',
    test: [
      {
        variants: ['sensitivity-private-no-diversion'],
        situations: ['voicemail-no-answer', 'forward-no-answer'],
        paths: ['b2bua-set'],
        says: 'outcome',
        outcome: 'suppressed',
      },
    ],
  },
];
