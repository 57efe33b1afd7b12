import type { CallingApplication } from '../model/scenario.ts';
import { routeTo, type ServerAddress } from '../model/server.ts';
import type { VoicemailSign } from '../model/words.ts';
import { answer, type Endpoint } from './endpoint.ts';
import type { SipDialog, SipRequest, SipResponse } from './srf.ts';

/** A customer's call, and what the application does with it. */
export interface Service {
  readonly application: CallingApplication;
  readonly server: ServerAddress;
  /** Header fields of the calls to the callee. */
  readonly headers: Readonly<Record<string, string>>;
  /** Request-URI of whoever is called next; null: nobody is. */
  readonly next: string | null;
}

/** A call that the application placed. */
interface Attempt {
  readonly answered: Promise<SipDialog | null>;
  giveUp(): void;
}

/**
 * An application that serves a customer: it calls the callee, gives up when its own time is over and calls somebody else, or
 * hangs up where voice mail has answered. Whoever answers is put through to the customer.
 */
export class Ringer {
  readonly #endpoint: Endpoint;
  readonly #signs = new Map<SipDialog, ReadonlySet<VoicemailSign>>();

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  async serve(request: SipRequest, response: SipResponse, service: Service): Promise<void> {
    const { application, headers, next } = service;
    const attempts: Attempt[] = [];
    let gone = false;
    const call = (uri: string, own: Readonly<Record<string, string>>): Attempt => {
      const attempt = this.#call(uri, { request, response, own, server: service.server });
      attempts.push(attempt);
      return attempt;
    };
    request.on('cancel', () => {
      gone = true;
      for (const attempt of attempts) attempt.giveUp();
    });
    const { alertMs, parallel, roundRobin } = application;
    const alert = async (own: Attempt): Promise<SipDialog | null> => {
      const dialog = await firstAnswer(attempts, alertMs);
      if (dialog === null) own.giveUp();
      return dialog ?? own.answered; // its 2xx may have crossed the CANCEL
    };
    let dialog = roundRobin === true && next !== null ? await alert(call(next, {})) : null;
    if (dialog === null && !gone) {
      const first = call(request.uri, headers);
      if (parallel === true && next !== null) call(next, {});
      dialog = await alert(first);
    }
    if (dialog === null && next !== null && parallel !== true && !gone) dialog = await call(next, {}).answered;
    for (const attempt of attempts) attempt.giveUp();
    if (dialog === null) {
      if (!gone) answer(response, 480);
      return;
    }
    const signs = this.#signs.get(dialog) ?? new Set();
    this.#signs.delete(dialog);
    if (gone || application.hangsUpOn?.some((sign) => signs.has(sign)) === true) {
      dialog.destroy({}, () => {});
      if (!gone) answer(response, 480);
      return;
    }
    this.#putThrough(request, response, dialog);
  }

  #call(
    uri: string,
    {
      request,
      response,
      own,
      server,
    }: {
      readonly request: SipRequest;
      readonly response: SipResponse;
      readonly own: Readonly<Record<string, string>>;
      readonly server: ServerAddress;
    },
  ): Attempt {
    const seen = new Set<VoicemailSign>();
    let placed: SipRequest | undefined;
    let isOver = false;
    let isGivenUp = false;
    const answered = this.#endpoint.app
      .createUAC(
        uri,
        {
          proxy: routeTo(server),
          localSdp: request.body,
          headers: { From: request.get('From').replace(/;\s*tag\s*=[^;,>\s]*/i, ''), To: `<${uri}>`, ...own },
        },
        {
          cbRequest: (_error, sent) => {
            placed = sent;
            if (isGivenUp) sent?.cancel(() => {});
          },
          cbProvisional: (provisional) => {
            noteSigns(provisional, seen);
            if (provisional.status === 180) answer(response, 180);
          },
        },
      )
      .then(
        (dialog) => {
          noteSigns(dialog.res, seen);
          this.#signs.set(dialog, seen);
          return dialog;
        },
        () => null, // refused, or given up
      )
      .finally(() => {
        isOver = true;
      });
    return {
      answered,
      giveUp: () => {
        if (isOver || isGivenUp) return;
        isGivenUp = true;
        placed?.cancel(() => {});
      },
    };
  }

  #putThrough(request: SipRequest, response: SipResponse, dialog: SipDialog): void {
    this.#endpoint.app.createUAS(request, response, { localSdp: dialog.remote.sdp }, (error, customer) => {
      if (error) {
        dialog.destroy({}, () => {});
        return;
      }
      customer.on('destroy', () => dialog.destroy({}, () => {}));
      dialog.on('destroy', () => customer.destroy({}, () => {}));
      if (!customer.connected) dialog.destroy({}, () => {});
      if (!dialog.connected) customer.destroy({}, () => {});
    });
  }
}

/** Of all that are under way; null when the time is over, or all have been refused. */
async function firstAnswer(attempts: readonly Attempt[], alertMs: number): Promise<SipDialog | null> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), alertMs);
  const any = Promise.any(
    attempts.map(async ({ answered }) => {
      const dialog = await answered;
      if (dialog === null) throw new Error('nobody answered');
      return dialog;
    }),
  ).catch(() => null);
  const dialog = await Promise.race([any, over.promise]);
  clearTimeout(timer);
  return dialog;
}

/** How a caller may know from signalling that no person has answered. */
function noteSigns(response: SipResponse, signs: Set<VoicemailSign>): void {
  const value = (name: string): string => response.get(name) ?? '';
  if (response.status === 181) signs.add('forwarded');
  if (/opaque=app:voicemail/i.test(value('History-Info'))) signs.add('history-info');
  if (response.status < 200) return;
  // RFC 3840 10.11: an automaton, not a person.
  if (/;\s*automata\b/i.test(value('Contact'))) signs.add('automata');
  if (/MSExchangeUM/i.test(value('Server'))) signs.add('server');
}
