import type { IdSource } from '../sip/ids.ts';
import type { TlsOptions } from '../sip/listener.ts';
import type { Clock, SipTimers } from '../sip/timers.ts';
import type { Protocol, WireHooks, WireRecord } from '../sip/wire.ts';

/** An address to listen on. IPv6 without brackets. */
export interface SipAddress {
  readonly host: string;
  /** 0 or absent: one that is free for all transports alike. */
  readonly port?: number;
  /** @default ['udp', 'tcp'] */
  readonly transports?: readonly Protocol[];
}

/** PEM. */
export type ControlTls = Pick<TlsOptions, 'key' | 'cert' | 'ca' | 'wantsCertificate'>;

export interface ListeningApplication {
  readonly host: string;
  readonly port: number;
}

/** Addresses, certificates and clocks of the server, and what a test may put in the way of its messages. */
export interface DrachtioServerOptions {
  /** The first is the one that requests are sent from where several would do. */
  readonly sip: SipAddress | readonly [SipAddress, ...SipAddress[]];
  /** Certificate for the transports `tls` and `wss`, and whom `tls` believes when it connects. */
  readonly tls?: TlsOptions;
  /** Where applications connect; over TLS where `tls` is given. @default host 127.0.0.1, a free port */
  readonly control?: { readonly host?: string; readonly port?: number; readonly tls?: ControlTls };
  /** Applications that listen (`srf.listen`): they are connected to, again after a loss, and get requests of every method. */
  readonly applications?: readonly ListeningApplication[];
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
