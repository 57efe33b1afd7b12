import { defineHeaders } from 'ringfence';

// Rows of the matrix: header fields that a caller adds to its INVITE.
export const variants = defineHeaders([
  // A decoy is one of which no source says that it does anything; npx ringfence list claims has the sources.
  { id: 'x-ring-only', title: 'X-Ring-Only: yes', kind: 'decoy', claims: [], headers: ['X-Ring-Only: yes'] },
]);
