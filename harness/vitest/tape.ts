import type { Message } from '../ladder/message.ts';
import { type SipMessage, tryParse } from '../sip/index.ts';
import type { SocketAddress, WireRecord } from '../sip/wire.ts';

/** A message of the test, as it was on the wire at a peer. */
export interface Taped {
  readonly atEpochMs: number;
  readonly from: string;
  readonly to: string;
  readonly message: SipMessage;
}

/** Whoever has no name here: another application, or a connection with a port of its own. */
export const ELSEWHERE = 'elsewhere';

/** All that the peers of a test sent and got, in order, by name. */
export class Tape {
  readonly messages: Taped[] = [];
  readonly #names = new Map<string, string>();

  /** @returns what a server with that name is to record with */
  recorderOf(name: string): (record: WireRecord) => void {
    return ({ direction, atEpochMs, remote, bytes }) => {
      const message = tryParse(bytes);
      if (message === null) return;
      const other = this.#names.get(key(remote)) ?? ELSEWHERE;
      // Between two peers the one that gets it tells.
      if (direction === 'out' && other !== ELSEWHERE && other !== SERVER) return;
      const [from, to] = direction === 'out' ? [name, other] : [other, name];
      this.messages.push({ atEpochMs, from, to, message });
    };
  }

  name(address: SocketAddress, name: string): void {
    this.#names.set(key(address), name);
  }
}

export const SERVER = 'server';

function key({ host, port }: SocketAddress): string {
  return `${host}:${port}`;
}

/** As a ladder shows it. */
export function shownMessage({ atEpochMs, from, to, message }: Taped, beganEpochMs: number): Message {
  return {
    atMs: atEpochMs - beganEpochMs,
    from,
    to,
    startLine: message.startLine.replaceAll(/\p{Cc}/gu, '\ufffd'),
    cseq: message.header('CSeq') ?? '',
    callId: message.header('Call-ID') ?? '',
    raw: message.bytes.toString('latin1'),
  };
}
