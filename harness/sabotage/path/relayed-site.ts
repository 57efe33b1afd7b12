import type { Subscriber } from '../../model/server.ts';
import type { LabSite } from '../../run/site.ts';
import { Relay } from './relay.ts';
import type { Rule } from './rule.ts';

/**
 * The same ground with a relay between the server under test and everybody else. Neither side is asked: the lab is told the
 * relay's address for the server, the server is told the relay's addresses for voice mail, forward targets and mobile
 * phones, and those that REGISTER do it through the relay, with a contact there.
 */
export function relayedSite(site: LabSite, rules: readonly Rule[]): LabSite {
  // No user agent of somebody else's is in this lab, so its edge's address is free.
  const relay = new Relay({ host: site.hosts.ua, serverHost: site.hosts.server, rules });
  const relayed = (subscriber: Subscriber): Subscriber => {
    const { forwardto, simultaneous_ring } = subscriber.lists;
    const outward = (uris: readonly string[]): string[] => uris.map((uri) => relay.outward(uri));
    return {
      ...subscriber,
      lists: {
        ...subscriber.lists,
        forwardto: outward(forwardto),
        simultaneous_ring: outward(simultaneous_ring),
      },
    };
  };
  return {
    ...site,
    startSipServer: async (role, record) => {
      const started = await site.startSipServer(role, record);
      try {
        await relay.open(role, started.sip);
      } catch (error) {
        await started.stop();
        throw error;
      }
      return started;
    },
    startServer: async ({ host, port }, mostCallees) => {
      const voicemail = relay.outward(`sip:${host}:${port}`);
      const server = await site.startServer(addressIn(voicemail), mostCallees);
      try {
        const sip = await relay.open('server', server.sip);
        return { ...server, sip, provision: (subscribers) => server.provision(subscribers.map(relayed)) };
      } catch (error) {
        await server.stop();
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      relay.stop();
      await site[Symbol.asyncDispose]();
    },
  };
}

function addressIn(uri: string): { host: string; port: number } {
  const [, host = '', port] = /^sip:([^:]+):(\d+)$/.exec(uri) ?? [];
  return { host, port: Number(port) };
}
