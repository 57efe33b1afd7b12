/** Where a lab stands: its actors' addresses, and how each of them is started there. */
import type { Caller } from '../callers/caller.ts';
import type { WireRecord } from '../drachtio/index.ts';
import type { SipServer } from '../endpoints/endpoint.ts';
import type { ServerAddress, SipAddress, StartedServer } from '../model/server.ts';
import { APPLICATION_ROLES, type ApplicationRole, type Transport } from '../model/words.ts';
import type { Launcher } from '../processes/launcher.ts';
import type { StartedEdge } from '../ua/index.ts';

/**
 * Everybody with an address of their own. `caller` is that of who places the calls, or of the edge in front of the user's
 * `application` that does. `ua` is the edge in front of the user agent under test, where that is not our
 * phone; its instances have the 200 addresses that follow.
 */
export const ACTORS = [...APPLICATION_ROLES, 'server', 'caller', 'application', 'ua'] as const;
export type Actor = (typeof ACTORS)[number];

/** Ground for one lab. All addresses are loopback ones, of this machine or of a network namespace of the lab's own. */
export interface LabSite extends AsyncDisposable {
  /** One address per actor, used by nobody else. */
  readonly hosts: Readonly<Record<Actor, string>>;
  /**
   * Brings the server under test up.
   *
   * @param mostCallees so many accounts it will be asked to make for callees, at most. @default nobody knows
   * @throws {LabError}
   */
  startServer(voicemail: SipAddress, mostCallees?: number): Promise<StartedServer>;
  /** A drachtio-compatible server on the role's address. `record` sees every message there. @throws {LabError} */
  startSipServer(role: ApplicationRole, record: (record: WireRecord) => void): Promise<SipServer>;
  /**
   * Sends an OPTIONS with these header lines. Settles with its final status; null when none came.
   * Absent where nothing can be sent to an endpoint from outside.
   */
  askOptions?(to: SipAddress, headerLines: readonly string[]): Promise<number | null>;
  /** The user agent under test; absent where the callees' phones are ours. */
  readonly ua?: UaGround | undefined;
  /** Places the calls; its address is that of actor `caller`. */
  readonly caller: Caller;
  /** The user's application, which places all calls but the controls'; absent where `caller` places them all. */
  readonly application?: Caller | undefined;
}

/** A control is ours: what the application's call is held against. */
export function callerOf(control: boolean, { caller, application }: Pick<LabSite, 'caller' | 'application'>): Caller {
  return control ? caller : (application ?? caller);
}

export interface UaGround {
  readonly launcher: Launcher;
  /** An edge on the address of actor `ua`; `inner` is what it speaks with the user agent. @throws {LabError} */
  startEdge(server: ServerAddress, inner: Transport, record: (record: WireRecord) => void): Promise<StartedEdge>;
  /** Whom the user agent is to believe over TLS, PEM. */
  readonly ca?: string | undefined;
  /** An existing folder for what its instances print. */
  readonly logDir: string;
}

export interface SiteOptions {
  /** A part of the lab went deaf or died: a fault of the lab, never of the server under test. `users`: whose calls it concerns, by any account of theirs; left out: all. */
  readonly onTrouble: (text: string, users?: ReadonlySet<string>) => void;
}

/** @throws {LabError} when the ground cannot be had. */
export type OpenSite = (options: SiteOptions) => Promise<LabSite>;
