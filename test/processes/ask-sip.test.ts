/** Whether a server is there that somebody else runs: by any answer, to whatever it answers. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askSip } from '../../harness/processes/ready.ts';

/** A server may have strangers banned. */
const AS = 'sip:agnes@example.org';

/** Answers requests of this method alone. */
async function answering(method: string, asked: string[]): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, { address, port }) => {
    const [first = ''] = bytes.toString('latin1').split('\r\n');
    asked.push(bytes.toString('latin1'));
    if (first.startsWith(`${method} `)) socket.send('SIP/2.0 404 Not Found\r\n\r\n', port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

describe('a server that somebody else runs', () => {
  it.for([
    ['OPTIONS', true, ['OPTIONS']],
    ['REGISTER', true, ['OPTIONS', 'REGISTER']],
    ['REGISTER', false, ['OPTIONS', 'OPTIONS']],
  ] as const)('that answers %s alone, where a REGISTER may be asked: %s', async ([method, orRegister, methods]) => {
    const asked: string[] = [];
    const server = await answering(method, asked);
    const found = method === 'OPTIONS' || orRegister;
    try {
      const { address: host, port } = server.address();
      const answer = await askSip(
        { host, port },
        { from: host, timeoutMs: found ? 10_000 : 1_500, as: AS, orRegister },
      );
      expect(answer?.toString() ?? null).toBe(found ? 'SIP/2.0 404 Not Found\r\n\r\n' : null);
      expect(asked.map((each) => each.split(' ', 1)[0])).toEqual(methods);
      for (const each of asked) expect(each).toContain(`From: <${AS}>;tag=`);
      // Who has a phone there keeps it.
      expect(asked.join('')).not.toMatch(/^(Contact|Expires):/im);
    } finally {
      server.close();
    }
  });
});
