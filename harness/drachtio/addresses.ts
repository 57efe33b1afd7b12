import { LabError, systemTrouble } from '../errors.ts';
import type { BindAddress, Transport } from '../sip/transport.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';
import { hostPort } from './context.ts';
import type { SipAddress } from './options.ts';

/** An address that is listened on, and what is spoken there. */
export interface BoundAddress extends SocketAddress {
  readonly transports: readonly Protocol[];
}

interface BindError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there: choose another port, or 0 for any that is free',
  EADDRNOTAVAIL: 'this machine does not have that address: choose one of its own, such as 127.0.0.1',
  EACCES: 'ports below 1024 need root: choose a higher one',
};

/** Needs a certificate. */
export function isSecure(protocol: Protocol): boolean {
  return protocol === 'tls' || protocol === 'wss';
}

export function bindAddress({ host, port = 0, transports = ['udp', 'tcp'] }: SipAddress): BindAddress {
  return { host, port, transports };
}

/** Protocols that share an address are together. */
export function contactsOf({ listeners }: Transport): BoundAddress[] {
  const byAddress = Map.groupBy(listeners, ({ local }) => hostPort(local));
  return [...byAddress.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : { ...first.local, transports: [first, ...others].map(({ protocol }) => protocol) },
  );
}

/** `asked`: where the system does not say which address it was. */
export function addressError(what: string, asked: SocketAddress, cause: unknown): LabError {
  const { code = '', message, address: host = asked.host, port = asked.port } = cause as BindError;
  const remedy = REMEDIES[code] ?? systemTrouble(cause) ?? message;
  const address = hostPort({ host, port });
  return new LabError(`the ${what} address ${address} of a drachtio server cannot be bound: ${remedy}`, { cause });
}
