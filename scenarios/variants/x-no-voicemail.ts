import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** A header that nobody has defined. A server that obeys it obeys a guess. */
export const xNoVoicemail: readonly HeaderVariant[] = [
  {
    id: 'x-no-voicemail',
    title: 'X-No-Voicemail: true',
    kind: 'decoy',
    claims: ['rfc3261-unknown-ignored'],
    headers: ['X-No-Voicemail: true'],
  },
];
