import type { IdSource } from '../sip/ids.ts';
import type { Clock, SipTimers } from '../sip/timers.ts';
import type { Protocol, WireHooks, WireRecord } from '../sip/wire.ts';

export interface DrachtioServerOptions {
  /** `port` 0 or absent: one that is free for UDP and TCP alike. @default transports ['udp', 'tcp'] */
  readonly sip: { readonly host: string; readonly port?: number; readonly transports?: readonly Protocol[] };
  /** Where applications connect. @default host 127.0.0.1, a free port */
  readonly control?: { readonly host?: string; readonly port?: number };
  /** What applications authenticate with. @default a random one, see `DrachtioServer.secret` */
  readonly secret?: string;
  readonly timers?: Partial<SipTimers>;
  /** Sees every message on the wire, as bytes, below the parser. Must not throw. */
  readonly recorder?: (record: WireRecord) => void;
  /** Drops, delays, duplicates and changes messages. */
  readonly hooks?: WireHooks;
  /** @default unguessable ones */
  readonly ids?: IdSource;
  /** @default the system's */
  readonly clock?: Clock;
  /** Addresses of names that are not asked of DNS. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** @default the system's resolver */
  readonly nameServer?: { readonly host: string; readonly port: number };
}
