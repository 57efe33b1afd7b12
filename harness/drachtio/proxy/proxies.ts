import type { SipRequest } from '../../sip/message.ts';
import type { ServerTransaction } from '../../sip/server-transaction.ts';
import type { Peer } from '../../sip/transport.ts';
import { SIP_PORT, type SipUri } from '../../sip/uri.ts';
import { RefusedError, readAppRequest } from '../app-message.ts';
import { type Context, hopOf } from '../context.ts';
import type { Command, ControlConnection } from '../control-connection.ts';
import { sendOnce } from '../delivery.ts';
import { proxyProgress } from '../leader.ts';
import { forwardRequest, hasMark, mayTravelOn, nextUri, withoutOwnRoute } from './forwarded.ts';
import { Proxied, type ProxyOrder } from './proxied.ts';

const MARK_DIGITS = 16;

/** Requests that applications have passed on, and later ones of the same dialogs. */
export class Proxies {
  readonly #context: Context;
  /** Nobody else can have written it: a request with this in its topmost Route is one to pass on. */
  readonly #mark: string;
  readonly #open = new Map<ServerTransaction, Proxied>();

  constructor(context: Context) {
    this.#context = context;
    this.#mark = context.ids.hex(MARK_DIGITS);
  }

  /**
   * An application passes a request on. `take` hands over the one of a transaction id.
   *
   * @throws {RefusedError} and nothing has been done
   */
  proxy(
    connection: ControlConnection,
    command: Command,
    take: (transactionId: string) => ServerTransaction | undefined,
  ): void {
    const { order, transactionId } = this.#readOrder(command);
    const server = take(transactionId);
    if (server === undefined) throw new RefusedError('Request not proxied due to unknown transaction');
    const request = withoutOwnRoute(server.request, (route) => this.#isHere(route)) ?? server.request;
    this.#start(server, order, (text, response) => connection.reply(command, `OK|${text}`, response), request);
  }

  /** @returns whether the request is one of a dialog that comes this way */
  passOn(server: ServerTransaction): boolean {
    const request = withoutOwnRoute(server.request, (route) => hasMark(route, this.#mark));
    if (request === undefined) return false;
    if (request.method === 'BYE') this.#context.records.stop('network', 'normal-release', request);
    const order = { targets: [], simultaneous: false, followRedirects: false };
    const forwarding = { mark: this.#mark, added: [] };
    this.#start(server, { ...order, forwarding }, () => {}, request);
    return true;
  }

  /** The ACK of a 2xx is a request of its own that nobody answers: passed on, and forgotten. */
  passOnAck(ack: SipRequest, from: Peer): boolean {
    const request = withoutOwnRoute(ack, (route) => hasMark(route, this.#mark));
    if (request === undefined) return false;
    const hop = hopOf(nextUri(request), this.#context);
    if (typeof hop === 'string' || !mayTravelOn(request)) return true;
    const branch = this.#context.layer.newBranch();
    const { requestUri } = request;
    const passed = forwardRequest(request, from, { requestUri, hop, branch, mark: undefined, added: [] });
    sendOnce(this.#context, passed, hop, undefined);
    return true;
  }

  /** @returns whether the INVITE is one that was passed on */
  cancel(invite: ServerTransaction): boolean {
    const proxied = this.#open.get(invite);
    proxied?.cancel();
    return proxied !== undefined;
  }

  #start(
    server: ServerTransaction,
    order: ProxyOrder,
    report: (text: string, response?: Buffer) => void,
    request: SipRequest,
  ): void {
    const { clock } = this.#context.timerSet;
    const proxied = new Proxied(this.#context, { server, request }, order, {
      onFinal: (response, from) => report(proxyProgress(response, from, clock), response.bytes),
      onDone: () => {
        this.#open.delete(server);
        report('done');
      },
    });
    this.#open.set(server, proxied);
    proxied.start();
  }

  #isHere({ host, port = SIP_PORT }: SipUri): boolean {
    return this.#context.transport.listeners.some(({ local }) => local.host === host && local.port === port);
  }

  /** @throws {RefusedError} */
  #readOrder({ tokens, message }: Command): { transactionId: string; order: ProxyOrder } {
    const [transactionId = '', remain, , redirects, forking, provisional, final, ...targets] = tokens;
    const { fields } = readAppRequest(message);
    for (const target of targets) {
      if (hopOf(target, this.#context) === 'no URI') throw new RefusedError(`invalid destination: ${target}`);
    }
    const order = {
      targets,
      simultaneous: forking === 'simultaneous',
      followRedirects: redirects !== '',
      provisionalTimeoutMs: readTimeout(provisional),
      finalTimeoutMs: readTimeout(final),
      forwarding: { mark: remain === '' ? undefined : this.#mark, added: fields },
    };
    return { transactionId, order };
  }
}

/** `2s`, `1500ms`, `2`: seconds. @throws {RefusedError} */
function readTimeout(text = ''): number | undefined {
  if (text === '') return undefined;
  const [, amount, unit] = /^(\d{1,9})(s|ms|)$/.exec(text) ?? [];
  if (amount === undefined) throw new RefusedError(`a timeout is written like 2s or 1500ms, not ${text.slice(0, 20)}`);
  return Number(amount) * (unit === 'ms' ? 1 : 1000);
}
