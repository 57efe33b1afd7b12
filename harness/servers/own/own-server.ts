/** The user's own server, started for the run: a program that follows docs/own-server.md, and what is asked of it. */
import { counted } from '../../counted.ts';
import type { PolicyId, Scenario, Trap } from '../../model/scenario.ts';
import { UNKNOWN_POLICY } from '../../model/words.ts';
import { describedBy } from '../../processes/description.ts';
import type { Launcher } from '../../processes/launcher.ts';
import { type AskedServer, asAsked, type WayToTrap } from '../server.ts';
import { wayByRules } from '../way-by-rules.ts';
import { OWN_SERVER_PAGE, type ServerDescription, serverDescription } from './contract.ts';
import { featureLack } from './features.ts';

export interface OwnServer extends AskedServer {
  readonly description: ServerDescription;
  /** All calls are under this one. */
  readonly policy: PolicyId;
}

export interface OwnServerOptions {
  readonly kind: 'command' | 'image';
  readonly description: ServerDescription;
  /** What it is to do with the headers, whatever it claims; null: what it claims. */
  readonly expect: PolicyId | null;
}

/** Asks the program what it is. @param logFile gets what it prints. @throws {LabError} unless it says so */
export function describeServer(
  launcher: Launcher,
  { logFile, timeoutMs = 30_000 }: { readonly logFile: string; readonly timeoutMs?: number },
): Promise<ServerDescription> {
  return describedBy({ launcher, logFile, timeoutMs, page: OWN_SERVER_PAGE, read: serverDescription });
}

export function ownServer({ kind, description, expect }: OwnServerOptions): OwnServer {
  const { name, features, waits, callsPerSecond } = description;
  const policy = expect ?? description.policy ?? UNKNOWN_POLICY;
  return {
    id: `${kind}:${inAnId(name)}`,
    title: 'a server of yours, started for the run',
    name,
    isForeign: true,
    policies: [policy],
    waits: waits === null ? asAsked : () => waits,
    atMostPerSecond: callsPerSecond,
    lacks: (scenario: Scenario) => featureLack(scenario, features),
    wayTo: (trap) => wayTo(trap, features),
    description,
    policy,
  };
}

/** For people: `my proxy 2.1: voicemail, busy; waits 1000 ms; claims ms-sipre; at most 50 calls per second`. */
export function serverText({
  name,
  version,
  features,
  waits,
  policy,
  callsPerSecond,
  asksCallers,
}: ServerDescription): string {
  return [
    `${name} ${version}: ${[...features].join(', ')}`,
    waits === null ? 'waits as its accounts say' : `waits ${waits.totalMs} ms`,
    policy === null ? 'claims no policy' : `claims ${policy}`,
    `${asksCallers ? 'asks callers for a password' : 'asks no caller for a password'}`,
    `at most ${counted(callsPerSecond, 'call')} per second`,
  ].join('; ');
}

/** A part of a cell's id holds no slash, and is easily typed. */
function inAnId(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}.]+/gu, '-')
      .replaceAll(/^-+|-+$/g, '') || 'server'
  );
}

/** By rules; one that diverts nobody at once is waited for. */
function wayTo(trap: Trap | 'phone', features: ServerDescription['features']): WayToTrap {
  const way = wayByRules(trap);
  if (features.has('at-once')) return way;
  return { ...way, rules: { ...way.rules, flags: way.rules.flags.filter((flag) => flag !== 'forward_immediate') } };
}
