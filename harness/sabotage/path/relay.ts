import { LabError } from '../../errors.ts';
import type { ApplicationRole } from '../../model/words.ts';
import { branch, randomIds } from '../../sip/ids.ts';
import { type SipMessage, SipRequest, SipResponse, tagOf, tryParse } from '../../sip/index.ts';
import { addressOf, isAt, mapAddresses, mapContacts, routeAddress, withoutRouteTo } from '../../sip/proxy-route.ts';
import { ownVia, viaAddress, withoutOwnVia, withReceived } from '../../sip/proxy-via.ts';
import { systemClock, TimerSet } from '../../sip/timers.ts';
import { Transport } from '../../sip/transport.ts';
import type { SocketAddress } from '../../sip/wire.ts';
import type { Rule, Said } from './rule.ts';

export interface RelayOptions {
  /** Loopback address that nobody else uses. */
  readonly host: string;
  /** The server's own address: messages from there go to the other side. */
  readonly serverHost: string;
  readonly rules: readonly Rule[];
}

type FrontName = 'server' | ApplicationRole;

/** A party, and the address of the relay that others know in its place. */
interface Front {
  readonly name: FrontName;
  readonly partner: SocketAddress;
  readonly transport: Transport;
}

/** A request that begins a dialog takes the relay into its route: RFC 3261 12.1, RFC 3515, RFC 6665. */
const DIALOG_FORMING: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/**
 * A stateless proxy (RFC 3261 16.11) over UDP between the server under test and everybody else. It has a front for the
 * server and one for each endpoint; on either side of a front the other side is known by the front's address alone. So
 * it stands in every path, whatever the server is, and the rules decide what passes.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #timers = new TimerSet(systemClock);
  readonly #fronts = new Map<FrontName, Front>();
  readonly #held: (() => void)[] = [];
  readonly #ids = randomIds();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** @returns the address to be known in place of `partner`. @throws {LabError} */
  async open(name: FrontName, partner: SocketAddress): Promise<SocketAddress> {
    const { host } = this.#options;
    const transport = await Transport.bind({ host, port: 0, transports: ['udp'], timers: this.#timers }).catch(
      (cause: Error) => {
        throw new LabError(`The relay cannot listen on ${host}: ${cause.message}`, { cause });
      },
    );
    const front = { name, partner, transport };
    this.#fronts.set(name, front);
    transport.onMessage = (bytes, from) => this.#receive(front, bytes, from);
    return transport.local;
  }

  /** The URI with the front's address, where it has an endpoint's. */
  outward(uri: string): string {
    return this.#swap(
      uri,
      ({ partner }) => partner,
      ({ transport }) => transport.local,
    );
  }

  stop(): void {
    this.#timers.stop();
    for (const { transport } of this.#fronts.values()) transport.stop();
  }

  #receive(front: Front, bytes: Buffer, from: SocketAddress): void {
    const message = tryParse(bytes);
    if (message === null) return; // no SIP: nobody waits for it
    const crossing = { front: front.name, fromServer: from.host === this.#options.serverHost };
    let passing: SipMessage = message;
    let heldUntilEpochMs = 0;
    let delayMs = 0;
    let times = 1;
    const also: Said[] = [];
    for (const rule of this.#options.rules) {
      const disposition = rule(passing, crossing);
      if (disposition === 'goes on') continue;
      if (disposition === 'is lost') return;
      if ('answer' in disposition) {
        front.transport.send(disposition.answer.bytes, { protocol: 'udp', ...from });
        return;
      }
      if ('heldUntilEpochMs' in disposition) heldUntilEpochMs = disposition.heldUntilEpochMs;
      else if ('delayMs' in disposition) delayMs = disposition.delayMs;
      else if ('times' in disposition) times = disposition.times;
      else {
        passing = disposition.instead;
        also.push(...(disposition.also ?? []));
      }
    }
    const pass = (): void => {
      let receiver: SocketAddress | undefined;
      for (let time = 0; time < times; time++) receiver = this.#pass(front, passing, from, crossing.fromServer);
      for (const said of also) this.#say(said, front, from, receiver);
    };
    if (delayMs > 0) this.#timers.after(delayMs, pass);
    else if (heldUntilEpochMs === 0 && this.#held.length === 0) pass();
    else this.#hold(pass, heldUntilEpochMs);
  }

  /** As in the buffer of a router that stands still: what came first leaves first. */
  #hold(pass: () => void, untilEpochMs: number): void {
    this.#held.push(pass);
    if (this.#held.length > 1) return;
    this.#timers.after(Math.max(0, untilEpochMs - systemClock.nowEpochMs()), () => {
      for (const each of this.#held.splice(0)) each();
    });
  }

  /** @returns where it went. Where nobody can tell where to, it is lost, as with any stateless proxy. */
  #pass(front: Front, message: SipMessage, from: SocketAddress, fromServer: boolean): SocketAddress | undefined {
    const passed =
      message.kind === 'request' ? this.#request(front, message, from, fromServer) : this.#response(front, message);
    if (passed?.to !== undefined) front.transport.send(passed.message.bytes, { protocol: 'udp', ...passed.to });
    return passed?.to;
  }

  /** Sent once: what is said so may get lost, as whatever is sent over UDP and not repeated. */
  #say({ message, to }: Said, here: Front, sender: SocketAddress, receiver: SocketAddress | undefined): void {
    const front = to === 'sender' || to === 'receiver' ? here : this.#fronts.get(to);
    const address = to === 'sender' ? sender : to === 'receiver' ? receiver : front?.partner;
    if (front === undefined || address === undefined) return;
    const said = message.kind === 'request' ? this.#withOwnVia(message, front) : message;
    front.transport.send(said.bytes, { protocol: 'udp', ...address });
  }

  /** RFC 3261 8.1.1.7: it is the relay's own request, so the branch is new. */
  #withOwnVia(request: SipRequest, { transport: { local } }: Front): SipRequest {
    const via = `SIP/2.0/UDP ${local.host}:${local.port};branch=${branch(this.#ids)}`;
    return new SipRequest(request, [{ name: 'Via', value: via }, ...request.fields], request.body);
  }

  #request(front: Front, request: SipRequest, from: SocketAddress, fromServer: boolean): Passed {
    const { local } = front.transport;
    const inDialog = tagOf(request.header('To') ?? '') !== undefined;
    const routed = withoutRouteTo(local, withReceived(request.fields, from));
    const register = request.method === 'REGISTER' && !fromServer;
    const fields = register ? mapContacts(routed, (value) => mapAddresses(value, (uri) => this.outward(uri))) : routed;
    const recordRoute =
      DIALOG_FORMING.has(request.method) && !inDialog
        ? [{ name: 'Record-Route', value: `<sip:${local.host}:${local.port};lr>` }]
        : [];
    const { method, version } = request;
    const requestUri = this.#inward(request.requestUri);
    const next = routeAddress(fields, inDialog ? requestUri : '');
    return {
      to: next !== undefined && !isAt(next, local) ? next : this.#otherSide(front, fromServer),
      message: new SipRequest(
        { method, version, requestUri },
        [ownVia(request, local), ...recordRoute, ...fields],
        request.body,
      ),
    };
  }

  /** For whom it is that says it neither by Route nor inside a dialog. */
  #otherSide(front: Front, fromServer: boolean): SocketAddress | undefined {
    if (fromServer) return front.name === 'server' ? undefined : front.partner;
    return this.#fronts.get('server')?.partner;
  }

  #response(front: Front, response: SipResponse): Passed | null {
    const fields = withoutOwnVia(response.fields, front.transport.local);
    if (fields === undefined) return null; // not an answer to anything that went through here
    const registered = /\sREGISTER$/.test(response.header('CSeq') ?? '');
    const shown = registered ? mapContacts(fields, (value) => mapAddresses(value, (uri) => this.#inward(uri))) : fields;
    return { to: viaAddress(fields), message: new SipResponse(response, shown, response.body) };
  }

  #inward(uri: string): string {
    return this.#swap(
      uri,
      ({ transport }) => transport.local,
      ({ partner }) => partner,
    );
  }

  #swap(uri: string, was: (front: Front) => SocketAddress, is: (front: Front) => SocketAddress): string {
    const address = addressOf(uri);
    const front = address === undefined ? undefined : this.#fronts.values().find((each) => isAt(address, was(each)));
    if (address === undefined || front === undefined) return uri;
    const { host, port } = is(front);
    return uri.replace(`${address.host}:${address.port}`, `${host}:${port}`);
  }
}

interface Passed {
  readonly message: SipMessage;
  readonly to: SocketAddress | undefined;
}
