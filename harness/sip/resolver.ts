import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface ResolverOptions {
  /** Names that need no DNS. Compared without regard to case. */
  readonly hosts?: Readonly<Record<string, string>> | undefined;
  /** Asked instead of the system's resolver. */
  readonly nameServer?: { readonly host: string; readonly port: number } | undefined;
}

/** Addresses of hosts: A records only (RFC 3263 4.2 without NAPTR and SRV). */
export class HostResolver {
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #resolver: Resolver | undefined;

  constructor({ hosts = {}, nameServer }: ResolverOptions) {
    this.#hosts = new Map(Object.entries(hosts).map(([name, address]) => [name.toLowerCase(), address]));
    if (nameServer === undefined) return;
    this.#resolver = new Resolver({ timeout: 2_000, tries: 2 });
    this.#resolver.setServers([`${nameServer.host}:${nameServer.port}`]);
  }

  /** An address at once where nobody has to be asked. The promise rejects when the name has none. */
  resolve(host: string): string | Promise<string> {
    if (isIP(host) !== 0) return host;
    const known = this.#hosts.get(host.toLowerCase());
    if (known !== undefined) return known;
    return this.#ask(host);
  }

  /** Gives up open questions. */
  stop(): void {
    this.#resolver?.cancel();
  }

  async #ask(host: string): Promise<string> {
    if (this.#resolver === undefined) return (await lookup(host, { family: 4 })).address;
    const [address] = await this.#resolver.resolve4(host);
    if (address === undefined) throw new Error(`${host} has no address`);
    return address;
  }
}
