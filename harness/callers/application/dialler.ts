import { join } from 'node:path';
import type { SipAddress } from '../../model/server.ts';
import type { Transport } from '../../model/words.ts';
import type { RunningProgram } from '../../processes/launcher.ts';
import type { CallerMessage } from '../caller.ts';
import type { ApplicationGround } from './application-caller.ts';
import { callEnvironment } from './contract.ts';
import { type Order, Orders } from './orders.ts';

/** What an edge has on record: one message, as it was between it and the server. */
export interface EdgeRecord {
  readonly direction: 'in' | 'out';
  readonly atEpochMs: number;
  readonly bytes: Buffer;
}

/** Wants to know what is on record of its calls; `order` is null for a message of no call that was ordered. */
export type Listener = (message: CallerMessage, order: Order | null) => void;

/** The application while it runs, and the edge that all its SIP goes through. */
export class Dialler {
  readonly #program: RunningProgram;
  readonly #edge: AsyncDisposable;
  readonly #orders: Orders;
  readonly #listeners: Set<Listener>;
  readonly #maxCalls: number;
  readonly #misdeeds: readonly string[];
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];
  /** Settles when the program has ended, with how. */
  readonly exited: Promise<string>;
  /** How the program ended; null while it runs. */
  ended: string | null = null;

  private constructor(
    program: RunningProgram,
    edge: AsyncDisposable,
    {
      orders,
      listeners,
      misdeeds,
      maxCalls,
    }: { orders: Orders; listeners: Set<Listener>; misdeeds: readonly string[]; maxCalls: number },
  ) {
    this.#program = program;
    this.#edge = edge;
    this.#orders = orders;
    this.#listeners = listeners;
    this.#maxCalls = maxCalls;
    this.#misdeeds = misdeeds;
    this.exited = program.exited.then((how) => {
      this.ended = how;
      for (const go of this.#waiting.splice(0)) go();
      return how;
    });
  }

  /** @param number of this program in the lab, from 1. @throws {LabError} */
  static async start(
    ground: ApplicationGround,
    server: SipAddress & { readonly transport: Transport },
    number: number,
  ): Promise<Dialler> {
    const misdeeds: string[] = [];
    const orders = new Orders(({ text, callee }) => {
      misdeeds.splice(0, misdeeds.length, text);
      ground.onTrouble(text, new Set([callee]));
    });
    const listeners = new Set<Listener>();
    const edge = await ground.startEdge(server, ({ direction, atEpochMs, bytes }) => {
      const message = {
        direction: direction === 'out' ? 'sent' : 'received',
        protocol: server.transport,
        atEpochMs,
        bytes,
      } as const;
      const order = orders.see(message.direction, bytes);
      // A message of no call that was ordered may be of the one that should have been another: it is on record once.
      const [first] = listeners;
      for (const listen of order === null ? (first === undefined ? [] : [first]) : listeners) listen(message, order);
    });
    try {
      const program = await ground.launcher.start({
        env: callEnvironment({ proxy: edge.sip, local: ground.host }),
        logFile: join(ground.logDir, `caller-${number}.log`),
        onLine: () => {}, // a log, no evidence
        input: true,
      });
      return new Dialler(program, edge, { orders, listeners, misdeeds, maxCalls: ground.description.maxCalls });
    } catch (error) {
      await edge[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The last call that it placed and had not been told to place, or not so; null: none. */
  get misdeed(): string | null {
    return this.#misdeeds[0] ?? null;
  }

  /** @returns what ends it */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Settles when the application may have one call more, which is counted from then on; false: it has ended. */
  async room(): Promise<boolean> {
    while (this.ended === null && this.#underWay >= this.#maxCalls) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#underWay += 1;
    return this.ended === null;
  }

  /** A call that had room is over, or nobody waits for it any more. */
  leave(order: Order | null): void {
    if (order !== null) this.#orders.remove(order);
    this.#underWay -= 1;
    this.#waiting.shift()?.();
  }

  /** @param line what it is told of the call */
  tell(order: Order, line: string): void {
    this.#orders.add(order);
    this.#program.write(line);
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    await this.#program.stop();
    await this.#edge[Symbol.asyncDispose]();
  }
}
