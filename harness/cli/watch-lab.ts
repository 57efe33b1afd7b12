import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { variants } from '../../scenarios/index.ts';
import { headerNames } from '../model/header-lines.ts';
import type { SipAddress } from '../model/server.ts';
import type { Lab } from '../run/lab.ts';
import { readHep } from '../watch/hep.ts';
import { LabSight } from '../watch/lab-sight.ts';
import { labPage } from '../watch/page.ts';
import { WatchServer } from '../watch/watch-server.ts';

/** `./ringfence lab --watch`: hears what the server tells of every message, and shows the calls. */
export class LabWatch implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #resources = new AsyncDisposableStack();

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#resources.defer(async () => void socket.close());
  }

  static async open(): Promise<LabWatch> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new LabWatch(socket);
  }

  /** Where the server is to send HEP. */
  get hepTo(): SipAddress {
    const { address: host, port } = this.#socket.address();
    return { host, port };
  }

  /** @param facts what somebody who wants to call needs @returns the address of the page */
  async show(lab: Lab, facts: readonly string[]): Promise<string> {
    const roles = new Map(Object.values(lab.endpoints).map(({ role, sip }) => [sip.host, role]));
    const sight = new LabSight(({ host }) => (host === lab.server.sip.host ? 'server' : (roles.get(host) ?? null)));
    this.#socket.on('message', (datagram) => {
      const message = readHep(datagram);
      if (message !== null) sight.take(message);
    });
    const page = await labPage(
      facts,
      [...headerNames(variants)].map((name) => name.toLowerCase()),
    );
    const server = this.#resources.use(await WatchServer.open({ page, stateFor: (look) => sight.stateFor(look) }));
    return server.url;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}
