/** Asks a registrar which contacts an account has, or gives it one, as another phone would (RFC 3261 10.2). */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { SipAddress } from '../../harness/model/server.ts';

export interface Asked {
  readonly user: string;
  readonly domain?: string;
  readonly password: string;
  /** Left out: it is only asked. */
  readonly contact?: string;
  readonly expiresS?: number;
}

const TIMEOUT_MS = 5_000;

/** @returns the SIP URIs of all contacts that the account has then */
export async function registered(server: SipAddress, asked: Asked): Promise<string[]> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ address: '127.0.0.1', port: 0 });
    await once(socket, 'listening');
    const send = async (cseq: number, authorization: string): Promise<string> => {
      const answered = once(socket, 'message', { signal: AbortSignal.timeout(TIMEOUT_MS) });
      socket.send(request(asked, { cseq, authorization, port: socket.address().port }), server.port, server.host);
      const [answer] = await answered;
      return String(answer);
    };
    const challenge = await send(1, '');
    const answer = challenge.startsWith('SIP/2.0 401') ? await send(2, credentials(challenge, asked)) : challenge;
    if (!answer.startsWith('SIP/2.0 200')) throw new Error(`the registrar says ${answer.split('\r\n', 1)[0]}`);
    const contacts = answer.split('\r\n').filter((line) => /^(?:contact|m):/i.test(line));
    return contacts.flatMap((line) => line.match(/sips?:[^>;,\s]+/gi) ?? []);
  } finally {
    socket.close();
  }
}

function request(
  { user, domain = 'ms-sipre.test', contact, expiresS = 60 }: Asked,
  { cseq, authorization, port }: { cseq: number; authorization: string; port: number },
): string {
  const aor = `<sip:${user}@${domain}>`;
  return [
    `REGISTER sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bK${crypto.randomUUID()}`,
    'Max-Forwards: 70',
    `From: ${aor};tag=${port}`,
    `To: ${aor}`,
    `Call-ID: asked-${user}-${port}`,
    `CSeq: ${cseq} REGISTER`,
    ...(contact === undefined ? [] : [`Contact: <${contact}>`, `Expires: ${expiresS}`]),
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function credentials(challenge: string, { user, domain = 'ms-sipre.test', password }: Asked): string {
  const [, realm = ''] = /realm="([^"]*)"/.exec(challenge) ?? [];
  const [, nonce = ''] = /nonce="([^"]*)"/.exec(challenge) ?? [];
  const uri = `sip:${domain}`;
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`REGISTER:${uri}`)}`);
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
