import type { TimerSet } from './timers.ts';

/** Transports that SIP goes over here. */
export const PROTOCOLS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
/** One of {@link PROTOCOLS}. */
export type Protocol = (typeof PROTOCOLS)[number];
export type StreamProtocol = Exclude<Protocol, 'udp'>;

/** IP address and port. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Bytes that were on the wire: below the parser, and behind the hooks on the way out, before them on the way in. */
export interface WireRecord {
  /**
   * `control`: read from the control protocol of a server that is not ours. What that server does by itself (100 Trying,
   * 487 and the 200 to a CANCEL, ACKs of refusals, retransmissions) is not told there. `hop`: what a hop between the server and
   * this endpoint got. @default 'wire'
   */
  readonly source?: 'control' | 'hop';
  readonly direction: 'in' | 'out';
  /** With fractions of a millisecond. */
  readonly atEpochMs: number;
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  /** Empty host and port 0: not told. */
  readonly remote: SocketAddress;
  /** One message; of a TCP stream that could not be cut into messages, what was left of it. */
  readonly bytes: Buffer;
}

/** A message on its way, as a hook is shown it. */
export interface HookedMessage {
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly bytes: Buffer;
}

/** What becomes of a message. `copies`: how often it goes on, 0 drops it. */
export type HookVerdict =
  | 'pass'
  | 'drop'
  | { readonly delayMs: number }
  | { readonly copies: number }
  | { readonly bytes: Buffer };

/** Fault injection: each sees every single message, retransmissions too. */
export interface WireHooks {
  /** Before it leaves. */
  readonly onSend?: (message: HookedMessage) => HookVerdict;
  /** Before anybody reads it. */
  readonly onReceive?: (message: HookedMessage) => HookVerdict;
}

/** Applies a hook. */
export function throughHook(
  hook: ((message: HookedMessage) => HookVerdict) | undefined,
  message: HookedMessage,
  timers: TimerSet,
  onward: (bytes: Buffer) => void,
): void {
  const verdict = hook?.(message) ?? 'pass';
  if (verdict === 'pass') onward(message.bytes);
  else if (verdict === 'drop') return;
  else if ('delayMs' in verdict) timers.after(verdict.delayMs, () => onward(message.bytes));
  else if ('copies' in verdict) for (let copy = 0; copy < verdict.copies; copy++) onward(message.bytes);
  else onward(verdict.bytes);
}
