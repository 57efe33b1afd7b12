import type { SipRequest } from '../../harness/sip/index.ts';

/**
 * What a peer of a test has answered. A process that is held up repeats its requests, which are no new ones: they get the same
 * answers (RFC 3261 17.2).
 */
export class Answered {
  readonly #answers = new Map<string, string[]>();

  /** Of a request that came before and was answered, or is an ACK, which nobody answers; null: it is new. */
  again(request: SipRequest): readonly string[] | null {
    const key = keyOf(request);
    const answers = this.#answers.get(key);
    if (answers !== undefined && (answers.length > 0 || request.method === 'ACK')) return answers;
    this.#answers.set(key, []);
    return null;
  }

  note(request: SipRequest, answer: string): void {
    this.#answers.get(keyOf(request))?.push(answer);
  }
}

/** RFC 3261 17.2.3. */
function keyOf(request: SipRequest): string {
  const branch = /;branch=([^;,\s]+)/i.exec(request.header('Via') ?? '')?.[1];
  return `${request.method} ${branch} ${request.header('Call-ID')} ${request.header('CSeq')}`;
}
