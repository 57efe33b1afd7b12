import type { SipRequest, SipResponse } from '../../sip/message.ts';
import { respond } from '../../sip/responses.ts';
import type { Timer } from '../../sip/timers.ts';
import type { Peer } from '../../sip/transport.ts';
import { buildCancel } from '../build-request.ts';
import { type Context, hopOf } from '../context.ts';
import { Delivery } from '../delivery.ts';
import { type Forwarding, forwardRequest, nextUri } from './forwarded.ts';

/** Timer C: how long an INVITE may ring, RFC 3261 16.6 step 11. */
const TIMER_C_MS = 185_000;
const NOBODY_LISTENS = { onResponse: () => {}, onFailure: () => {} };

export interface BranchOptions {
  readonly request: SipRequest;
  readonly from: Peer;
  /** Of a response that is made here. */
  readonly localTag: string;
  readonly requestUri: string;
  /** Where it goes. @default what its Route or its Request-URI says */
  readonly target?: string;
  readonly forwarding: Pick<Forwarding, 'mark' | 'added'>;
  /** Without an answer of any kind, and without a final one, the target is given up. undefined: it is not. */
  readonly provisionalTimeoutMs?: number | undefined;
  readonly finalTimeoutMs?: number | undefined;
}

export interface BranchEvents {
  /** Every response but 100. `from` is undefined for one that was made here: nobody answered. */
  onResponse(branch: Branch, response: SipResponse, from: Peer | undefined): void;
}

/** A proxied request on its way to one of its targets. */
export class Branch {
  /** undefined: still open. */
  final: SipResponse | undefined;
  readonly #context: Context;
  readonly #events: BranchEvents;
  readonly #timers: Timer[] = [];
  #request: SipRequest;
  readonly #localTag: string;
  #delivery: Delivery | undefined;
  #provisional = false;
  #cancelled: 'no' | 'held' | 'sent' = 'no';

  constructor(context: Context, options: BranchOptions, events: BranchEvents) {
    this.#context = context;
    this.#events = events;
    const { request, from, localTag, requestUri, target = nextUri(request), forwarding } = options;
    this.#localTag = localTag;
    const found = hopOf(target, context);
    const hop = typeof found === 'string' ? undefined : found;
    const way = hop ?? { protocol: 'udp', local: context.transport.local };
    const branch = context.layer.newBranch();
    this.#request = forwardRequest(request, from, { ...forwarding, requestUri, hop: way, branch });
    if (hop === undefined) {
      queueMicrotask(() => this.#fail(503, 'Unreachable Address'));
      return;
    }
    const delivery = new Delivery(
      context,
      this.#request,
      { hop, known: undefined },
      {
        onResponse: (response, peer) => this.#onResponse(response, peer),
        onFailure: (reason) => this.#fail(reason === 'timeout' ? 408 : 503),
        onRequest: (sent) => {
          this.#request = sent;
        },
      },
    );
    this.#delivery = delivery;
    this.#limit(options.provisionalTimeoutMs, () => !this.#provisional);
    this.#limit(options.finalTimeoutMs, () => true);
    if (request.method === 'INVITE') this.#limit(TIMER_C_MS, () => true);
    delivery.start();
  }

  /** RFC 3261 9.1: not before a provisional response. What stays unanswered even so ends with a 487 of ours. */
  cancel(): void {
    if (this.final || this.#cancelled !== 'no' || this.#request.method !== 'INVITE') return;
    this.#cancelled = 'held';
    this.#delivery?.stay();
    if (this.#provisional) this.#sendCancel();
  }

  #sendCancel(): void {
    const destination = this.#delivery?.destination;
    if (destination === undefined) return;
    this.#cancelled = 'sent';
    const { layer, timerSet, timers } = this.#context;
    layer.client(buildCancel(this.#request, []), destination.protocol !== 'udp', NOBODY_LISTENS).start(destination);
    timerSet.after(timers.transactionTimeoutMs, () => {
      this.#delivery?.terminate();
      this.#fail(487);
    });
  }

  #limit(timeoutMs: number | undefined, isOver: () => boolean): void {
    if (timeoutMs === undefined) return;
    const onTimeout = (): void => {
      if (this.final || !isOver()) return;
      this.cancel();
      this.#fail(408);
    };
    this.#timers.push(this.#context.timerSet.after(timeoutMs, onTimeout));
  }

  #onResponse(response: SipResponse, from: Peer): void {
    const { status } = response;
    if (status < 200) {
      this.#provisional = true;
      if (this.#cancelled === 'held') this.#sendCancel();
      if (status === 100 || this.final) return;
    } else if (this.final === undefined) this.#end(response);
    else if (status > 299) return; // it was given up before
    this.#events.onResponse(this, response, from);
  }

  #fail(status: number, reason?: string): void {
    if (this.final) return;
    const answered = { request: this.#request, peer: this.#context.transport.local };
    const response = respond(answered, status, { localTag: this.#localTag, ...(reason !== undefined && { reason }) });
    this.#end(response);
    this.#events.onResponse(this, response, undefined);
  }

  #end(response: SipResponse): void {
    this.final = response;
    for (const timer of this.#timers) timer.cancel();
  }
}
