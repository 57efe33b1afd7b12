import type { PhoneBehaviour } from '../model/scenario.ts';
import type { SipAddress } from '../model/server.ts';
import { AcceptedNonce } from './digest.ts';
import { answer, audioSdp, calledUser, type Endpoint } from './endpoint.ts';
import type { SipRequest, SipResponse } from './srf.ts';

export interface Registration {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** No phone is to be there: every contact is taken away that the account has (RFC 3261 10.2.2). @default false */
  readonly away?: boolean;
}

/** What a phone says that is not going to answer. `unregistered`: its server rang it all the same, and it is not there. */
const STATUS_OF = {
  busy: 486,
  decline: 603,
  'decline-everywhere': 605,
  'do-not-disturb': 480,
  unregistered: 404,
} as const;

/** Long enough for whatever is called once; who is called throughout registers again before. */
export const REGISTERED_FOR_S = 600;

/** What a server may say of credentials, other than 401: they do not fit together, or are not to be used. */
const CREDENTIALS_REFUSED: ReadonlySet<string> = new Set(['400', '403']);

/**
 * Many phones behind one address: the callees' own, or all team phones, ... Which phone is called is the user part of
 * the Request-URI; each behaves as its owner was told.
 */
export class PhoneBank {
  readonly #endpoint: Endpoint;
  readonly #behaviourOf: (user: string) => PhoneBehaviour;
  /** By server and domain; one for all phones, as RFC 7616 3.6 has it for one protection space. */
  readonly #accepted = new Map<string, AcceptedNonce>();

  constructor(endpoint: Endpoint, behaviourOf: (user: string) => PhoneBehaviour) {
    this.#endpoint = endpoint;
    this.#behaviourOf = behaviourOf;
    endpoint.app.invite((request, response) => this.#ring(request, response));
    endpoint.app.notify((_request, response) => answer(response, 200));
    endpoint.app.prack((_request, response) => answer(response, 200));
  }

  /**
   * REGISTERs with digest, `window` at a time, and returns the users that did not get a 200 (with what they got). Once the
   * server has accepted a nonce, the phones after that use it at once, without waiting to be challenged.
   * Never rejects: a phone that cannot register is a fact about its cell.
   */
  async register(phones: readonly Registration[], server: SipAddress, window = 48): Promise<Map<string, string>> {
    const refused = new Map<string, string>();
    const queue = phones.values();
    const worker = async (): Promise<void> => {
      for (const phone of queue) {
        const status = await this.#registerOne(phone, server);
        if (status !== '200') refused.set(phone.user, status);
      }
    };
    await Promise.all(Array.from({ length: Math.min(window, phones.length) }, worker));
    return refused;
  }

  /** Refused with a nonce that others used before, a phone does as if there had been none: the server may forbid that. */
  async #registerOne(phone: Registration, server: SipAddress): Promise<string> {
    const space = `${server.host}:${server.port} ${phone.domain}`;
    const known = this.#accepted.get(space);
    if (known !== undefined) {
      const status = await this.#sendRegister(phone, server, space, known);
      if (!CREDENTIALS_REFUSED.has(status)) return status;
      if (this.#accepted.get(space) === known) this.#accepted.delete(space);
    }
    return this.#sendRegister(phone, server, space);
  }

  /** A challenge is answered in any case: the library sends the request again. */
  #sendRegister(phone: Registration, server: SipAddress, space: string, known?: AcceptedNonce): Promise<string> {
    const { user, domain, password, away = false } = phone;
    const aor = `<sip:${user}@${domain}>`;
    const uri = `sip:${domain}`;
    const { host, port } = this.#endpoint.sip;
    const credentials = known?.credentials({ username: user, password, method: 'REGISTER', uri });
    return new Promise((resolve) => {
      this.#endpoint.app.request(
        uri,
        {
          method: 'REGISTER',
          proxy: `sip:${server.host}:${server.port}`,
          headers: {
            From: aor,
            To: aor,
            Contact: away ? '*' : `<sip:${user}@${host}:${port}>`,
            Expires: away ? '0' : String(REGISTERED_FOR_S),
            ...(credentials && { Authorization: credentials }),
          },
          auth: { username: user, password },
        },
        (error, request) => {
          if (error) {
            resolve(`not sent: ${String(error)}`);
            return;
          }
          let answered: string | undefined;
          request.on('authenticate', (again) => (answered = again.get('Authorization')));
          request.on('response', ({ status }) => {
            const accepted = status === 200 && answered !== undefined ? AcceptedNonce.of(answered) : undefined;
            if (accepted !== undefined) this.#remember(space, accepted);
            resolve(String(status));
          });
        },
      );
    });
  }

  /** The same nonce keeps its count. */
  #remember(space: string, accepted: AcceptedNonce): void {
    if (this.#accepted.get(space)?.nonce !== accepted.nonce) this.#accepted.set(space, accepted);
  }

  #ring(request: SipRequest, response: SipResponse): void {
    const behaviour = this.#behaviourOf(calledUser(request));
    if (typeof behaviour === 'object') this.#answerAfter(request, response, behaviour.answerAfterMs);
    else if (behaviour === 'answer') this.#answerAfter(request, response, 0);
    else if (behaviour === 'ring') ring(request, response);
    else answer(response, STATUS_OF[behaviour]);
  }

  #answerAfter(request: SipRequest, response: SipResponse, answerAfterMs: number): void {
    let lift: NodeJS.Timeout | undefined;
    request.on('cancel', () => clearTimeout(lift));
    ring(request, response, () => {
      lift = setTimeout(() => {
        // A CANCEL that crosses the 200 ends in the callback; the wire record has both.
        this.#endpoint.app.createUAS(request, response, { localSdp: audioSdp(this.#endpoint.sip.host) }, () => {});
      }, answerAfterMs);
    });
  }
}

/**
 * RFC 3262 3: reliably where the caller requires it, and nowhere else.
 *
 * @param rung called at once, or when the caller has acknowledged it
 */
function ring(request: SipRequest, response: SipResponse, rung = (): void => {}): void {
  if (/\b100rel\b/i.test(request.get('Require'))) {
    response.send(180, { headers: { Require: '100rel' } }, () => {}, rung);
  } else {
    answer(response, 180);
    rung();
  }
}
