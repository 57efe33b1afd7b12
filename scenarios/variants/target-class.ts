import type { HeaderVariant } from '../../harness/model/scenario.ts';

const effects = [
  'blog-target-class-voicemail',
  'blog-target-class-forwarding',
  'blog-target-class-team',
  'blog-target-class-missed-call',
];

/** `Ms-Target-Class`, the header that Response Group sends to its agents, in every spelling SIP calls the same. */
export const targetClass: readonly HeaderVariant[] = [
  {
    id: 'target-class-secondary',
    title: 'Ms-Target-Class: secondary',
    kind: 'inhibitor',
    claims: [...effects, 'blog-target-class-all-or-nothing'],
    headers: ['Ms-Target-Class: secondary'],
  },
  {
    id: 'target-class-secondary-lowercase-name',
    title: 'Ms-Target-Class: secondary, name in lower case',
    kind: 'inhibitor',
    claims: [...effects, 'rfc3261-case-insensitive'],
    headers: ['ms-target-class: secondary'],
  },
  {
    id: 'target-class-secondary-uppercase-value',
    title: 'Ms-Target-Class: secondary, value in upper case',
    kind: 'inhibitor',
    claims: [...effects, 'rfc3261-case-insensitive'],
    headers: ['Ms-Target-Class: SECONDARY'],
  },
  {
    id: 'target-class-secondary-padded',
    title: 'Ms-Target-Class: secondary, blanks around the value',
    kind: 'inhibitor',
    claims: [...effects, 'rfc3261-blanks'],
    headers: [{ name: 'Ms-Target-Class', value: 'secondary', spelling: 'padded' }],
  },
  {
    id: 'target-class-secondary-folded',
    title: 'Ms-Target-Class: secondary, value on a continuation line',
    kind: 'inhibitor',
    claims: [...effects, 'rfc3261-folding'],
    headers: [{ name: 'Ms-Target-Class', value: 'secondary', spelling: 'folded' }],
  },
  {
    id: 'target-class-secondary-repeated',
    title: 'Ms-Target-Class: secondary, twice',
    kind: 'malformed',
    claims: ['rfc3261-repetition'],
    headers: ['Ms-Target-Class: secondary', 'Ms-Target-Class: secondary'],
  },
  {
    id: 'target-class-primary',
    title: 'Ms-Target-Class: primary',
    kind: 'decoy',
    claims: ['rfc3261-unknown-ignored'],
    headers: ['Ms-Target-Class: primary'],
  },
  {
    id: 'target-class-unknown',
    title: 'Ms-Target-Class with a value that nobody describes',
    kind: 'decoy',
    claims: ['rfc3261-unknown-ignored'],
    headers: ['Ms-Target-Class: tertiary'],
  },
];
