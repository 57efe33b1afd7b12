import type { SipAddress } from '../../model/server.ts';
import type { Caller, CallerAbilities, CallerTask, CallsUnderWay } from '../caller.ts';
import { type SippLauncher, SippRun } from './sipp-run.ts';

/** Where SIPp stands. */
export interface SippGround {
  readonly launch: SippLauncher;
  /** E.g. `3.6.1`. */
  readonly version: string;
  /** The callers' address. */
  readonly host: string;
  /** A port there that nobody uses. */
  freePort(): Promise<number>;
  /** Where a SIPp can be told to go slower or faster; null: it cannot be reached from here, and keeps its rate. */
  controlAddress(): Promise<SipAddress | null>;
}

const ABILITIES: CallerAbilities = {
  behaviours: new Set(['patient', 'hang-up-while-ringing', 'hang-up-in-greeting']),
  // Debian's is built without TLS: an edge speaks it for SIPp.
  transports: new Set(['udp', 'tcp']),
  headers: true,
  uriParameters: true,
  credentials: true,
};

/** A SIPp process for each task. */
export class SippCaller implements Caller {
  readonly id = 'sipp';
  readonly name = 'SIPp';
  readonly can = ABILITIES;
  readonly #ground: SippGround;

  constructor(ground: SippGround) {
    this.#ground = ground;
  }

  get version(): string {
    return this.#ground.version;
  }

  async place(task: CallerTask): Promise<CallsUnderWay> {
    const { launch, host, freePort, controlAddress } = this.#ground;
    const local = { host, port: await freePort() };
    return SippRun.start({ ...task, launch, local, control: await controlAddress() });
  }

  /** The same, started otherwise. */
  launchedBy(change: (launch: SippLauncher) => SippLauncher): SippCaller {
    return new SippCaller({ ...this.#ground, launch: change(this.#ground.launch) });
  }
}

/** For those who break SIPp on purpose. @throws {TypeError} when the caller is another */
export function sippLaunchedBy(caller: Caller, change: (launch: SippLauncher) => SippLauncher): Caller {
  if (caller instanceof SippCaller) return caller.launchedBy(change);
  throw new TypeError(`${caller.name} is not SIPp: it is not started like it`);
}
