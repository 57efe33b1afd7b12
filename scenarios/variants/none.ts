import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** The control of every other row: the same call without any of their headers. */
export const none: readonly HeaderVariant[] = [
  { id: 'none', title: 'No header (control)', kind: 'control', claims: [], headers: [] },
];
