/** A caller on TCP, phones on UDP: the server bridges, inside the dialog as well. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIO, TestLab } from './lab.ts';
import { newId } from './ua.ts';

let lab: TestLab;
let user: string;
beforeAll(async () => {
  lab = await TestLab.start();
  const { seen } = await lab.run({ seen: { phone: 'busy' } });
  user = seen.user;
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Reads until the last response has this status and CSeq. */
async function read(socket: Socket, status: number, cseq: string): Promise<string> {
  let text = '';
  const signal = AbortSignal.timeout(5_000);
  for (;;) {
    const [bytes] = (await once(socket, 'data', { signal })) as [Buffer];
    text += bytes.toString('latin1');
    const found = new RegExp(`SIP/2\\.0 ${status} (?:(?!SIP/2\\.0 ).)*CSeq: ${cseq}\r\n.*`, 's').exec(text);
    if (found) return found[0];
  }
}

it('carries a call to voice mail and its end', async () => {
  const { host, port } = lab.server.sip;
  const socket = connect({ host, port, localAddress: lab.caller.host });
  await once(socket, 'connect');
  const callId = newId();
  const send = (startLine: string, cseq: string, to: string, more: readonly string[] = [], body = '') =>
    socket.write(
      [
        startLine,
        `Via: SIP/2.0/TCP ${lab.caller.host}:${socket.localPort};branch=z9hG4bK${newId()}`,
        'Max-Forwards: 70',
        `From: <sip:caller@ms-sipre.test>;tag=${callId}`,
        `To: ${to}`,
        `Call-ID: ${callId}`,
        `CSeq: ${cseq}`,
        ...more,
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
  const contact = `Contact: <sip:caller@${lab.caller.host}:${socket.localPort};transport=tcp>`;
  const aor = `sip:${user}@ms-sipre.test`;
  send(`INVITE ${aor} SIP/2.0`, '1 INVITE', `<${aor}>`, [contact, 'Content-Type: application/sdp'], AUDIO);
  const answer = await read(socket, 200, '1 INVITE');
  const to = /^To: (.*)\r$/m.exec(answer)?.[1] ?? '';
  const target = /^Contact: <(.*)>\r$/m.exec(answer)?.[1];
  const routes = [...answer.matchAll(/^Record-Route: (.*)\r$/gm)].map(([, route]) => `Route: ${route}`).toReversed();
  expect(target).toContain(`@${lab.uas.voicemail.host}:`);
  expect(routes).toHaveLength(2); // one for each side
  send(`ACK ${target} SIP/2.0`, '1 ACK', to, routes);
  send(`BYE ${target} SIP/2.0`, '2 BYE', to, routes);
  await read(socket, 200, '2 BYE');
  const seen = lab.uas.voicemail.received.filter((m) => m.headers.some(([, value]) => value === callId));
  // The way to voice mail is UDP, where a busy machine may see one twice.
  expect([...new Set(seen.map(({ method }) => method))]).toEqual(['INVITE', 'ACK', 'BYE']);
  socket.destroy();
});
