import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { LabError } from '../errors.ts';
import { withMaxForwards } from '../model/header-lines.ts';
import type { SipAddress } from '../model/server.ts';

const REPEAT_EVERY_MS = 500; // T1, RFC 3261 17.1.1.1
/** What the lab's applications prove something by: calls and missed-call notifications. */
const VERBS = ['INVITE', 'MESSAGE'] as const;

/**
 * Nobody else takes this server's calls. A drachtio server deals requests among all applications in turn: a call that
 * reached another one would look like a call that never came. Asked while no application of ours is connected, when
 * the server must refuse with 503.
 *
 * @throws {LabError} when anything else comes of it
 */
export async function requireAlone(options: {
  readonly sip: SipAddress;
  readonly control: SipAddress;
  readonly refuseWithinMs: number;
}): Promise<void> {
  const { sip, control, refuseWithinMs } = options;
  const answers = await Promise.all(VERBS.map((verb) => finalStatus(verb, [], sip, refuseWithinMs)));
  for (const [index, status] of answers.entries()) {
    if (status === 503) continue;
    const came = status === null ? `no final response in ${refuseWithinMs} ms` : `${status}`;
    throw new LabError(
      `the drachtio server on ${control.host}:${control.port} (SIP ${sip.host}:${sip.port}) takes calls for somebody else: a ${VERBS[index]} that nobody should want got ${came}, not 503. It deals requests among its applications in turn, so a run needs one of its own: end the other application, and remove request handlers from its configuration`,
    );
  }
}

/**
 * Sends one request over UDP.
 *
 * @param fields Whole header lines.
 * @returns the final status; null when none came in time, for an INVITE that then is cancelled
 */
export async function finalStatus(
  verb: 'INVITE' | 'MESSAGE' | 'OPTIONS',
  fields: readonly string[],
  { host, port }: SipAddress,
  withinMs: number,
): Promise<number | null> {
  const socket = createSocket('udp4');
  const signal = AbortSignal.timeout(withinMs);
  const id = randomBytes(8).toString('hex');
  try {
    socket.bind({ address: '127.0.0.1', port: 0 });
    await once(socket, 'listening');
    const local = `127.0.0.1:${socket.address().port}`;
    const send = (method: string, more: readonly string[] = [], toTag = ''): void => {
      const lines = [
        `${method} sip:nobody@${host}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${local};rport;branch=z9hG4bK${id}`,
        `From: <sip:ringfence@${local}>;tag=${id}`,
        `To: <sip:nobody@${host}:${port}>${toTag}`,
        `Call-ID: ${id}@${local}`,
        `CSeq: 1 ${method}`,
        `Contact: <sip:ringfence@${local}>`,
        ...withMaxForwards(more),
        'Content-Length: 0',
      ];
      socket.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), port, host, () => {});
    };
    let provisional = false;
    const final = Promise.withResolvers<number | null>();
    socket.on('error', () => {}); // nobody there: the deadline tells
    socket.on('message', (bytes) => {
      const text = bytes.toString('latin1');
      const [, status = ''] = /^SIP\/2\.0 (\d{3})/.exec(text) ?? [];
      if (!text.includes(id) || status === '') return;
      if (status.startsWith('1')) provisional = true;
      else {
        const [, toTag = ''] = /^(?:To|t)\s*:.*?(;\s*tag=[^;\s]+)/im.exec(text) ?? [];
        if (verb === 'INVITE') send('ACK', [], toTag);
        final.resolve(Number(status));
      }
    });
    send(verb, fields);
    const repeating = setInterval(() => {
      if (!provisional) send(verb, fields);
    }, REPEAT_EVERY_MS);
    signal.addEventListener('abort', () => final.resolve(null), { once: true });
    const status = await final.promise;
    clearInterval(repeating);
    if (status === null && provisional && verb === 'INVITE') {
      // Whoever rings now shall not ring on.
      await new Promise((sent) => {
        socket.once('close', sent);
        send('CANCEL');
        setImmediate(() => sent(undefined));
      });
    }
    return status;
  } finally {
    socket.close();
  }
}
