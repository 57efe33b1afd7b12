/**
 * What a user agent under test is told and what it says: docs/user-agents.md in types. Everything goes through the
 * environment and standard output, so that a shell script can play.
 */

import type { SipAddress } from '../model/server.ts';
import { LOGGED_AS, type LoggedAs, PLAYS, type Play, TRANSPORTS, type Transport } from '../model/words.ts';
import { countOf, shortText, wordsOf, yesOrNo } from '../processes/description.ts';
import type { ProgramFile } from '../processes/launcher.ts';

/** What a user agent says of itself. */
export interface UaDescription {
  readonly name: string;
  readonly version: string;
  readonly plays: ReadonlySet<Play>;
  /** Accounts that one instance can have at once. */
  readonly maxAccounts: number;
  /** It says what it writes into its call log. */
  readonly callLog: boolean;
  /** What it can speak. */
  readonly transports: ReadonlySet<Transport>;
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

/** An entry in a user agent's call log. */
export interface LoggedCall {
  readonly callId: string;
  readonly as: LoggedAs;
}

/** `logged CALL-ID missed`: null for every other line. */
export function loggedCall(line: string): LoggedCall | null {
  const [, callId = '', word] = /^logged (\S+) (\S+)\s*$/.exec(line) ?? [];
  const as = LOGGED_AS.find((each) => each === word);
  return as === undefined ? null : { callId, as };
}

/** An environment variable holds at most 128 KiB on Linux; some room is left for its name and for other systems. */
export const MAX_ACCOUNTS_BYTES = 120_000;

/** The environment of an instance that is to play. */
export function playEnvironment(options: {
  /** Where REGISTER and everything else is to go. */
  readonly registrar: SipAddress;
  readonly transport: Transport;
  /** Address to bind to. */
  readonly local: string;
  readonly accounts: readonly UaAccount[];
}): Record<string, string> {
  const { registrar, transport, local, accounts } = options;
  return {
    RINGFENCE_ACTION: 'play',
    RINGFENCE_REGISTRAR: `${registrar.host}:${registrar.port}`,
    RINGFENCE_LOCAL: local,
    RINGFENCE_TRANSPORT: transport,
    RINGFENCE_ACCOUNTS: accounts.map(accountLine).join('\n'),
  };
}

/** `alice-k3f9-17 ms-sipre.test secret answer 150`: no part holds a blank. */
export function accountLine({ user, domain, password, play, answerAfterMs }: UaAccount): string {
  return `${user} ${domain} ${password} ${play} ${answerAfterMs}`;
}

/** Whom an instance is to believe over TLS, PEM; the registrar's certificate names its address. */
export function authorityFile(ca: string): ProgramFile {
  return { variable: 'RINGFENCE_CA', name: 'ua-ca.pem', text: ca };
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

/** What it says of itself. @throws {DescriptionFault} that names the field */
export function uaDescription(said: Readonly<Record<string, unknown>>): UaDescription {
  return {
    name: shortText('name', said.name),
    version: shortText('version', said.version),
    plays: wordsOf('behaviours', said.behaviours, PLAYS),
    maxAccounts: countOf('maxAccounts', said.maxAccounts ?? 1),
    callLog: yesOrNo('callLog', said.callLog ?? false),
    transports: wordsOf('transports', said.transports ?? ['udp'], TRANSPORTS),
  };
}
