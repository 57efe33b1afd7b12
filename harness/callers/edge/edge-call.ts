import type { Credentials } from '../../model/accounts.ts';
import { Authentication } from '../../sip/digest.ts';
import { type HeaderField, headerKey, SipRequest, SipResponse, splitList } from '../../sip/index.ts';
import { withoutTopVia } from '../../sip/proxy-via.ts';
import { branchOf } from '../../sip/uri.ts';
import { changedRequest } from './edge-text.ts';

/** How the edge is written in a message. */
export interface EdgeNames {
  /** `SIP/2.0/TLS 192.0.2.1:5061`: a Via without its parameters. */
  readonly via: string;
  /** `192.0.2.1:5061;transport=tls` */
  readonly contactAt: string;
}

/** A request of the caller's, and what went to the server in its place; an INVITE with its ACKs and CANCEL. */
interface Passed {
  readonly method: string;
  /** As the caller wrote it. */
  readonly request: SipRequest;
  readonly number: number;
  /** How often it was sent again with an answer to a challenge. */
  again: number;
  /** Number of its CSeq at the server. */
  outerNumber: number;
  /** Header lines. */
  credentials: readonly string[];
}

/** What becomes of a response: what goes to the server, and what to the caller. */
export interface Onward {
  readonly toServer: readonly Buffer[];
  readonly toCaller?: Buffer;
  /** This request, the last of `toServer`, stands for one whose caller waits for the answer. */
  readonly isSentAgain?: true;
}

/**
 * One call of a caller's behind its edge. Challenges are answered in the caller's place, which never sees them: each answer is
 * a request with the next number, so that from there on the caller's numbers and the server's differ.
 */
export class EdgeCall {
  readonly #names: EdgeNames;
  readonly #account: Credentials | undefined;
  readonly #authentication = new Authentication();
  readonly #passed: Passed[] = [];
  /** The ACKs of challenges that were answered, by number: over UDP a challenge may come again. */
  readonly #acks = new Map<number, Buffer>();
  #ahead = 0;
  #isCancelled = false;

  constructor(names: EdgeNames, account: Credentials | undefined) {
    this.#names = names;
    this.#account = account;
  }

  /** What goes to the server for a request of the caller's, a retransmission too. */
  outward(request: SipRequest): Buffer {
    if (request.method === 'CANCEL') this.#isCancelled = true;
    const [number, method] = cseqOf(request);
    const belongsTo = method === 'ACK' || method === 'CANCEL' ? 'INVITE' : method;
    let passed = this.#passed.find((each) => each.number === number && each.method === belongsTo);
    if (passed === undefined) {
      passed = { method, request, number, again: 0, outerNumber: number + this.#ahead, credentials: [] };
      if (this.#authentication.isAnswered && method !== 'ACK') passed.credentials = this.#answers(request);
      this.#passed.push(passed);
    }
    // RFC 3261 22.1, 22.3: an ACK has the credentials of its INVITE, a CANCEL none.
    return this.#written(request, passed, method === 'CANCEL' ? [] : passed.credentials);
  }

  inward(response: SipResponse): Onward {
    const [outerNumber, method] = cseqOf(response);
    const belongsTo = method === 'CANCEL' ? 'INVITE' : method;
    const passed = this.#passed.find((each) => each.outerNumber === outerNumber && each.method === belongsTo);
    if (passed === undefined) {
      const ack = response.status >= 300 ? this.#acks.get(outerNumber) : undefined;
      return { toServer: ack === undefined ? [] : [ack] };
    }
    const { status } = response;
    if ((status === 401 || status === 407) && method !== 'CANCEL' && this.#isAnswerable(status, response)) {
      const acks = method === 'INVITE' ? [this.#ack(passed, response)] : [];
      this.#ahead += 1;
      passed.again += 1;
      passed.outerNumber = passed.number + this.#ahead;
      passed.credentials = this.#answers(passed.request);
      const again = this.#written(passed.request, passed, passed.credentials);
      return { toServer: [...acks, again], isSentAgain: true };
    }
    if (status < 300) {
      for (const name of ['Authentication-Info', 'Proxy-Authentication-Info'])
        this.#authentication.accepted(response.header(name));
    }
    return { toServer: [], toCaller: this.#asExpected(response, passed, method) };
  }

  #isAnswerable(status: 401 | 407, response: SipResponse): boolean {
    if (this.#account === undefined || this.#isCancelled) return false;
    const asked = response.headers(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate');
    return this.#authentication.challenged(status, asked) === null;
  }

  #answers({ method, requestUri }: SipRequest): string[] {
    if (this.#account === undefined) return [];
    return this.#authentication
      .credentials({ ...this.#account, method, uri: requestUri })
      .map(({ name, value }) => `${name}: ${value}`);
  }

  #written(request: SipRequest, passed: Passed, lines: readonly string[]): Buffer {
    const { via, contactAt } = this.#names;
    const branch = `${branchOf(request.header('Via') ?? '')}${'r'.repeat(passed.again)}`;
    return changedRequest(request.bytes, {
      via: `${via};branch=${branch}`,
      cseq: passed.outerNumber,
      contactAt,
      lines,
    });
  }

  /** RFC 3261 17.1.1.3. */
  #ack(passed: Passed, response: SipResponse): Buffer {
    const { request, outerNumber } = passed;
    const branch = `${branchOf(request.header('Via') ?? '')}${'r'.repeat(passed.again)}`;
    const fields = [
      { name: 'Via', value: `${this.#names.via};branch=${branch}` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: request.header('From') ?? '' },
      { name: 'To', value: response.header('To') ?? '' },
      { name: 'Call-ID', value: request.header('Call-ID') ?? '' },
      { name: 'CSeq', value: `${outerNumber} ACK` },
      { name: 'Content-Length', value: '0' },
    ];
    const { bytes } = new SipRequest({ method: 'ACK', requestUri: request.requestUri }, fields, Buffer.alloc(0));
    this.#acks.set(outerNumber, bytes);
    return bytes;
  }

  /** With the Via and the number that the caller knows. */
  #asExpected(response: SipResponse, { request, number, again }: Passed, method: string): Buffer {
    const [top = ''] = splitList(response.header('Via') ?? '');
    const branch = branchOf(top);
    const own = branch.slice(0, branch.length - again);
    const via = (request.header('Via') ?? '').replace(/;branch=[^;,\s]+/, `;branch=${own}`);
    const fields = withoutTopVia(response.fields).map(
      (field): HeaderField =>
        headerKey(field.name) === 'cseq' ? { name: field.name, value: `${number} ${method}` } : field,
    );
    return new SipResponse(response, [{ name: 'Via', value: via }, ...fields], response.body).bytes;
  }
}

function cseqOf(message: SipRequest | SipResponse): readonly [number: number, method: string] {
  const [, number = '', method = ''] = /^(\d+)\s+(\S+)/.exec(message.header('CSeq') ?? '') ?? [];
  return [Number(number), method];
}
