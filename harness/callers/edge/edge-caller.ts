import type { Credentials } from '../../model/accounts.ts';
import { TRANSPORTS } from '../../model/words.ts';
import type { TlsOptions } from '../../sip/listener.ts';
import type { Caller, CallerAbilities, CallerMessage, CallerTask, CallsUnderWay } from '../caller.ts';
import { startCallerEdge } from './edge.ts';

export interface EdgeGround {
  /** The caller's address. */
  readonly host: string;
  /** Absent: it does not speak TLS. */
  readonly tls?: TlsOptions | undefined;
  /** Challenges are answered here, over any transport; else where there is an edge for another reason. @default false */
  readonly answersChallenges?: boolean;
  /** @default in this process */
  readonly startEdge?: typeof startCallerEdge;
}

/**
 * Another caller, with an edge in front of it where it lacks something itself. Its record is then what was between the edge
 * and the server, in clear.
 */
export class EdgeCaller implements Caller {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly can: CallerAbilities;
  readonly #inner: Caller;
  readonly #ground: EdgeGround;

  constructor(inner: Caller, ground: EdgeGround) {
    this.id = inner.id;
    this.name = inner.name;
    this.version = inner.version;
    this.can = {
      ...inner.can,
      transports: new Set(ground.tls === undefined ? inner.can.transports : TRANSPORTS),
      credentials: inner.can.credentials || ground.answersChallenges === true,
    };
    this.#inner = inner;
    this.#ground = ground;
  }

  async place(task: CallerTask): Promise<CallsUnderWay> {
    const { answersChallenges = false } = this.#ground;
    const credentials = task.calls.find((call) => call.credentials !== undefined)?.credentials;
    const isNeeded =
      !this.#inner.can.transports.has(task.transport) || (answersChallenges && credentials !== undefined);
    return isNeeded ? this.#placeBehindEdge(task, credentials) : this.#inner.place(task);
  }

  async #placeBehindEdge(task: CallerTask, credentials: Credentials | undefined): Promise<CallsUnderWay> {
    const { host, tls, startEdge = startCallerEdge } = this.#ground;
    const messages: CallerMessage[] = [];
    let trouble: string | null = null;
    const edge = await startEdge({
      host,
      server: task.remote,
      transport: task.transport,
      tls,
      credentials,
      record: ({ direction, atEpochMs, bytes }) => {
        messages.push({
          direction: direction === 'out' ? 'sent' : 'received',
          protocol: task.transport,
          atEpochMs,
          bytes,
        });
      },
      onTrouble: (text) => {
        trouble ??= text;
      },
    });
    try {
      const calls = task.calls.map((call) => ({ ...call, credentials: undefined }));
      const inner = await this.#inner.place({ ...task, remote: edge.sip, transport: edge.transport, calls });
      const result = inner.result.then(async (record) => {
        await edge[Symbol.asyncDispose]();
        return { ...record, messages, trouble: trouble ?? record.trouble, clockTrouble: null };
      });
      return {
        get left() {
          return inner.left;
        },
        result,
        setRate: (perSecond) => inner.setRate(perSecond),
        stop: async () => {
          await inner.stop();
          await result;
        },
      };
    } catch (error) {
      await edge[Symbol.asyncDispose]();
      throw error;
    }
  }
}
