/**
 * What the harness and its host of SIP servers say to each other, over one TCP connection. Applications of those servers come
 * in at the same port (applications.ts).
 */
import type { CallerEdgeOptions } from '../callers/edge/edge.ts';
import type { TlsOptions } from '../sip/listener.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';
import type { EdgeOptions } from '../ua/edge.ts';

/** Where an edge stands, and what it speaks on either side. @see harness/ua/edge.ts */
export type EdgePlace = Pick<EdgeOptions, 'host' | 'server' | 'transport' | 'inner' | 'tls' | 'innerTls'> & {
  /** Whom it is in front of; of callers see harness/callers/edge/edge.ts. @default a user agent */
  readonly of?: 'user agent' | 'application' | 'caller';
  /** Of a caller: challenges are answered with them. */
  readonly credentials?: CallerEdgeOptions['credentials'];
};

/** Times are milliseconds since the epoch by the clock of whoever speaks. */
export type Request =
  /** First of all. A host that was given another secret hangs up. */
  | { readonly type: 'hello'; readonly secret: string }
  | { readonly type: 'clock'; readonly id: number }
  /** Start a drachtio-compatible server named `name`. Answered with `done`, its SIP address in it, or `failed`. */
  | {
      readonly type: 'open';
      readonly id: number;
      readonly name: string;
      readonly sip: SocketAddress & { readonly transports?: readonly Protocol[] };
      /** Its applications are told from those of other servers by it. */
      readonly secret: string;
      readonly tls?: TlsOptions;
    }
  /** Start an edge. Answered as `open`; what it says of the server that it cannot reach comes as `trouble`. */
  | ({ readonly type: 'open-edge'; readonly id: number; readonly name: string } & EdgePlace)
  /** Send an OPTIONS with these header lines from there. Answered with `status`. */
  | {
      readonly type: 'ask-options';
      readonly id: number;
      readonly to: SocketAddress;
      readonly headerLines: readonly string[];
      readonly withinMs: number;
    }
  /** Stop it. The answer comes after the last of its records. */
  | { readonly type: 'close'; readonly id: number; readonly name: string };

export type Answer =
  | { readonly type: 'clock'; readonly id: number; readonly atEpochMs: number }
  | { readonly type: 'done'; readonly id: number; readonly sip: SocketAddress | null }
  /** Final status; null when none came. */
  | { readonly type: 'status'; readonly id: number; readonly status: number | null }
  | { readonly type: 'failed'; readonly id: number; readonly why: string }
  | { readonly type: 'trouble'; readonly name: string; readonly text: string }
  /** A message that was on the wire at `name`; its bytes are the frame's body. */
  | {
      readonly type: 'record';
      readonly name: string;
      readonly direction: 'in' | 'out';
      readonly atEpochMs: number;
      readonly protocol: Protocol;
      readonly local: SocketAddress;
      readonly remote: SocketAddress;
    };
