import type { Lab } from './lab.ts';

/** From a phone's REGISTER to the last call of its wave, on a busy machine and a server that is not hurried. */
const LONG_ENOUGH_S = 30;

/** A phone that the server has forgotten by then is called by nobody, and looks like one that the server leaves out. */
export function stayWarnings({ banks, voicemail }: Pick<Lab, 'banks' | 'voicemail'>): string[] {
  const all = [...Object.values(banks), voicemail].map(({ registrations }) => registrations.expiresS);
  const shortestS = Math.min(...all);
  return shortestS >= LONG_ENOUGH_S
    ? []
    : [
        `the server lets phones stay for ${shortestS} s alone: who was called later than that may have had no phone any more`,
      ];
}

/** A phone that does not speak what the server is spoken to with is not tried on it. */
export function uaWarnings({ ua, server }: Lab): string[] {
  const { transport = 'udp' } = server.sip;
  if (ua === null || ua.transport === transport) return [];
  return [
    `${ua.name} ${ua.version} speaks ${ua.transport.toUpperCase()} with its edge, and the edge ${transport.toUpperCase()} with the server: it does not list "${transport}" among its transports`,
  ];
}

/** What a reader must know of a record that comes out of the control protocol of a server that is not ours. */
export function recordWarnings({ tapped, site }: Lab): string[] {
  if (tapped.length === 0) return [];
  const record = `the record of ${tapped.join(', ')} is what the drachtio server there tells its application`;
  return [
    `${record}: what that server does by itself is not in it (100 Trying, 487 and the 200 to a CANCEL, ACKs of refusals, retransmissions)`,
    ...(site.askOptions === undefined ? [`${record}: whether it shows calls with every header was not tried`] : []),
  ];
}
