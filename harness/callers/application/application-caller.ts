import type { SipAddress } from '../../model/server.ts';
import type { Transport } from '../../model/words.ts';
import type { Launcher } from '../../processes/launcher.ts';
import type { Caller, CallerAbilities, CallerTask, CallsUnderWay } from '../caller.ts';
import { ApplicationCalls } from './application-calls.ts';
import type { ApplicationDescription } from './contract.ts';
import type { EdgeRecord } from './dialler.ts';
import { Dialler } from './dialler.ts';

/** A program that places calls, and what it says of itself. */
export interface Application {
  readonly launcher: Launcher;
  readonly description: ApplicationDescription;
}

/** Where it stands. */
export interface ApplicationGround extends Application {
  /** Its own address. */
  readonly host: string;
  /** What its edge can speak with the server; it speaks UDP itself. @default udp alone */
  readonly transports?: readonly Transport[];
  /** What it takes for its outbound proxy; `record` gets every message between that and the server. @throws {LabError} */
  startEdge(
    server: SipAddress & { readonly transport: Transport },
    record: (record: EdgeRecord) => void,
  ): Promise<AsyncDisposable & { readonly sip: SipAddress }>;
  /** An existing folder, which gets all that it prints. */
  readonly logDir: string;
  /** What it placed of its own accord takes the proof from calls to those users. */
  readonly onTrouble: (text: string, users: ReadonlySet<string>) => void;
}

/** The user's own application: it decides what goes into its INVITEs; what did is read off the wire. */
export class ApplicationCaller implements Caller, AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly can: CallerAbilities;
  readonly #ground: ApplicationGround;
  /** One program for all tasks, as long as it runs. */
  #dialler: Promise<Dialler> | undefined;
  #started = 0;

  constructor(ground: ApplicationGround) {
    const { name, version, behaviours, headers, credentials } = ground.description;
    this.id = ground.launcher.id;
    this.name = name;
    this.version = version;
    this.can = {
      behaviours,
      transports: new Set(ground.transports ?? ['udp']),
      headers,
      uriParameters: true,
      credentials,
    };
    this.#ground = ground;
  }

  /** @throws {LabError} when the application or its edge cannot be started */
  async place(task: CallerTask): Promise<CallsUnderWay> {
    return new ApplicationCalls(await this.#running({ ...task.remote, transport: task.transport }), task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dialler?.then(
      (dialler) => dialler.stop(),
      () => {}, // it never ran
    );
  }

  async #running(server: SipAddress & { readonly transport: Transport }): Promise<Dialler> {
    const before = this.#dialler;
    const ended = before !== undefined && (await before.then(({ ended: how }) => how !== null));
    if (before === undefined || ended) {
      this.#started += 1;
      this.#dialler = Dialler.start(this.#ground, server, this.#started);
    }
    return this.#dialler as Promise<Dialler>;
  }
}
