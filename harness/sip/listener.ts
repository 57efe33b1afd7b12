import type { Connection } from './connection.ts';
import type { Protocol, SocketAddress } from './wire.ts';

/** Where a message came from or goes to. */
export interface Peer extends SocketAddress {
  readonly protocol: Protocol;
  /** The connection that a request came in on: its responses go back on it, RFC 3261 18.2.2. */
  readonly connection?: Connection;
  /** The address of ours that it spoke to, or that it is spoken to from. @default the first one of its protocol */
  readonly local?: SocketAddress;
  /** Whom its certificate has to name, where it is known by more than its address. */
  readonly name?: string;
}

/** PEM. */
export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** Whose certificates of others are believed. @default the authorities that Node.js knows */
  readonly ca?: string | Buffer | undefined;
  /** Whom their certificates have to name, wherever they are. @default the host that is connected to */
  readonly name?: string | undefined;
  /** Our certificate is shown to those whom we connect to as well. @default true */
  readonly isShownToServers?: boolean | undefined;
  /** Who connects must have a certificate, too. @default false */
  readonly wantsCertificate?: boolean | undefined;
}

/** One protocol on one address of ours. */
export interface Listener {
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  /** `onFailed`: the message will not arrive, as far as can be told. May be called later, or never. */
  send(bytes: Buffer, peer: Peer, onFailed: (error: Error) => void): void;
  /** Closes every socket at once. */
  stop(): void;
}

export type OnReceived = (bytes: Buffer, peer: Peer) => void;
