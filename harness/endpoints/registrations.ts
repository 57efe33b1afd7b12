import { routeTo, type ServerAddress, transportParameter } from '../model/server.ts';
import { Authentication } from '../sip/digest.ts';
import { authenticatedRequest } from './authenticated-request.ts';
import type { Endpoint } from './endpoint.ts';
import type { SipResponse } from './srf.ts';

export interface Registration {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** No phone of ours is to be there: its contact is taken away (RFC 3261 10.2.2). @default false */
  readonly away?: boolean;
  /** The account is lent: it may be somebody else's as well, and is left at the end. @default false */
  readonly lent?: boolean;
}

/** Long enough for whatever is called once; who is called throughout registers again before. */
export const REGISTERED_FOR_S = 600;

/** A server that wants phones to stay longer is obeyed (RFC 3261 10.2.8), within reason. */
const LONGEST_S = 86_400;

/** What a server may say of credentials, other than 401: they do not fit together, or are not to be used. */
const CREDENTIALS_REFUSED: ReadonlySet<string> = new Set(['400', '403']);

/** What came of a REGISTER: the status, or what went wrong before there was one. */
interface Registered {
  readonly status: string;
  /** Contacts of others that the account has as well. */
  readonly others: readonly string[];
  /** The shortest that the server would take, where what was asked for was too short for it. */
  readonly atLeastS?: number;
}

/** Addresses of record that calls reach one endpoint by. */
export class Registrations {
  readonly #endpoint: Endpoint;
  /** By server and domain; one for all phones, as RFC 7616 3.6 has it for one protection space. */
  readonly #accepted = new Map<string, Authentication>();
  /** Of lent accounts: contacts that a server has by now, by address of record. */
  readonly #held = new Map<string, Registration>();
  #expiresS = REGISTERED_FOR_S;
  #askedForS = REGISTERED_FOR_S;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** How long they last, by the shortest that a server granted. */
  get expiresS(): number {
    return this.#expiresS;
  }

  /**
   * REGISTERs with digest, `window` at a time, and returns the users that did not get a 200, or are somebody else's as well
   * (with what was said). Once the server has accepted a nonce, the phones after that use it at once, without waiting to be
   * challenged. Never rejects: a phone that cannot register is a fact about its cell.
   */
  async register(phones: readonly Registration[], server: ServerAddress, window = 48): Promise<Map<string, string>> {
    const refused = new Map<string, string>();
    const queue = phones.values();
    const worker = async (): Promise<void> => {
      for (const phone of queue) {
        const { status, others } = await this.#registerForLong(phone, server);
        if (status !== '200') refused.set(phone.user, status);
        else if (others.length > 0) refused.set(phone.user, `another phone is registered there: ${others.join(', ')}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(window, phones.length) }, worker));
    return refused;
  }

  async #registerForLong(phone: Registration, server: ServerAddress): Promise<Registered> {
    const registered = await this.#registerOne(phone, server);
    const { atLeastS = 0 } = registered;
    if (registered.status !== '423' || atLeastS <= REGISTERED_FOR_S || atLeastS > LONGEST_S) return registered;
    this.#askedForS = Math.max(this.#askedForS, atLeastS);
    return this.#registerOne(phone, server);
  }

  /**
   * Takes every contact of lent accounts away that is still there.
   *
   * @returns users whose contacts the server would not take away within `timeoutMs`, and who has another phone by now
   */
  async leave(
    server: ServerAddress,
    timeoutMs: number,
  ): Promise<{ readonly kept: readonly string[]; readonly shared: readonly string[] }> {
    const held = [...this.#held.values()];
    const kept = new Set(held.map(({ user }) => user));
    const shared: string[] = [];
    const all = Promise.all(
      held.map(async (phone) => {
        const { status, others } = await this.#askedTwice({ ...phone, away: true }, server, timeoutMs / 2);
        if (status !== '200') return;
        kept.delete(phone.user);
        if (others.length > 0) shared.push(`${phone.user} (${others.join(', ')})`);
      }),
    );
    const { promise: overdue, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, timeoutMs);
    await Promise.race([all, overdue]);
    clearTimeout(deadline);
    return { kept: [...kept], shared };
  }

  /** What was written to a connection that the server was about to close is lost, and so is a datagram: then it is asked once more. */
  async #askedTwice(phone: Registration, server: ServerAddress, withinMs: number): Promise<Registered> {
    const { promise: silence, resolve } = Promise.withResolvers<null>();
    const deadline = setTimeout(() => resolve(null), withinMs);
    const first = await Promise.race([this.#registerOne(phone, server), silence]);
    clearTimeout(deadline);
    return first !== null && /^\d/.test(first.status) ? first : this.#registerOne(phone, server);
  }

  /** Refused with a nonce that others used before, a phone does as if there had been none: the server may forbid that. */
  async #registerOne(phone: Registration, server: ServerAddress): Promise<Registered> {
    const space = `${routeTo(server)} ${phone.domain}`;
    const known = this.#accepted.get(space);
    if (known !== undefined) {
      const registered = await this.#authenticated(phone, server, space, new Authentication(known));
      if (!CREDENTIALS_REFUSED.has(registered.status)) return registered;
      if (this.#accepted.get(space) === known) this.#accepted.delete(space);
    }
    return this.#authenticated(phone, server, space, new Authentication());
  }

  async #authenticated(
    phone: Registration,
    server: ServerAddress,
    space: string,
    authentication: Authentication,
  ): Promise<Registered> {
    const { user, domain, password, away = false, lent = false } = phone;
    const aor = `<sip:${user}@${domain}>`;
    const uri = `sip:${domain}`;
    const { host, port } = this.#endpoint.sip;
    if (lent && !away) this.#held.set(aor, phone);
    const response = await authenticatedRequest(this.#endpoint, {
      method: 'REGISTER',
      uri,
      server,
      headers: {
        From: aor,
        To: aor,
        Contact: `<sip:${user}@${host}:${port}${transportParameter(server)}>`,
        Expires: away ? '0' : String(this.#askedForS),
      },
      username: user,
      password,
      authentication,
    });
    if (typeof response === 'string') return { status: response, others: [] };
    if (response.status === 200 && authentication.isAnswered) this.#accepted.set(space, authentication);
    if (response.status === 200 && away) this.#held.delete(aor);
    return this.#outcome(response, phone);
  }

  #outcome(response: SipResponse, { lent = false, away = false }: Registration): Registered {
    if (response.status === 200 && !away) this.#noteExpiry(response);
    return {
      status: String(response.status),
      others: lent ? this.#othersIn(response) : [],
      atLeastS: Number(response.get('Min-Expires') ?? 0),
    };
  }

  /** RFC 3261 10.3: a 200 lists every contact of the account, and for how long it stays. @returns those that are not ours */
  #othersIn(response: SipResponse): string[] {
    if (response.status !== 200) return [];
    return contactsIn(response)
      .filter((contact) => uriOf(contact) !== '' && !this.#isOurs(contact, response))
      .map(uriOf);
  }

  /** RFC 3261 10.3: for how long, is said of the contact, or of all. A server may write ours in its own way. */
  #noteExpiry(response: SipResponse): void {
    const contacts = contactsIn(response);
    const own =
      contacts.find((contact) => this.#isOurs(contact, response)) ?? (contacts.length === 1 ? contacts[0] : undefined);
    const granted = /;\s*expires\s*=\s*"?(\d+)/i.exec(own ?? '')?.[1] ?? response.get('Expires') ?? '';
    if (Number(granted) > 0) this.#expiresS = Math.min(this.#expiresS, Number(granted));
  }

  /** A server may write a contact as it saw the REGISTER come, over a connection from another port (RFC 3581): that is ours, too. */
  #isOurs(contact: string, response: SipResponse): boolean {
    const { host, port } = this.#endpoint.sip;
    const [via = ''] = (response.get('Via') ?? '').split(',');
    const said = (name: string): string | undefined =>
      new RegExp(`;\\s*${name}\\s*=\\s*([^;\\s]+)`, 'i').exec(via)?.[1];
    const ends = [`@${host}:${port}`, `@${said('received') ?? host}:${said('rport') ?? port}`];
    return ends.some((end) => uriOf(contact).endsWith(end));
  }
}

function contactsIn(response: SipResponse): string[] {
  return (response.get('Contact') ?? '').split(/,(?=\s*(?:"[^"]*"\s*)?<?sips?:)/i);
}

function uriOf(contact: string): string {
  return /sips?:[^>;,\s]+/i.exec(contact)?.[0] ?? '';
}
