import type { Observation } from '../model/observation.ts';

/** The messages of a call, one line each, for places that take plain text. */
export function callFlow({ messages }: Observation): string {
  return messages
    .map(({ atMs, from, to, startLine }) => `${atMs.toFixed(1).padStart(8)} ms  ${from} -> ${to}  ${startLine}`)
    .join('\n');
}
