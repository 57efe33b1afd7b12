import type { Feature } from '../../model/scenario.ts';

/** What a call is kept out of, as one says it. */
export const FEATURE_WORDS: Readonly<Record<Feature, string>> = {
  voicemail: 'voice mail',
  forwarding: 'forwarding',
  'simultaneous-ring': 'simultaneous ring',
  'team-ring': 'team ring',
  'delegate-ring': 'delegates',
  'missed-call-notification': 'missed-call notifications',
};
