import type { Feature } from '../../model/scenario.ts';
import type { AnswerState } from '../answers.ts';

/** Mark and words of an answer. */
export const WORDS: Readonly<Record<AnswerState, readonly [mark: string, words: string]>> = {
  'kept-out': ['○', 'kept out'],
  mixed: ['◐', 'mixed'],
  'not-kept-out': ['●', 'not kept out'],
  'not-proven': ['?', 'not proven'],
  unsupported: ['-', 'not supported'],
  'not-asked': ['', 'not run'],
};

/** Where the feature's full name is too long. */
export const SHORT_NAMES: Readonly<Record<Feature, string>> = {
  voicemail: 'voice mail',
  forwarding: 'forwarding',
  'simultaneous-ring': 'sim. ring',
  'team-ring': 'team ring',
  'delegate-ring': 'delegates',
  'missed-call-notification': 'missed calls',
};
