import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** The two Microsoft headers together. */
export const bothHeaders: readonly HeaderVariant[] = [
  {
    id: 'both-headers',
    title: 'Ms-Target-Class: secondary and Ms-Sensitivity: private-no-diversion',
    kind: 'inhibitor',
    claims: ['blog-target-class-voicemail', 'ms-sipre-no-diversion-voicemail'],
    headers: ['Ms-Target-Class: secondary', 'Ms-Sensitivity: private-no-diversion'],
  },
];
