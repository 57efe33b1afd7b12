import type { Feature } from '../../harness/model/scenario.ts';

interface NeverTogether {
  readonly features: readonly [Feature, Feature];
  readonly because: string;
  /** Of [MS-SIPRE]. */
  readonly section: string;
}

/** Pairs of features that no call meets both of, whatever the callee's settings; the others are asked by `several-features`. */
export const neverTogether: readonly NeverTogether[] = [
  {
    features: ['voicemail', 'forwarding'],
    because: 'an unanswered call has one destination: the forward target where enablecf is set, and else voice mail',
    section: '3.9.6.1',
  },
  {
    features: ['simultaneous-ring', 'team-ring'],
    because:
      "team ring forks to the callee's endpoints and his team, and ends the rules before simultaneous ring is looked at",
    section: '3.9.5.2.2.3',
  },
  {
    features: ['simultaneous-ring', 'delegate-ring'],
    because:
      "delegate ring forks to the callee's endpoints and his delegates, and ends the rules before simultaneous ring is looked at",
    section: '3.9.5.2.2.2',
  },
  {
    features: ['team-ring', 'delegate-ring'],
    because: 'of the two flags team_ring counts',
    section: '3.9.5.1.2',
  },
];
