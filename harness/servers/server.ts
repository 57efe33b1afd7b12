/**
 * The seam for servers: what a server under test is, what it can be asked, and how it is brought up. A server is a file
 * or folder here and a line of `registry.ts`; nothing else names one.
 */
import type { Credentials, Lender } from '../model/accounts.ts';
import type { PhoneBehaviour, PolicyId, Scenario, SubscriberSettings, Trap, Waits } from '../model/scenario.ts';
import type { InnerVoicemailWord, LookIntoMailboxes, SipAddress, Subscriber } from '../model/server.ts';
import type { Transport } from '../model/words.ts';
import type { Program } from '../setup/programs.ts';

/** One that `setup/programs.ts` knows and an image of `containers/` has; or any other, which runs as a process alone. */
export type ServerProgram = 'kamailio' | 'asterisk' | 'ejabberd' | Program;

/** What is asked of a server under test, wherever it comes from. */
export interface AskedServer {
  /** First part of a cell's id, and what `--server` takes. */
  readonly id: string;
  /** What it is, in one line of a list. */
  readonly title: string;
  /** Somebody else runs it. */
  readonly isLive?: true;
  /** Nobody here has set it up: which policy it behaves like, a run finds out. */
  readonly isForeign?: true;
  /** Of the program, as people write it. */
  readonly name: string;
  /** What it is set up to do with the headers: it is called under these policies alone. */
  readonly policies: readonly PolicyId[];
  /** How long it will wait where a subscriber asks for so much. */
  waits(asked: Waits): Waits;
  /** Calls begun per second that it was seen to take without errors; no run begins more. @default any number */
  readonly atMostPerSecond?: number;
  /** Why this situation cannot come about on it, as one clause that begins with `it`; null: it can. */
  lacks(scenario: Scenario): string | null;
  /** Its voice mail is inside of it, and what shows that a call went there; absent: calls for voice mail come to ours. */
  readonly innerVoicemail?: InnerVoicemailWord | undefined;
  /** Rules that lead a call straight to a trap, for the canaries; null: nothing there does. */
  wayTo(trap: Trap | 'phone'): WayToTrap | null;
}

/** One that we bring up. */
export interface Server extends AskedServer {
  readonly program: ServerProgram;
  /** Its recipe has it speak TLS where that is asked for. @default false */
  readonly speaksTls?: boolean;
  /** Phones and voice mail speak UDP with it, whatever callers speak. @default false: they speak what callers do */
  readonly callsOverUdp?: boolean;
  /** Milliseconds that it may take to get ready on a busy machine. @default READY_WITHIN_MS */
  readonly readyTimeoutMs?: number;
  /**
   * The recipe. It starts the program on its ground, whichever that is, and has it ready for calls.
   *
   * @throws {LabError}
   */
  bringUp(ground: ServerGround): Promise<Accounts>;
}

/** A server of the registry: its program is one that `setup/programs.ts` knows how to install. */
export interface ListedServer extends Server {
  readonly program: Extract<ServerProgram, string>;
}

/** Rules of an account whose calls all come to one trap, and what its phone does for it: a canary goes there. */
export interface WayToTrap {
  readonly rules: Pick<SubscriberSettings, 'flags' | 'lists'>;
  /** What the subscriber's own phone does. */
  readonly phone: PhoneBehaviour;
}

/**
 * How a server that is up hands out accounts: it makes them as they are wanted, under names that the lab invents, or it lends
 * those that it has.
 */
export interface Accounts {
  /**
   * Makes these subscribers, or sees that they need not be made. Where accounts are lent it is told before each call what the
   * lab takes them to be, rules and waits included; with accounts that cannot be changed it has nothing to do.
   *
   * @throws {LabError} if the server did not take every one
   */
  provision(subscribers: readonly Subscriber[]): Promise<void>;
  /**
   * Absent where accounts are made. Otherwise every call, canaries too, waits until a set of accounts is free for it; a cell
   * that no set will ever do for is `unsupported`. `lending.ts` has one that lends from a list.
   */
  readonly lender?: Lender;
  /** Looks into the mailboxes of these users: how many new messages each has. Absent: nobody can. @throws {LabError} */
  readonly mailboxes?: LookIntoMailboxes | undefined;
  /** With these everybody who calls answers a 401 or 407 to his INVITE. Absent: a server that asks callers gets no answer. */
  readonly callers?: Credentials;
}

/**
 * Where a server is brought up: as a process of this machine, or in a container of its image. Its functions are called on it:
 * `ground.start(...)`, not `const { start } = ground`.
 */
export interface ServerGround {
  /** UDP and TCP, on an address that nobody else has; UDP and TLS where {@link tls} is there. */
  readonly sip: SipAddress;
  /** What phones and voice mail speak with it. @default udp */
  readonly transport?: Transport | undefined;
  /** TLS is to be spoken, by who calls and who is called; absent: UDP and TCP. */
  readonly tls?: TlsFiles | undefined;
  readonly voicemail: SipAddress;
  /** So many accounts will be made for callees, at most; colleagues, who have no voice mail, come on top. Absent: nobody knows. */
  readonly mostCallees?: number | undefined;
  /** A TCP port to be controlled through: where the server is to listen, and where this process reaches it. */
  readonly control: { readonly listen: SipAddress; readonly reach: SipAddress };
  /** An existing folder for whatever it writes, as the program names it. */
  readonly workDir: string;
  /** Where its modules are, if not where the program looks for them. */
  readonly modulesDir: string | undefined;
  /**
   * A configuration, as the program names it.
   *
   * @param file its `from` is `ours`: a file of `containers/PROGRAM/`. `made`: one that the recipe writes; it lies beside ours.
   *   `package`: one that the program's package installs, as it lies there.
   * @throws {LabError} when there is none
   */
  configuration(file: ConfigurationFile): Promise<string>;
  /** An existing folder whose name is short enough for sockets to be made in it (108 bytes, unix(7)). */
  socketDir(): Promise<string>;
  /**
   * Starts the program. Settles when it answers an OPTIONS over UDP, by any response at all.
   *
   * @param args without the program's own name
   * @throws {LabError} with the end of its log, when it ends early or does not answer in time
   */
  start(args: readonly string[]): Promise<void>;
  /** Settles when the program answers HTTP where it is controlled, with any status. @throws {LabError} as {@link start} */
  answersHttp(): Promise<void>;
  /** Runs a program of the same package beside it; settles with what it printed. @throws {LabError} unless it exits with 0 */
  run(command: readonly string[]): Promise<string>;
}

/** Names of files, PEM, that are not in the report. */
export interface TlsFiles {
  /** Whom to believe. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** Who connects must have a certificate as well, and whom it connects to one to be believed. @default true */
  readonly asksClients?: boolean;
}

export type ConfigurationFile =
  | { readonly from: 'ours'; readonly name: string }
  | { readonly from: 'made'; readonly name: string; readonly text: string }
  | { readonly from: 'package'; readonly path: string };

/** The situation as it comes about there: how long the server waits is the server's. */
export function onServer(server: AskedServer, scenario: Scenario): Scenario {
  const { subscriber } = scenario;
  return { ...scenario, subscriber: { ...subscriber, waits: server.waits(subscriber.waits) } };
}

/** Whoever waits for as long as asked. */
export function asAsked(waits: Waits): Waits {
  return waits;
}
