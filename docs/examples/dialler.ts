#!/usr/bin/env node
/** A calling application on drachtio-srf, to be tested with `./ringfence run --caller "command:docs/examples/dialler.ts"`. */
import { createInterface } from 'node:readline';
import Srf from 'drachtio-srf';
import { DrachtioServer } from '../../harness/index.ts';

/** What it is tested for. Without this line the agent's voice mail takes the customer's call. */
const headers = { 'Ms-Target-Class': 'secondary' };

const { RINGFENCE_ACTION, RINGFENCE_LOCAL = '127.0.0.1', RINGFENCE_PROXY } = process.env;
if (RINGFENCE_ACTION === 'describe') {
  console.log(JSON.stringify({ name: 'dialler', version: '1.0', behaviours: ['patient'], maxCalls: 100 }));
  process.exit();
}

// A SIP server for the application; yours may run already.
const server = await DrachtioServer.start({ sip: { host: RINGFENCE_LOCAL } });
const srf = new Srf();
await srf.connect({ ...server.control, secret: server.secret });

const localSdp = `v=0\r\no=- 1 1 IN IP4 ${RINGFENCE_LOCAL}\r\ns=-\r\nc=IN IP4 ${RINGFENCE_LOCAL}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n`;
for await (const line of createInterface({ input: process.stdin })) {
  const { uri, patienceMs, talkMs } = JSON.parse(line);
  call(uri, patienceMs, talkMs).catch((error: Error) => console.log(`${uri}: ${error.message}`));
}

async function call(uri: string, patienceMs: number, talkMs: number): Promise<void> {
  let giveUp: NodeJS.Timeout | undefined;
  const dialog = await srf
    .createUAC(
      uri,
      { proxy: `sip:${RINGFENCE_PROXY}`, headers, localSdp },
      {
        // Patience is counted from the last thing that was heard.
        cbRequest: (_error, request) => {
          giveUp = setTimeout(() => request.cancel(() => {}), patienceMs);
        },
        cbProvisional: () => giveUp?.refresh(),
      },
    )
    .finally(() => clearTimeout(giveUp));
  setTimeout(() => dialog.destroy(), talkMs);
}
