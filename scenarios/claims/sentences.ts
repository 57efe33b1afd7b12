import type { Sentence } from '../../harness/model/scenario.ts';

/**
 * What the two seed sources say, sentence by sentence in our own words, and the claims that each makes. A claim may rest on
 * another source as well; what no lab can show says why.
 */
export const sentences: readonly Sentence[] = [
  {
    source: 'post',
    gist: 'A call that an application makes to somebody who does not answer is taken by his voice mail, or by where he forwards calls to.',
    claims: ['ms-sipre-unanswered-voicemail', 'ms-sipre-unanswered-forward', 'ms-sipre-team-ring'],
  },
  {
    source: 'post',
    gist: 'The header that is documented for it, Ms-Sensitivity with private-no-diversion, does not help by itself: voice mail, forwarding and team still get the call.',
    claims: ['blog-sensitivity-alone-voicemail', 'blog-sensitivity-alone-forwarding', 'blog-sensitivity-alone-team'],
  },
  {
    source: 'post',
    gist: 'The calls of Response Group to its agents end nowhere but at the agents.',
    claims: [
      'rgs-accident',
      'rgs-no-voicemail',
      'rgs-no-forwarding',
      'rgs-no-team',
      'rgs-own-phone-rings',
      'rgs-alert-time',
      'rgs-moves-on',
      'rgs-no-missed-call',
    ],
  },
  {
    source: 'post',
    gist: 'What Response Group adds to them is Ms-Target-Class: secondary.',
    claims: ['blog-response-group-header'],
    beyond: 'what Response Group sends, only a Lync server shows; what such a header does, the claims beside it ask',
  },
  {
    source: 'post',
    gist: 'That header alone keeps a call out of voice mail, forwarding and team.',
    claims: ['blog-target-class-voicemail', 'blog-target-class-forwarding', 'blog-target-class-team'],
  },
  {
    source: 'post',
    gist: 'It leaves no missed-call notification either.',
    claims: ['blog-target-class-missed-call'],
  },
  {
    source: 'post',
    gist: 'It is all or nothing: no preventing voice mail while forwarding is allowed, no voice mail without missed-call notifications.',
    claims: ['blog-target-class-all-or-nothing', 'blog-target-class-together'],
  },
  {
    source: 'post',
    gist: 'Who wants voice mail and no forwarding can give the callee up after a while, and call his voice mail.',
    claims: ['blog-work-around-own-voicemail'],
  },
  {
    source: 'post',
    gist: 'Or leave the header out, see that voice mail has answered, and hang up; a missed call is noted then.',
    claims: ['blog-work-around-hang-up'],
  },
  {
    source: 'comment',
    gist: 'With private-no-diversion a call is never forwarded and never in voice mail.',
    claims: ['comment-never-diverted'],
  },
  { source: 'comment', gist: 'Nobody answers: the call ends with 480.', claims: ['comment-no-diversion-480'] },
  {
    source: 'comment',
    gist: 'The header works with a lower-case name, and a capital at the beginning of its value.',
    claims: ['comment-mixed-case'],
  },
  {
    source: 'comment',
    gist: 'It works for peer-to-peer and for back-to-back calls, when it is set on the outgoing leg.',
    claims: ['comment-back-to-back'],
  },
];
