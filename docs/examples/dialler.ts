#!/usr/bin/env node
/** A calling application on drachtio-srf. docs/callers.md tells how it is tested. */
import { createInterface } from 'node:readline';
import Srf from 'drachtio-srf';
import { DrachtioServer } from '../../harness/index.ts';

/** What goes into its INVITEs. */
const headers = {
  'Ms-Target-Class': 'secondary', // without this line, the agent's voice mail takes the customer's call
};

const { RINGFENCE_ACTION, RINGFENCE_LOCAL = '127.0.0.1', RINGFENCE_PROXY } = process.env;
if (RINGFENCE_ACTION === 'describe') {
  const behaviours = ['patient', 'hang-up-while-ringing', 'hang-up-in-greeting'];
  console.log(JSON.stringify({ name: 'dialler', version: '1.0', behaviours, maxCalls: 100, credentials: true }));
  process.exit();
}
process.once('SIGTERM', () => process.exit());

// A SIP server for the application; yours may run already.
const server = await DrachtioServer.start({ sip: { host: RINGFENCE_LOCAL } });
const srf = new Srf();
await srf.connect({ ...server.control, secret: server.secret });

const localSdp = `v=0\r\no=- 1 1 IN IP4 ${RINGFENCE_LOCAL}\r\ns=-\r\nc=IN IP4 ${RINGFENCE_LOCAL}\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n`;
for await (const line of createInterface({ input: process.stdin })) {
  const task: Task = JSON.parse(line);
  call(task).catch((error: Error) => console.log(`${task.uri}: ${error.message}`));
}

interface Request {
  cancel(callback: () => void): void;
  on(event: 'authenticate', listener: (again: Request) => void): void;
}

interface Task {
  readonly uri: string;
  readonly patienceMs: number;
  readonly hangUpAfterRingingMs: number | null;
  readonly talkMs: number;
  readonly credentials: { readonly username: string; readonly password: string } | null;
}

async function call({ uri, patienceMs, hangUpAfterRingingMs, talkMs, credentials }: Task): Promise<void> {
  let giveUp: NodeJS.Timeout | undefined;
  let cancel = (): void => {};
  const options = { proxy: `sip:${RINGFENCE_PROXY}`, headers, localSdp, ...(credentials && { auth: credentials }) };
  const dialog = await srf
    .createUAC(uri, options, {
      // @ts-expect-error the types of drachtio-srf 5.0 know neither the error that comes first nor 'authenticate'
      cbRequest: (_error: unknown, request: Request) => {
        cancel = () => request.cancel(() => {});
        // Challenged, it is sent once more, and what is to be cancelled is that.
        request.on('authenticate', (again: Request) => (cancel = () => again.cancel(() => {})));
        giveUp = setTimeout(cancel, patienceMs);
      },
      // Patience is counted from the last thing that was heard.
      cbProvisional: ({ status }) => {
        clearTimeout(giveUp);
        giveUp = setTimeout(cancel, (status === 180 ? hangUpAfterRingingMs : null) ?? patienceMs);
      },
    })
    .finally(() => clearTimeout(giveUp));
  setTimeout(() => dialog.destroy(), talkMs);
}
