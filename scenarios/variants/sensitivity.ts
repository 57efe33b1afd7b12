import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** `Ms-Sensitivity`, MS-SIPRE 2.2.10: the four values, their spelling, and what breaks the syntax. */
export const sensitivity: readonly HeaderVariant[] = [
  {
    id: 'sensitivity-normal',
    title: 'Ms-Sensitivity: normal',
    kind: 'decoy',
    claims: ['ms-sipre-normal'],
    headers: ['Ms-Sensitivity: normal'],
  },
  {
    id: 'sensitivity-private',
    title: 'Ms-Sensitivity: private',
    kind: 'inhibitor',
    claims: ['ms-sipre-private-is-normal', 'ucma-private-team-ring'],
    headers: ['Ms-Sensitivity: private'],
  },
  {
    id: 'sensitivity-normal-no-diversion',
    title: 'Ms-Sensitivity: normal-no-diversion',
    kind: 'inhibitor',
    claims: ['ms-sipre-no-diversion-voicemail', 'ms-sipre-no-diversion-forwarding', 'ucma-normal-no-diversion'],
    headers: ['Ms-Sensitivity: normal-no-diversion'],
  },
  {
    id: 'sensitivity-private-no-diversion',
    title: 'Ms-Sensitivity: private-no-diversion',
    kind: 'inhibitor',
    claims: ['ms-sipre-no-diversion-voicemail', 'blog-sensitivity-alone-voicemail', 'comment-no-diversion-480'],
    headers: ['Ms-Sensitivity: private-no-diversion'],
  },
  {
    id: 'sensitivity-mixed-case',
    title: 'ms-sensitivity: Private-no-diversion, as its reporter wrote it',
    kind: 'inhibitor',
    claims: ['comment-mixed-case', 'rfc3261-case-insensitive'],
    headers: ['ms-sensitivity: Private-no-diversion'],
  },
  {
    id: 'sensitivity-invalid',
    title: 'Ms-Sensitivity with a value outside the four',
    kind: 'malformed',
    claims: ['ms-sipre-invalid-400'],
    headers: ['Ms-Sensitivity: no-diversion'],
  },
  {
    id: 'sensitivity-repeated',
    title: 'Ms-Sensitivity: private-no-diversion, twice',
    kind: 'malformed',
    claims: ['ms-sipre-repeated-400'],
    headers: ['Ms-Sensitivity: private-no-diversion', 'Ms-Sensitivity: private-no-diversion'],
  },
];
