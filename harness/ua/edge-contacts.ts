import { parseUri } from '../sip/index.ts';
import { addressOf, isAt, mapAddresses, transportOf } from '../sip/proxy-route.ts';
import type { Peer } from '../sip/transport.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';

/** A place that a user agent has registered. */
interface Contact {
  /** As the user agent wrote it. */
  readonly uri: string;
  /** Where requests for it go. */
  readonly address: SocketAddress;
  /** Where it was registered from. */
  readonly from: Peer;
}

/**
 * The user agents' contacts, and the ones that the server is told in their place: `<sip:alice@edge:port;ua=7>`, the
 * account's user part in front, so that calls read like those to any other phone. What was once registered stays known: the
 * server may be slow to forget.
 */
export class EdgeContacts {
  readonly #edge: SocketAddress;
  readonly #protocol: Protocol;
  readonly #contacts: Contact[] = [];
  readonly #numbers = new Map<string, number>();

  /** @param edge where the server finds it */
  constructor({ local, protocol }: { readonly local: SocketAddress; readonly protocol: Protocol }) {
    this.#edge = local;
    this.#protocol = protocol;
  }

  /** Contact header of a REGISTER, as the server is to see it. `*` and what cannot be read stay as they are. */
  outward(value: string, aor: string, from: Peer): string {
    return mapAddresses(value, (uri) => {
      if (parseUri(uri) === undefined) return uri;
      const user = parseUri(aor)?.user ?? '';
      const number = this.#numberOf(user, uri, from);
      return `sip:${user === '' ? '' : `${user}@`}${this.#edge.host}:${this.#edge.port}${transportOf(this.#protocol)};ua=${number}`;
    });
  }

  /** Contact header of a response to REGISTER, as the user agent is to see it. */
  inward(value: string): string {
    return mapAddresses(value, (uri) => this.find(uri)?.uri ?? uri);
  }

  /** The contact that a URI of ours stands for. */
  find(uri: string): Contact | undefined {
    const parsed = parseUri(uri);
    if (parsed === undefined || !isAt(parsed, this.#edge)) return undefined;
    const number = parsed.params.get('ua');
    return number === undefined ? undefined : this.#contacts[Number(number)];
  }

  #numberOf(user: string, uri: string, from: Peer): number {
    const key = `${user} ${uri}`;
    const known = this.#numbers.get(key);
    const number = known ?? this.#contacts.length;
    // A name cannot be looked up here; then it is where it came from, as with any phone behind a NAT.
    this.#contacts[number] = { uri, address: addressOf(uri) ?? from, from };
    this.#numbers.set(key, number);
    return number;
  }
}
