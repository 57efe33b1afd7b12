import type { Settle } from '../../harness/results/merge.ts';

/** For merges whose claims nobody asks for. */
export const NOTHING_SETTLED: Settle = { claims: () => [], likeness: () => [] };
