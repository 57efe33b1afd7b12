import type { PhoneBehaviour } from '../model/scenario.ts';
import type { ServerAddress } from '../model/server.ts';
import { answer, audioSdp, calledUser, type Endpoint } from './endpoint.ts';
import type { MessageWaiting } from './message-waiting.ts';
import { type Registration, Registrations } from './registrations.ts';
import type { SipRequest, SipResponse } from './srf.ts';

/** What a phone says that is not going to answer. `unregistered`: its server rang it all the same, and it is not there. */
const STATUS_OF = {
  busy: 486,
  decline: 603,
  'decline-everywhere': 605,
  'do-not-disturb': 480,
  unregistered: 404,
} as const;

/** Of a phone that rings until whoever calls gives up, and is answered when it is called again. */
export interface SecondCall {
  wasGivenUp: boolean;
}

export type BankBehaviour = PhoneBehaviour | SecondCall;

/**
 * Many phones behind one address: the callees' own, or all team phones, ... Which phone is called is the user part of
 * the Request-URI; each behaves as its owner was told.
 */
export class PhoneBank {
  readonly registrations: Registrations;
  readonly #endpoint: Endpoint;
  readonly #behaviourOf: (user: string) => BankBehaviour;
  /** Of each phone that answers, the request that it answers. */
  readonly #answering = new Map<string, string>();

  /** @param waiting whoever is to be told that messages wait. @default nobody: a NOTIFY is taken, and that is all */
  constructor(endpoint: Endpoint, behaviourOf: (user: string) => BankBehaviour, waiting?: MessageWaiting) {
    this.registrations = new Registrations(endpoint);
    this.#endpoint = endpoint;
    this.#behaviourOf = behaviourOf;
    endpoint.app.invite((request, response) => this.#ring(request, response));
    endpoint.app.notify((request, response) => {
      if (waiting === undefined) answer(response, 200);
      else waiting.take(request, response);
    });
    endpoint.app.prack((_request, response) => answer(response, 200));
  }

  /** See {@link Registrations.register}. */
  register(phones: readonly Registration[], server: ServerAddress, window?: number): Promise<Map<string, string>> {
    return this.registrations.register(phones, server, window);
  }

  #ring(request: SipRequest, response: SipResponse): void {
    const behaviour = this.#behaviourOf(calledUser(request));
    if (typeof behaviour === 'object') {
      if ('answerAfterMs' in behaviour) this.#answerAfter(request, response, behaviour.answerAfterMs);
      else if (behaviour.wasGivenUp) this.#answerAfter(request, response, 0);
      else ringFirst(request, response, behaviour);
    } else if (behaviour === 'answer') this.#answerAfter(request, response, 0);
    else if (behaviour === 'ring') ring(request, response);
    else answer(response, STATUS_OF[behaviour]);
  }

  #answerAfter(request: SipRequest, response: SipResponse, answerAfterMs: number): void {
    const user = calledUser(request);
    // RFC 3261 8.2.2.2: the same call by two ways. Answered twice, one of them would be left without an ACK for 32 s.
    const identity = ['Call-ID', 'From', 'CSeq'].map((name) => request.get(name)).join('\n');
    if (this.#answering.get(user) === identity) {
      answer(response, 482);
      return;
    }
    this.#answering.set(user, identity);
    const over = (): void => {
      if (this.#answering.get(user) === identity) this.#answering.delete(user);
    };
    let lift: NodeJS.Timeout | undefined;
    request.on('cancel', () => {
      clearTimeout(lift);
      over();
    });
    ring(request, response, () => {
      lift = setTimeout(() => {
        // A CANCEL that crosses the 200 ends in the callback; the wire record has both.
        this.#endpoint.app.createUAS(
          request,
          response,
          { localSdp: audioSdp(this.#endpoint.sip.host) },
          (error, dialog) => {
            if (error == null && dialog.connected) dialog.on('destroy', over);
            else over();
          },
        );
      }, answerAfterMs);
    });
  }
}

function ringFirst(request: SipRequest, response: SipResponse, calls: SecondCall): void {
  request.on('cancel', () => {
    calls.wasGivenUp = true;
  });
  ring(request, response);
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
