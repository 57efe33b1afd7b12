import type { SipRequest, SipResponse } from '../../sip/message.ts';
import { respond } from '../../sip/responses.ts';
import type { ServerTransaction } from '../../sip/server-transaction.ts';
import type { Peer } from '../../sip/transport.ts';
import { parseAddress, parseUri, splitList, tagOf } from '../../sip/uri.ts';
import type { Context } from '../context.ts';
import { bestResponse } from './best-response.ts';
import { Branch, type BranchOptions } from './branch.ts';
import { forwardResponse, mayTravelOn } from './forwarded.ts';

export interface ProxyOrder extends Pick<BranchOptions, 'forwarding' | 'provisionalTimeoutMs' | 'finalTimeoutMs'> {
  /** URIs, tried in this order. None: where the request goes by its own account. */
  readonly targets: readonly string[];
  readonly simultaneous: boolean;
  readonly followRedirects: boolean;
}

export interface ProxyEvents {
  /** A final response of a target; `from` is undefined when nobody answered. */
  onFinal(response: SipResponse, from: Peer | undefined): void;
  /** The caller has its final response. */
  onDone(): void;
}

/** One request that is passed on, to one target or several: a stateful proxy, RFC 3261 16. */
export class Proxied {
  readonly #context: Context;
  readonly #server: ServerTransaction;
  readonly #order: ProxyOrder;
  readonly #events: ProxyEvents;
  readonly #waiting: string[];
  readonly #branches: Branch[] = [];
  readonly #request: SipRequest;
  /** Of a new call only. */
  readonly #records: Context['records'] | undefined;
  #done = false;
  #cancelled = false;

  /** `request`: as it is to be passed on. */
  constructor(
    context: Context,
    { server, request }: { server: ServerTransaction; request: SipRequest },
    order: ProxyOrder,
    events: ProxyEvents,
  ) {
    this.#context = context;
    this.#server = server;
    this.#request = request;
    const isCall = request.method === 'INVITE' && tagOf(request.header('To') ?? '') === undefined;
    this.#records = isCall ? context.records : undefined;
    this.#order = order;
    this.#events = events;
    this.#waiting = [...order.targets];
  }

  start(): void {
    if (!mayTravelOn(this.#request)) this.#refuse(483);
    else if (this.#order.targets.length === 0) this.#open(undefined);
    else this.#next();
  }

  /** The caller has cancelled: whoever still rings is, too, and the rest is not asked. */
  cancel(): void {
    this.#cancelled = true;
    this.#waiting.length = 0;
    for (const branch of this.#branches) branch.cancel();
  }

  #next(): void {
    const targets = this.#waiting.splice(0, this.#order.simultaneous ? this.#waiting.length : 1);
    for (const target of targets) this.#open(target);
  }

  #open(target: string | undefined): void {
    const request = this.#request;
    // A target that names somebody is who is asked for now (RFC 3261 16.6 step 2); a host alone is just the way there.
    const named = target !== undefined && (parseUri(target)?.user ?? '') !== '';
    const options = {
      ...this.#order,
      request,
      from: this.#server.peer,
      localTag: this.#server.localTag,
      requestUri: named ? target : request.requestUri,
      ...(target !== undefined && { target }),
    };
    this.#records?.attempt('application', request);
    this.#branches.push(
      new Branch(this.#context, options, {
        onResponse: (branch, response, from) => this.#onResponse(branch, response, from),
      }),
    );
  }

  #onResponse(branch: Branch, response: SipResponse, from: Peer | undefined): void {
    const { status } = response;
    if (status < 200) {
      if (!this.#done) this.#server.send(forwardResponse(response));
      return;
    }
    const again = this.#done && status > 299;
    if (again) return;
    if (status < 300) {
      const passed = forwardResponse(response);
      this.#server.send(passed); // each of an INVITE, RFC 3261 16.7 step 5
      if (this.#done) return;
      this.#records?.final('network', 'proxy-uac', status, response);
      this.#events.onFinal(response, from);
      this.#finish(passed);
      return;
    }
    this.#records?.final('network', 'proxy-uac', status, response);
    this.#events.onFinal(response, from);
    if (status < 400 && this.#order.followRedirects) this.#redirect(response);
    if (status >= 600) this.#cancelOthers(branch);
    if (this.#branches.some(({ final }) => final === undefined)) return;
    if (this.#waiting.length > 0) this.#next();
    else this.#answer();
  }

  #redirect(response: SipResponse): void {
    const tried = new Set(this.#order.targets);
    for (const contact of response.headers('Contact').flatMap(splitList)) {
      const uri = parseAddress(contact)?.uri;
      if (uri !== undefined && !tried.has(uri) && !this.#cancelled) this.#waiting.push(uri);
    }
  }

  /** RFC 3261 16.7 step 5: after a 6xx nobody else is asked. */
  #cancelOthers(branch: Branch): void {
    this.#waiting.length = 0;
    for (const other of this.#branches) if (other !== branch) other.cancel();
  }

  #answer(): void {
    const finals = this.#branches.flatMap(({ final }) => final ?? []);
    const best = bestResponse(finals);
    if (best === undefined) return;
    const { response, more } = best;
    // What was made here has our Via on top, as what came back has.
    const passed = forwardResponse(response, more);
    this.#server.send(passed);
    this.#finish(passed);
  }

  #refuse(status: number): void {
    const refusal = respond(this.#server, status, { localTag: this.#server.localTag });
    this.#server.send(refusal);
    this.#finish(refusal);
  }

  #finish(answer: SipResponse): void {
    if (this.#done) return;
    this.#done = true;
    this.#records?.final('application', 'proxy-uas', answer.status, answer);
    this.#waiting.length = 0;
    for (const branch of this.#branches) branch.cancel();
    this.#events.onDone();
  }
}
