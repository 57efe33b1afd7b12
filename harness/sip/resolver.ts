import type { SrvRecord } from 'node:dns';
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
}

/** Browsers are in no DNS. */
const SERVICES: Readonly<Partial<Record<Protocol, string>>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
const DEFAULT_PORT: Readonly<Record<Protocol, number>> = {
  udp: SIP_PORT,
  tcp: SIP_PORT,
  tls: 5061,
  ws: 80,
  wss: 443,
};

/** RFC 3263 4.2: SRV records of a name without port, then its A or AAAA records. NAPTR records are not asked for. */
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

  /** An address at once where nobody has to be asked. The promise rejects when the name has none. */
  resolve(wanted: Wanted): SocketAddress | Promise<SocketAddress> {
    const { host, port = DEFAULT_PORT[wanted.protocol] } = wanted;
    if (isIP(host) !== 0) return { host, port };
    const known = this.#hosts.get(host.toLowerCase());
    return known === undefined ? this.#ask(wanted) : { host: known, port };
  }

  /** Gives up open questions. */
  stop(): void {
    this.#resolver.cancel();
  }

  async #ask({ host, port, protocol, local }: Wanted): Promise<SocketAddress> {
    const family = isIP(local.host) === 6 ? 6 : 4;
    const prefix = port === undefined ? SERVICES[protocol] : undefined;
    const service = prefix === undefined ? undefined : await this.#service(`${prefix}.${host}`);
    const target = service?.name ?? host;
    return { host: await this.#address(target, family), port: service?.port ?? port ?? DEFAULT_PORT[protocol] };
  }

  /** RFC 2782: the lowest priority, among equals by weight. undefined: the name has no such service, or nobody knows. */
  async #service(name: string): Promise<SrvRecord | undefined> {
    const records = await this.#resolver.resolveSrv(name).catch(() => []);
    const best = Math.min(...records.map(({ priority }) => priority));
    const equals = records.filter(({ priority, name: target }) => priority === best && target !== '');
    let drawn = Math.random() * equals.reduce((sum, { weight }) => sum + weight, 0);
    for (const record of equals) {
      drawn -= record.weight;
      if (drawn <= 0) return record;
    }
    return undefined;
  }

  async #address(name: string, family: 4 | 6): Promise<string> {
    const known = this.#hosts.get(name.toLowerCase());
    if (known !== undefined) return known;
    if (this.#asksSystem) return (await lookup(name, { family })).address;
    const [address] = await (family === 6 ? this.#resolver.resolve6(name) : this.#resolver.resolve4(name));
    if (address === undefined) throw new Error(`${name} has no address`);
    return address;
  }
}
