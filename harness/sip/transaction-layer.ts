import { type ClientContext, type ClientHandlers, ClientTransaction } from './client-transaction.ts';
import { branch, type IdSource } from './ids.ts';
import { MalformedMessageError, parseMessage, type SipMessage, type SipRequest, type SipResponse } from './message.ts';
import { respond } from './responses.ts';
import { type ServerContext, ServerTransaction } from './server-transaction.ts';
import type { SipTimers, TimerSet } from './timers.ts';
import type { Peer, Transport } from './transport.ts';
import { parseVia, tagOf } from './uri.ts';
import { refusalOf } from './validate.ts';

/** The layer above: RFC 3261's transaction user. */
export interface TransactionUser {
  /** A new request: neither ACK, CANCEL nor a retransmission. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK that no transaction absorbed: of a 2xx, or a stray one. */
  onAck(ack: SipRequest, peer: Peer): void;
  /** A CANCEL of an INVITE that has no final response yet. It has been answered; the INVITE has not. */
  onCancel(invite: ServerTransaction, cancel: SipRequest, peer: Peer): void;
  /** A response that belongs to no transaction, such as a 2xx long after its INVITE. */
  onStrayResponse(response: SipResponse, peer: Peer): void;
}

export interface LayerOptions {
  readonly transport: Transport;
  readonly timers: SipTimers;
  readonly timerSet: TimerSet;
  readonly ids: IdSource;
}

/** Finds the transaction of each message (RFC 3261 17.1.3, 17.2.3), makes new ones, and answers what is malformed. */
export class TransactionLayer {
  readonly #options: LayerOptions;
  readonly #user: TransactionUser;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clientContext: ClientContext;
  readonly #serverContext: ServerContext;

  constructor(options: LayerOptions, user: TransactionUser) {
    this.#options = options;
    this.#user = user;
    this.#clientContext = { ...options, onEnded: ({ key }) => this.#clients.delete(key) };
    this.#serverContext = { ...options, onEnded: ({ key }) => this.#servers.delete(key) };
    options.transport.onMessage = (bytes, peer) => this.#receive(bytes, peer);
  }

  /** Transactions that are remembered, finished ones included until their last timer. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  newBranch(): string {
    return branch(this.#options.ids);
  }

  /** The request has its top Via, with a branch of its own. Call `start` when its destination is known. */
  client(request: SipRequest, reliable: boolean, handlers: ClientHandlers): ClientTransaction {
    const key = clientKey(parseVia(request.header('Via') ?? '')?.branch ?? '', request.method);
    const transaction = new ClientTransaction(key, request, reliable, this.#clientContext, handlers);
    this.#clients.set(key, transaction);
    return transaction;
  }

  /** Nothing is sent or passed up any more. */
  stop(): void {
    this.#clients.clear();
    this.#servers.clear();
  }

  #receive(bytes: Buffer, peer: Peer): void {
    let message: SipMessage;
    try {
      message = parseMessage(bytes);
    } catch (error) {
      if (error instanceof MalformedMessageError) return;
      throw error;
    }
    if (message.kind === 'response') this.#receiveResponse(message, peer);
    else this.#receiveRequest(message, peer);
  }

  #receiveResponse(response: SipResponse, peer: Peer): void {
    const via = parseVia(response.header('Via') ?? '');
    const method = /^\d+\s+(\S+)$/.exec(response.header('CSeq') ?? '')?.[1];
    const { status } = response;
    if (via === undefined || method === undefined || status < 100 || status > 699 || response.problem) return;
    if (response.header('Call-ID') === undefined || response.header('To') === undefined) return;
    const transaction = this.#clients.get(clientKey(via.branch, method));
    if (transaction) transaction.receive(response, peer);
    else this.#user.onStrayResponse(response, peer);
  }

  #receiveRequest(request: SipRequest, peer: Peer): void {
    const key = serverKey(request);
    if (key === undefined) return; // without a Via that can be read there is nowhere to answer to
    const { method } = request;
    if (method === 'ACK') {
      this.#receiveAck(request, peer, key);
      return;
    }
    const known = this.#servers.get(`${key}\n${method}`);
    if (known) {
      known.receiveAgain();
      return;
    }
    const refusal = refusalOf(request);
    if (refusal) {
      // Stateless (RFC 3261 8.2.7): the tag has to be the same for the same request, and garbage keeps nothing in memory.
      const response = respond({ request, peer }, refusal.status, { reason: refusal.reason, localTag: 'refused' });
      this.#options.transport.send(response.bytes, peer);
      return;
    }
    const transaction = new ServerTransaction(
      `${key}\n${method}`,
      request,
      peer,
      this.#options.ids.hex(12),
      this.#serverContext,
    );
    this.#servers.set(transaction.key, transaction);
    if (method === 'CANCEL') this.#receiveCancel(transaction, key);
    else this.#user.onRequest(transaction);
  }

  #receiveAck(ack: SipRequest, peer: Peer, key: string): void {
    const invite = this.#servers.get(`${key}\nINVITE`);
    if (invite === undefined || invite.receiveAck()) this.#user.onAck(ack, peer);
  }

  /** RFC 3261 9.2. An INVITE that has its 2xx is no transaction any more (17.2.1): what RFC 6026 keeps of it is for ACKs. */
  #receiveCancel(cancel: ServerTransaction, key: string): void {
    const kept = this.#servers.get(`${key}\nINVITE`);
    const invite = kept?.state === 'accepted' ? undefined : kept;
    // One tag for the 200 to the CANCEL and the 487 to its INVITE.
    if (invite) cancel.localTag = invite.localTag;
    cancel.send(respond(cancel, invite ? 200 : 481, { localTag: cancel.localTag }));
    if (invite?.state === 'proceeding') this.#user.onCancel(invite, cancel.request, cancel.peer);
  }
}

function clientKey(branchOfVia: string, method: string): string {
  return `${branchOfVia}\n${method}`;
}

/** Without the method. undefined: the top Via cannot be read. */
function serverKey(request: SipRequest): string | undefined {
  const value = request.header('Via') ?? '';
  const via = parseVia(value);
  if (via === undefined) return undefined;
  if (via.branch.startsWith('z9hG4bK')) return `${via.branch}\n${via.sentBy}`;
  // RFC 2543 peers: the branch is not unique, so everything that identifies a request counts.
  const cseq = Number.parseInt(request.header('CSeq') ?? '', 10);
  return [value, request.requestUri, request.header('Call-ID'), tagOf(request.header('From') ?? ''), cseq].join('\n');
}
