/** Calls with a header that keeps calls out of something, as anybody on their way can tell them. */
import { linesNamed } from '../model/header-lines.ts';
import { headerKey, parseUri, type SipMessage, SipRequest } from '../sip/index.ts';
import { INHIBITORS } from './matrix.ts';

/**
 * A request of a call that is asked about, with such a header. A canary may carry one as well: it is the lab's own call, and
 * what is only to happen to the calls of the matrix must not begin with it.
 */
export function isMarked(message: SipMessage): message is SipRequest {
  // Not in pieces: a header line may be folded, and a body may hold anything.
  const lines = message.kind === 'request' ? linesNamed(message.bytes.toString('latin1'), INHIBITORS) : [];
  return lines.length > 0 && !isCanary(message);
}

/** By its From, which is every canary's. */
export function isCanary(message: SipMessage): boolean {
  return /<sip:canary@/.test(message.header('From') ?? '');
}

/** The request without those headers; null when it has none. */
export function withoutInhibitors(request: SipRequest): SipRequest | null {
  const fields = request.fields.filter(({ name }) => !INHIBITORS.has(headerKey(name)));
  return fields.length === request.fields.length ? null : new SipRequest(request, fields, request.body);
}

/** Remembers who is called with such a header: later legs of the call may not carry it any more. */
export class MarkedCalls {
  readonly #callees = new Set<string>();
  readonly #callIds = new Set<string>();

  /** To be shown every message; @returns whether it belongs to such a call. */
  has(message: SipMessage): boolean {
    const callId = message.header('Call-ID') ?? '';
    const callee = calleeOf(message);
    if (isMarked(message)) {
      this.#callIds.add(callId);
      if (callee !== '') this.#callees.add(callee);
    }
    return this.#callIds.has(callId) || this.#callees.has(callee);
  }
}

/** The user part of To: of every leg it is the callee, whoever is called in his place. */
function calleeOf(message: SipMessage): string {
  return parseUri(/<([^<>]*)>/.exec(message.header('To') ?? '')?.[1] ?? '')?.user ?? '';
}
