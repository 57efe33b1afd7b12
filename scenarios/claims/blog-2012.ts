import type { Claim } from '../../harness/model/scenario.ts';
import { FORWARDING, HANG_UP, MISSED_CALL, READ_ON, TOGETHER, VOICEMAIL } from './groups.ts';

const source = {
  title: 'M. Greenlee, "Prevent Lync calls from going to voice mail", 28 December 2012',
  url: 'https://blog.greenl.ee/2012/12/28/prevent-lync-calls-voice-mail/',
  readOn: READ_ON,
};
const sensitivityAlone = ['sensitivity-private-no-diversion'];
const secondary = ['target-class-secondary'];

/** What the author of the 2012 blog post saw on his own Lync server. */
export const blog2012: readonly Claim[] = [
  {
    id: 'blog-sensitivity-alone-voicemail',
    statement: 'Ms-Sensitivity: private-no-diversion alone does not keep a call out of voice mail.',
    source,
    evidence: 'observed',
    test: [{ variants: sensitivityAlone, situations: ['voicemail-no-answer'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'blog-sensitivity-alone-forwarding',
    statement: 'Ms-Sensitivity: private-no-diversion alone does not keep a call from being forwarded.',
    source,
    evidence: 'observed',
    test: [{ variants: sensitivityAlone, situations: FORWARDING, says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'blog-sensitivity-alone-team',
    statement: "Ms-Sensitivity: private-no-diversion alone does not keep a call from the callee's team.",
    source,
    evidence: 'observed',
    test: [{ variants: sensitivityAlone, situations: ['team-ring'], says: 'outcome', outcome: 'engaged' }],
  },
  {
    id: 'blog-target-class-voicemail',
    statement: 'Ms-Target-Class: secondary alone keeps a call out of voice mail.',
    source,
    evidence: 'observed',
    test: [{ variants: secondary, situations: VOICEMAIL, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'blog-target-class-forwarding',
    statement: 'Ms-Target-Class: secondary alone keeps a call from being forwarded.',
    source,
    evidence: 'observed',
    test: [{ variants: secondary, situations: FORWARDING, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'blog-target-class-team',
    statement: "Ms-Target-Class: secondary alone keeps a call from the callee's team.",
    source,
    evidence: 'observed',
    test: [{ variants: secondary, situations: ['team-ring'], says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'blog-target-class-missed-call',
    statement: 'An unanswered call with Ms-Target-Class: secondary leaves no missed-call notification.',
    source,
    evidence: 'observed',
    test: [{ variants: secondary, situations: MISSED_CALL, says: 'outcome', outcome: 'suppressed' }],
  },
  {
    id: 'blog-target-class-all-or-nothing',
    statement: 'Ms-Target-Class: secondary switches everything off together; no single feature can be kept.',
    source,
    evidence: 'observed',
    test: [
      {
        variants: secondary,
        situations: [
          'voicemail-no-answer',
          'forward-no-answer',
          'simultaneous-ring',
          'team-ring',
          'delegate-ring',
          'missed-call-hangup-while-ringing',
        ],
        says: 'all-or-nothing',
      },
    ],
  },
  {
    id: 'blog-target-class-together',
    statement:
      'Where one call meets several features, Ms-Target-Class: secondary keeps it out of all: no voice mail without the others, and none of them without voice mail.',
    source,
    evidence: 'observed',
    test: [{ variants: secondary, situations: TOGETHER, says: 'together' }],
  },
  {
    id: 'blog-response-group-header',
    statement: 'Response Group marks its calls to agents with Ms-Target-Class: secondary.',
    source,
    evidence: 'observed',
  },
  {
    id: 'blog-work-around-own-voicemail',
    statement:
      'Voice mail without forwarding can be had by an application that sends Ms-Target-Class: secondary, gives the callee up by itself and then calls his voice mail.',
    source,
    evidence: 'observed',
    test: [
      { variants: secondary, situations: ['voicemail-without-forwarding', 'voicemail-without-team'], says: 'as-meant' },
    ],
  },
  {
    id: 'blog-work-around-hang-up',
    statement:
      'An application that knows voice mail when it answers can hang up: no message is left, and a missed call is noted all the same.',
    source,
    evidence: 'observed',
    test: [{ variants: ['none'], situations: HANG_UP, says: 'as-meant' }],
  },
];
