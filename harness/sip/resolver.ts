import type { NaptrRecord, SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { SIP_PORT } from './uri.ts';
import type { Protocol, SocketAddress } from './wire.ts';

export interface ResolverOptions {
  /** Names that need no DNS. Compared without regard to case. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
  /** Asked instead of the system's resolver. */
  readonly nameServer?: { readonly host: string; readonly port: number } | undefined;
}

/** Where a request goes, by name or address. */
export interface Wanted {
  readonly host: string;
  /** undefined: the one of SRV records, else the default. */
  readonly port: number | undefined;
  readonly protocol: Protocol;
  /** The address that it is to be reached from: names are asked for addresses of its kind. */
  readonly local: SocketAddress;
  /** Where nothing says which protocol is to be spoken: those that can be, with the address of ours. NAPTR records choose. */
  readonly protocols?: ReadonlyMap<Protocol, SocketAddress> | undefined;
}

/** One of the addresses that a name stands for. */
export interface Target extends SocketAddress {
  readonly protocol: Protocol;
  readonly local: SocketAddress;
}

type Offer = Pick<Target, 'protocol' | 'local'> & { readonly service: string };

/** Browsers are in no DNS. */
const SERVICES: Readonly<Partial<Record<Protocol, string>>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
/** NAPTR services, RFC 3263 4.1. */
const PROTOCOLS: Readonly<Record<string, Protocol>> = { 'SIP+D2U': 'udp', 'SIP+D2T': 'tcp', 'SIPS+D2T': 'tls' };
const DEFAULT_PORT: Readonly<Record<Protocol, number>> = {
  udp: SIP_PORT,
  tcp: SIP_PORT,
  tls: 5061,
  ws: 80,
  wss: 443,
};

/** RFC 3263 4: NAPTR records of a name without port and transport, SRV records of one without port, then A or AAAA records. */
export class HostResolver {
  readonly #hosts: ReadonlyMap<string, string>;
  /** Answers as the system does, its file of hosts included, where no name server is given. */
  readonly #asksSystem: boolean;
  readonly #resolver: Resolver;

  constructor({ hosts = {}, nameServer }: ResolverOptions) {
    this.#hosts = new Map(Object.entries(hosts).map(([name, address]) => [name.toLowerCase(), address]));
    this.#asksSystem = nameServer === undefined;
    this.#resolver = new Resolver({ timeout: 2_000, tries: this.#asksSystem ? 1 : 2 });
    if (nameServer) this.#resolver.setServers([`${nameServer.host}:${nameServer.port}`]);
  }

  /** Where nobody has to be asked. */
  known({ host, port, protocol, local }: Wanted): Target | undefined {
    const address = isIP(host) === 0 ? this.#hosts.get(host.toLowerCase()) : host;
    return address === undefined ? undefined : { host: address, port: port ?? DEFAULT_PORT[protocol], protocol, local };
  }

  /** Those that a request is sent to, one after the other, until one answers: asked for as they are wanted. */
  async *targets(wanted: Wanted): AsyncGenerator<Target, undefined> {
    const known = this.known(wanted);
    if (known !== undefined) {
      yield known;
      return undefined;
    }
    const { host, port = DEFAULT_PORT[wanted.protocol], protocol, local } = wanted;
    let isService = false;
    for (const { service, ...way } of wanted.port === undefined ? await this.#offers(wanted) : []) {
      for (const record of await this.#records(service)) {
        isService = true;
        if (record.name !== '') yield* this.#addresses(record.name, { ...way, port: record.port });
      }
    }
    if (!isService) yield* this.#addresses(host, { port, protocol, local });
    return undefined;
  }

  /** Gives up open questions. */
  stop(): void {
    this.#resolver.cancel();
  }

  /** The services to ask for, the best first. */
  async #offers({ host, protocol, local, protocols = new Map() }: Wanted): Promise<Offer[]> {
    const naptr = protocols.size === 0 ? [] : await this.#resolver.resolveNaptr(host).catch((): NaptrRecord[] => []);
    const offered = naptr
      .toSorted((one, other) => one.order - other.order || one.preference - other.preference)
      .flatMap(({ flags, service, replacement }) => {
        const offers = PROTOCOLS[service.toUpperCase()];
        const from = offers && protocols.get(offers);
        return offers && from && /^s$/i.test(flags) ? [{ protocol: offers, local: from, service: replacement }] : [];
      });
    const prefix = SERVICES[protocol];
    if (offered.length > 0 || prefix === undefined) return offered;
    return [{ protocol, local, service: `${prefix}.${host}` }];
  }

  /** RFC 2782: the lowest priority first, among equals drawn by weight. None: the name has no such service, or nobody knows. */
  async #records(service: string): Promise<SrvRecord[]> {
    const records = await this.#resolver.resolveSrv(service).catch((): SrvRecord[] => []);
    const ordered: SrvRecord[] = [];
    const left = records.toSorted((one, other) => one.priority - other.priority);
    while (left.length > 0) {
      const equals = left.filter(({ priority }) => priority === left[0]?.priority);
      const next = drawnOf(equals);
      ordered.push(next);
      left.splice(left.indexOf(next), 1);
    }
    return ordered;
  }

  async *#addresses(name: string, way: Omit<Target, 'host'>): AsyncGenerator<Target> {
    const family = isIP(way.local.host) === 6 ? 6 : 4;
    for (const host of await this.#lookUp(name, family).catch((): string[] => [])) yield { ...way, host };
  }

  async #lookUp(name: string, family: 4 | 6): Promise<string[]> {
    const known = this.#hosts.get(name.toLowerCase());
    if (known !== undefined) return [known];
    if (this.#asksSystem) return (await lookup(name, { family, all: true })).map(({ address }) => address);
    return family === 6 ? this.#resolver.resolve6(name) : this.#resolver.resolve4(name);
  }
}

function drawnOf(equals: readonly SrvRecord[]): SrvRecord {
  let drawn = Math.random() * equals.reduce((sum, { weight }) => sum + weight, 0);
  for (const record of equals) {
    drawn -= record.weight;
    if (drawn <= 0) return record;
  }
  throw new Error('there is none to draw');
}
