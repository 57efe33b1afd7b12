import { routeTo, type ServerAddress, transportParameter } from '../model/server.ts';
import { Authentication } from '../sip/digest.ts';
import type { Endpoint } from './endpoint.ts';
import type { RequestOptions, SipRequest, SipResponse } from './srf.ts';

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

/** What a server may say of credentials, other than 401: they do not fit together, or are not to be used. */
const CREDENTIALS_REFUSED: ReadonlySet<string> = new Set(['400', '403']);

/** What came of a REGISTER: the status, or what went wrong before there was one. */
interface Registered {
  readonly status: string;
  /** Contacts of others that the account has as well. */
  readonly others: readonly string[];
}

/** Addresses of record that calls reach one endpoint by. */
export class Registrations {
  readonly #endpoint: Endpoint;
  /** By server and domain; one for all phones, as RFC 7616 3.6 has it for one protection space. */
  readonly #accepted = new Map<string, Authentication>();
  /** Of lent accounts: contacts that a server has by now, by address of record. */
  readonly #held = new Map<string, Registration>();
  #expiresS = REGISTERED_FOR_S;

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
        const { status, others } = await this.#registerOne(phone, server);
        if (status !== '200') refused.set(phone.user, status);
        else if (others.length > 0) refused.set(phone.user, `another phone is registered there: ${others.join(', ')}`);
      }
    };
    await Promise.all(Array.from({ length: Math.min(window, phones.length) }, worker));
    return refused;
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
        const { status, others } = await this.#registerOne({ ...phone, away: true }, server);
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

  /** Sends a REGISTER until nothing more is asked. */
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
    let dialogue: Readonly<Record<string, string>> = { From: aor };
    for (let cseq = 1; ; cseq += 1) {
      const credentials = authentication.credentials({ username: user, password, method: 'REGISTER', uri });
      const exchange = await this.#exchange(uri, {
        method: 'REGISTER',
        proxy: routeTo(server),
        headers: {
          ...dialogue,
          To: aor,
          Contact: `<sip:${user}@${host}:${port}${transportParameter(server)}>`,
          Expires: away ? '0' : String(REGISTERED_FOR_S),
          ...Object.fromEntries(credentials.map(({ name, value }) => [name, value])),
        },
      });
      if (typeof exchange === 'string') return { status: exchange, others: [] };
      const { request, response } = exchange;
      const { status } = response;
      if (status === 401 || status === 407) {
        const asked = response.get(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate');
        const refused = authentication.challenged(status, asked === undefined ? [] : [asked]);
        if (refused !== null) return { status: `${status}: ${refused}`, others: [] };
        // RFC 3261 22.2: the same Call-ID and From, the next number.
        dialogue = {
          From: request.get('From'),
          'Call-ID': request.get('Call-ID'),
          CSeq: `${cseq + 1} REGISTER`,
        };
        continue;
      }
      if (status === 200 && authentication.isAnswered) {
        authentication.accepted(response.get('Authentication-Info'));
        this.#accepted.set(space, authentication);
      }
      if (status === 200 && away) this.#held.delete(aor);
      return { status: String(status), others: lent ? this.#othersIn(response) : [] };
    }
  }

  /** @returns what went wrong, where it could not be sent. Never rejects */
  #exchange(
    uri: string,
    options: RequestOptions,
  ): Promise<{ readonly request: SipRequest; readonly response: SipResponse } | string> {
    return new Promise((resolve) => {
      this.#endpoint.app.request(uri, options, (error, request) => {
        if (error) resolve(`not sent: ${String(error)}`);
        else request.on('response', (response) => resolve({ request, response }));
      });
    });
  }

  /** RFC 3261 10.3: a 200 lists every contact of the account, and for how long it stays. @returns those that are not ours */
  #othersIn(response: SipResponse): string[] {
    if (response.status !== 200) return [];
    const { host, port } = this.#endpoint.sip;
    const contacts = (response.get('Contact') ?? '').split(/,(?=\s*(?:"[^"]*"\s*)?<?sips?:)/i);
    const uriOf = (contact: string): string => /sips?:[^>;,\s]+/i.exec(contact)?.[0] ?? '';
    const isOurs = (contact: string): boolean => uriOf(contact).endsWith(`@${host}:${port}`);
    const [, granted = ''] = /;\s*expires\s*=\s*"?(\d+)/i.exec(contacts.find(isOurs) ?? '') ?? [];
    if (granted !== '' && Number(granted) > 0) this.#expiresS = Math.min(this.#expiresS, Number(granted));
    return contacts.filter((contact) => uriOf(contact) !== '' && !isOurs(contact)).map(uriOf);
  }
}
