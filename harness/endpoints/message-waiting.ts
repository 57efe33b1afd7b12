import { once } from 'node:events';
import { type ServerAddress, transportParameter } from '../model/server.ts';
import { Authentication } from '../sip/digest.ts';
import { authenticatedRequest } from './authenticated-request.ts';
import { answer, calledUser, type Endpoint } from './endpoint.ts';
import { type MessageCounts, messagesIn } from './message-counts.ts';
import type { SipRequest, SipResponse } from './srf.ts';

/** Whose messages are asked for. */
export interface Subscriber {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

/** As long as phones are registered: nobody is there to end it when the run does. */
const SUBSCRIBED_FOR_S = 600;

/** Has phones told by a server how many messages wait (RFC 3842), and notes what it tells them, asked or not. */
export class MessageWaiting {
  readonly #endpoint: Endpoint;
  readonly #counts: MessageCounts;
  readonly #asked = new Map<string, { readonly againMs: number; readonly isTold: boolean }>();

  constructor(endpoint: Endpoint, counts: MessageCounts) {
    this.#endpoint = endpoint;
    this.#counts = counts;
  }

  /** Of a NOTIFY that came to a phone. */
  take(request: SipRequest, response: SipResponse): void {
    answer(response, 200);
    // RFC 6665 8.2.1: its compact form, which the library (5.0.29) does not write out.
    const event = request.get('Event') || request.get('o');
    if (!/^message-summary\b/i.test(event)) return;
    const messages = messagesIn(request.body);
    if (messages !== null) this.#counts.note(calledUser(request), 'message-waiting', messages);
  }

  /**
   * SUBSCRIBEs, and settles when each is answered and has had its first NOTIFY, or `timeoutMs` is over. Whoever is subscribed
   * already has his count noted once more: it is known at this moment. Never rejects: who cannot be asked is not known.
   */
  async subscribe(subscribers: readonly Subscriber[], server: ServerAddress, timeoutMs: number): Promise<void> {
    await Promise.all(subscribers.map((each) => this.#subscribeOne(each, server, timeoutMs)));
  }

  async #subscribeOne(subscriber: Subscriber, server: ServerAddress, timeoutMs: number): Promise<void> {
    const { user } = subscriber;
    const asked = this.#asked.get(user);
    if (asked !== undefined && performance.now() < asked.againMs) {
      const known = this.#counts.latest(user, 'message-waiting');
      if (asked.isTold && known !== null) this.#counts.note(user, 'message-waiting', known.messages);
      return;
    }
    const signal = AbortSignal.timeout(timeoutMs);
    const told = this.#counts.next(user, 'message-waiting', signal);
    const overdue = once(signal, 'abort').then(() => null);
    const grantedS = await Promise.race([this.#send(subscriber, server), overdue]);
    // The first NOTIFY may come before the response (RFC 6665 4.1.2.4).
    const isTold = grantedS !== null && (await told) !== null;
    this.#asked.set(user, { againMs: performance.now() + (grantedS ?? SUBSCRIBED_FOR_S) * 500, isTold });
  }

  /** @returns for how many seconds it was granted (RFC 6665 4.2.1.1); null when it was not */
  async #send({ user, domain, password }: Subscriber, server: ServerAddress): Promise<number | null> {
    const aor = `sip:${user}@${domain}`;
    const { host, port } = this.#endpoint.sip;
    const response = await authenticatedRequest(this.#endpoint, {
      method: 'SUBSCRIBE',
      uri: aor,
      server,
      headers: {
        From: `<${aor}>`,
        To: `<${aor}>`,
        Contact: `<sip:${user}@${host}:${port}${transportParameter(server)}>`,
        Event: 'message-summary',
        Accept: 'application/simple-message-summary',
        Expires: String(SUBSCRIBED_FOR_S),
      },
      username: user,
      password,
      authentication: new Authentication(),
    });
    return typeof response === 'string' ? null : grantedIn(response);
  }
}

function grantedIn(response: SipResponse): number | null {
  if (response.status < 200 || response.status >= 300) return null;
  const expires = Number.parseInt(response.get('Expires') ?? '', 10);
  return expires > 0 ? Math.min(expires, SUBSCRIBED_FOR_S) : SUBSCRIBED_FOR_S;
}
