import { once } from 'node:events';
import type { Agent, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { http } from '../http.ts';

/** A request to a server that is asked for accounts. */
export interface HttpQuestion {
  readonly method: 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Until the whole answer is there. @default 20_000, as long as a start may take: after 5 s one of several labs on a busy machine had none */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 20_000;
/** A connection that the server closes just when it is used again fails: Asterisk closes what is idle after 15 s (http.conf, `session_keep_alive`). */
const IDLE_MS = 1_000;

/** @param connections side by side, at most */
export function httpAgent(connections: number): Agent {
  return new http.Agent({ keepAlive: true, maxSockets: connections, timeout: IDLE_MS });
}

/**
 * By `node:http`: fetch() refuses some sixty ports, and a server's is whichever was free.
 *
 * @returns what it answered, with a 2xx
 * @throws {Error} with what was seen instead
 */
export async function askHttp(
  url: string,
  agent: Agent,
  { method, headers = {}, body, timeoutMs = TIMEOUT_MS }: HttpQuestion,
): Promise<string> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const asked = http.request(url, { method, headers, agent, signal: deadline });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const said = await text(response);
    const { statusCode = 0, statusMessage = '' } = response;
    if (statusCode >= 200 && statusCode < 300) return said;
    throw new Error(`it answered ${[statusCode, statusMessage, said.slice(0, 300)].join(' ').trim()}`);
  } catch (error) {
    if (deadline.aborted) throw new Error(`it had not answered after ${timeoutMs} ms`, { cause: error });
    throw error;
  }
}
