/** Between the server and an endpoint there may be further servers, whom nobody of ours sees but by their Vias. */
import { linesNamed } from '../model/header-lines.ts';
import type { Leg } from '../model/observation.ts';
import { parseVia, splitList } from '../sip/uri.ts';
import { cancelReasons } from './legs.ts';
import type { WireMessage } from './wire-log.ts';

const VIA: ReadonlySet<string> = new Set(['via', 'v']);

/**
 * What an INVITE came through, and what the last hop was told when the call was given up, where it keeps a record.
 *
 * @param messages of the call; those of a hop's record have the source `hop`
 * @param sent the INVITE that the server got
 */
export function withHops(leg: Leg, messages: readonly WireMessage[], sent: WireMessage | undefined): Leg {
  const ofLeg = ({ to, callId }: WireMessage): boolean => to === leg.role && callId === leg.callId;
  const invite = messages.find((each) => ofLeg(each) && each.method === 'INVITE');
  const cancel = messages.find((each) => ofLeg(each) && each.source === 'hop');
  // RFC 3261 16.6: each of them has put its own on top. One that calls itself has two.
  const added = viasOf(invite).slice(0, Math.max(0, viasOf(invite).length - viasOf(sent).length));
  const hops = added.toReversed().filter((via, index, all) => via !== all[index - 1]);
  return {
    ...leg,
    ...(hops.length > 1 && { hops }),
    ...(cancel && { hopCancelReasons: cancelReasons(cancel).cancelReasons ?? [] }),
  };
}

/** Topmost first, `host` or `host:port`. */
function viasOf(message: WireMessage | undefined): string[] {
  const lines = message === undefined ? [] : linesNamed(message.bytes.toString('latin1'), VIA);
  return lines
    .flatMap((line) => splitList(line.slice(line.indexOf(':') + 1)))
    .flatMap((via) => parseVia(via)?.sentBy ?? []);
}
