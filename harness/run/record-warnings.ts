import type { Lab } from './lab.ts';

/** What a reader must know of a record that comes out of the control protocol of a server that is not ours. */
export function recordWarnings({ tapped, site }: Lab): string[] {
  if (tapped.length === 0) return [];
  const record = `the record of ${tapped.join(', ')} is what the drachtio server there tells its application`;
  return [
    `${record}: what that server does by itself is not in it (100 Trying, 487 and the 200 to a CANCEL, ACKs of refusals, retransmissions)`,
    ...(site.askOptions === undefined ? [`${record}: whether it shows calls with every header was not tried`] : []),
  ];
}
