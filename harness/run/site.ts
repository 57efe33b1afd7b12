/** Where a lab stands: its actors' addresses, and how each of them is started there. */
import type { SippLauncher } from '../caller/sipp-run.ts';
import type { WireRecord } from '../drachtio/index.ts';
import type { SipServer } from '../endpoints/endpoint.ts';
import type { SipAddress, StartedServer } from '../model/server.ts';

/** Roles that are drachtio-srf applications, each with a SIP server of its own. `caller` places the canary calls. */
export const ENDPOINTS = [
  'phone',
  'simultaneous-ring',
  'team',
  'delegate',
  'forward-target',
  'voicemail',
  'caller',
] as const;
export type EndpointRole = (typeof ENDPOINTS)[number];

/** Everybody with an address of their own. `ua` is the user agent under test, where that is not our phone. */
export const ACTORS = [...ENDPOINTS, 'server', 'sipp', 'ua'] as const;
export type Actor = (typeof ACTORS)[number];

/** Ground for one lab. All addresses are loopback ones, of this machine or of a network namespace of the lab's own. */
export interface LabSite extends AsyncDisposable {
  /** One address per actor, used by nobody else. */
  readonly hosts: Readonly<Record<Actor, string>>;
  /** Brings the server under test up. @throws {LabError} */
  startServer(voicemail: SipAddress): Promise<StartedServer>;
  /** A drachtio-compatible server on the role's address. `record` sees every message there. @throws {LabError} */
  startSipServer(role: EndpointRole, record: (record: WireRecord) => void): Promise<SipServer>;
  readonly launchSipp: SippLauncher;
  /** A port on the callers' address that nobody uses. */
  callerPort(): Promise<number>;
}

export interface SiteOptions {
  /** A part of the lab went deaf or died: a fault of the lab, never of the server under test. */
  readonly onTrouble: (text: string) => void;
}

/** @throws {LabError} when the ground cannot be had. */
export type OpenSite = (options: SiteOptions) => Promise<LabSite>;
