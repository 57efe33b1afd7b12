import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../errors.ts';
import { http } from '../http.ts';
import type { SipAddress } from '../model/server.ts';
import type { Transport } from '../model/words.ts';

export interface Waiting {
  /** Milliseconds until we give up. */
  readonly timeoutMs: number;
  /** Settles with its story if the program ends while we wait. */
  readonly gone: Promise<string>;
}

/**
 * For a program of the lab to get ready, from its start. That one has ended is told at once: this is for one that hangs, which is rare. A
 * machine that has no time for it is not: Kamailio, ready in a tenth of a second, had not answered after 5 s, a drachtio server not after 20.
 */
export const READY_WITHIN_MS = 60_000;

const ASK_EVERY_MS = 10;

/**
 * Ready, in SIP terms: an OPTIONS over UDP is answered, by any response at all. Settles with the answer.
 * @throws {LabError} if the program ends or does not answer in time.
 */
export async function waitForSip(address: SipAddress, waiting: Waiting): Promise<void> {
  const { host, port } = address;
  await waitFor(`sip:${host}:${port}`, waiting, async (signal) => {
    await answerTo(address, { from: host, everyMs: ASK_EVERY_MS, signal });
  });
}

/**
 * Asks a SIP server whether it is there: an OPTIONS over UDP, sent again every second. A proxy may keep silent about it; a registrar
 * answers a REGISTER without Contact, which changes nothing (RFC 3261 10.2.3).
 * @param orRegister every other one is a REGISTER. @default false
 * @returns its answer, as it came; null when there was none in time, or it cannot be asked from that address
 */
export async function askSip(
  address: SipAddress,
  { from, timeoutMs, ...how }: Pick<Asking, 'from' | 'as' | 'orRegister'> & { readonly timeoutMs: number },
): Promise<Buffer | null> {
  const signal = AbortSignal.timeout(timeoutMs);
  return answerTo(address, { from, everyMs: 1_000, signal, ...how }).catch(() => null);
}

interface Asking {
  /** An address of this machine. */
  readonly from: string;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly orRegister?: boolean | undefined;
  /** Address of record that it comes from. @default nobody's */
  readonly as?: string | undefined;
}

async function answerTo(address: SipAddress, { from, everyMs, signal, orRegister, as }: Asking): Promise<Buffer> {
  const { host, port } = address;
  const socket = createSocket('udp4');
  try {
    socket.bind({ address: from, port: 0 });
    await once(socket, 'listening', { signal });
    const answered = once(socket, 'message', { signal });
    const here = { host: from, port: socket.address().port };
    const requests = [questionTo(address, 'udp', here, { as })];
    if (orRegister === true) requests.push(questionTo(address, 'udp', here, { as, method: 'REGISTER' }));
    let asked = 0;
    const ask = () => {
      const question = requests[asked++ % requests.length];
      if (question !== undefined) socket.send(question(), port, host, () => {}); // refused while nobody listens yet
    };
    ask();
    const asking = setInterval(ask, everyMs);
    const [answer] = await answered.finally(() => clearInterval(asking));
    return answer as Buffer;
  } finally {
    socket.close();
  }
}

/**
 * An HTTP request is answered, by any status: TCP is up, and workers behind it.
 * @throws {LabError} if the program ends or does not answer in time.
 */
export async function waitForHttp({ host, port }: SipAddress, waiting: Waiting): Promise<void> {
  await waitFor(`http://${host}:${port}`, waiting, async (signal) => {
    for (;;) {
      try {
        const asked = http.request({ host, port, agent: false, signal }).end();
        const [response] = await once(asked, 'response', { signal });
        response.destroy();
        return;
      } catch {
        await delay(ASK_EVERY_MS, undefined, { signal }); // refused so far; aborted, this throws
      }
    }
  });
}

async function waitFor(what: string, { timeoutMs, gone }: Waiting, answered: (signal: AbortSignal) => Promise<void>) {
  const lost = new AbortController();
  const late = async (signal: AbortSignal) => {
    await delay(timeoutMs, undefined, { signal });
    return `no answer in ${timeoutMs} ms`;
  };
  const racers = [answered(lost.signal).then(() => null), late(lost.signal), gone];
  try {
    const seen = await Promise.race(racers);
    if (seen !== null) throw new LabError(`${what} did not get ready: ${seen}`);
  } finally {
    lost.abort();
    await Promise.allSettled(racers.slice(0, 2));
  }
}

/** A new transaction each time: a server may hold on to the one whose answer was lost. */
export function questionTo(
  { host, port }: SipAddress,
  transport: Transport,
  from: SipAddress,
  { method = 'OPTIONS', as }: { readonly method?: 'OPTIONS' | 'REGISTER'; readonly as?: string | undefined } = {},
): () => string {
  const callId = randomBytes(8).toString('hex');
  let cseq = 0;
  return () => {
    cseq += 1;
    return [
      `${method} sip:${host}:${port} SIP/2.0`,
      `Via: SIP/2.0/${transport.toUpperCase()} ${from.host}:${from.port};rport;branch=z9hG4bK${callId}${cseq}`,
      'Max-Forwards: 70',
      `From: <${as ?? `sip:ready@${from.host}`}>;tag=${callId}`,
      `To: <${method === 'REGISTER' && as !== undefined ? as : `sip:${host}:${port}`}>`,
      `Call-ID: ${callId}@${from.host}`,
      `CSeq: ${cseq} ${method}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  };
}
