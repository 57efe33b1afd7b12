/** For tests of SIP applications: each test gets a drachtio-compatible server and scripted peers; matchers say what a call did. */
import Srf from 'drachtio-srf';
import type { DrachtioServer } from '../drachtio/index.ts';
import { SipLab } from './lab.ts';
import type { CallMatchers } from './matchers.ts';
import type { SipPeer } from './peer.ts';
import type { Script } from './script.ts';

export type { CallOptions, SipCall } from './call.ts';
export { type CallMatchers, callMatchers, type ExpectedHeaders } from './matchers.ts';
export type { Script, Step } from './script.ts';
export type { SipLab, SipPeer };

/** What a test is handed. */
export interface SipFixtures {
  readonly sipLab: SipLab;
  /** Where an application of any kind connects: host and port of `control`, and `secret`. Disconnect it before the test is over. */
  readonly sipServer: DrachtioServer;
  /** A drachtio-srf application, connected to `sipServer`; it ends with the test. */
  readonly sipApp: Srf;
  /** Starts a peer; it ends with the test. @param script what it does with calls. @default 'answer' */
  readonly sipPeer: (name: string, script?: Script) => Promise<SipPeer>;
}

type Use<T> = (value: T) => Promise<void>;

/** `const test = base.extend<SipFixtures>(sipFixtures)`, with the `test` of your own vitest. */
export const sipFixtures = {
  /** The server and the peers of one test. */
  sipLab: async ({ task: _task }: { task: unknown }, use: Use<SipLab>): Promise<void> => {
    await using lab = await SipLab.start();
    await use(lab);
  },
  /** See {@link SipFixtures.sipServer}. */
  sipServer: async ({ sipLab }: { sipLab: SipLab }, use: Use<DrachtioServer>): Promise<void> => {
    await use(sipLab.server);
  },
  /** See {@link SipFixtures.sipApp}. */
  sipApp: async ({ sipServer }: { sipServer: DrachtioServer }, use: Use<Srf>): Promise<void> => {
    const srf = new Srf();
    await srf.connect({ ...sipServer.control, secret: sipServer.secret });
    await use(srf);
    try {
      srf.disconnect();
    } catch {
      // The library asserts that it is connected (5.0.29); a test may have seen to the end of that.
    }
  },
  /** See {@link SipFixtures.sipPeer}. */
  sipPeer: async ({ sipLab }: { sipLab: SipLab }, use: Use<SipFixtures['sipPeer']>): Promise<void> => {
    await use((name, script) => sipLab.peer(name, script));
  },
};

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends CallMatchers<R> {}
}
