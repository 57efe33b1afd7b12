/**
 * What a user agent under test is told and what it says: docs/user-agents.md in types. Everything goes through the
 * environment and standard output, so that a shell script can play.
 */

import { LabError } from '../errors.ts';
import type { SipAddress } from '../model/server.ts';
import { PLAYS, type Play } from '../model/words.ts';

/** What a user agent says of itself. */
export interface UaDescription {
  readonly name: string;
  readonly version: string;
  readonly plays: ReadonlySet<Play>;
  /** Accounts that one instance can have at once. */
  readonly maxAccounts: number;
}

/** One account that an instance has to register, and what it has to do with calls to it. */
export interface UaAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  readonly play: Play;
  /** Milliseconds from the ringing to the answer; 0 for all other plays. */
  readonly answerAfterMs: number;
}

/** A line of a user agent's output that is this word alone: all its accounts are registered. */
export const READY = 'ready';

/** An environment variable holds at most 128 KiB on Linux; some room is left for its name and for other systems. */
export const MAX_ACCOUNTS_BYTES = 120_000;

export const DESCRIBE = { RINGFENCE_ACTION: 'describe' } as const;

/** The environment of an instance that is to play. */
export function playEnvironment(options: {
  /** Where REGISTER and everything else is to go. */
  readonly registrar: SipAddress;
  /** Address to bind to. */
  readonly local: string;
  readonly accounts: readonly UaAccount[];
}): Record<string, string> {
  const { registrar, local, accounts } = options;
  return {
    RINGFENCE_ACTION: 'play',
    RINGFENCE_REGISTRAR: `${registrar.host}:${registrar.port}`,
    RINGFENCE_LOCAL: local,
    RINGFENCE_TRANSPORT: 'udp',
    RINGFENCE_ACCOUNTS: accounts.map(accountLine).join('\n'),
  };
}

/** `alice-k3f9-17 ms-sipre.test secret answer 150`: no part holds a blank. */
export function accountLine({ user, domain, password, play, answerAfterMs }: UaAccount): string {
  return `${user} ${domain} ${password} ${play} ${answerAfterMs}`;
}

/** Groups of accounts, each for one instance. */
export function shares(accounts: readonly UaAccount[], maxAccounts: number): UaAccount[][] {
  const groups: UaAccount[][] = [];
  let bytes = 0;
  for (const account of accounts) {
    const own = Buffer.byteLength(accountLine(account)) + 1;
    const last = groups.at(-1);
    if (last === undefined || last.length >= maxAccounts || bytes + own > MAX_ACCOUNTS_BYTES) {
      groups.push([account]);
      bytes = own;
    } else {
      last.push(account);
      bytes += own;
    }
  }
  return groups;
}

/** A line that may be a description: what a program prints besides does not begin like one. */
export function looksLikeDescription(line: string): boolean {
  return line.startsWith('{');
}

/** @param who in messages. @throws {LabError} that names the field */
export function parseDescription(line: string, who: string): UaDescription {
  const wrong = (what: string): LabError =>
    new LabError(`${who}: its answer to "describe" ${what}; it said ${visible(line)}. See docs/user-agents.md`);
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw wrong(`is no JSON (${(cause as Error).message})`);
  }
  const { name, version, behaviours, maxAccounts = 1 } = said;
  for (const [field, value] of Object.entries({ name, version })) {
    if (typeof value !== 'string' || value === '' || value.length > 100 || /\p{Cc}/u.test(value)) {
      throw wrong(`needs "${field}", a string of 1 to 100 characters`);
    }
  }
  const isPlay = (each: unknown): each is Play => PLAYS.some((play) => play === each);
  if (!Array.isArray(behaviours) || behaviours.length === 0 || !behaviours.every(isPlay)) {
    throw wrong(`needs "behaviours", a list of ${PLAYS.join(', ')}`);
  }
  if (typeof maxAccounts !== 'number' || !Number.isInteger(maxAccounts) || maxAccounts < 1) {
    throw wrong('needs "maxAccounts", a whole number from 1');
  }
  return { name: name as string, version: version as string, plays: new Set(behaviours), maxAccounts };
}

function visible(line: string): string {
  return JSON.stringify(line.length > 300 ? `${line.slice(0, 300)}...` : line);
}
