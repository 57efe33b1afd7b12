/**
 * The program under load: an embedded server and, in the same process, a drachtio-srf application that answers every
 * call and hangs up as soon as the caller has acknowledged the answer.
 *
 * Arguments: the address for SIP. Writes `{ port }` when it is ready and, ended by SIGTERM, what it used; one JSON line each.
 */
import { DrachtioServer } from '../harness/drachtio/index.ts';
import { connectSrf, type SipDialog } from '../harness/endpoints/srf.ts';

export interface AppUsage {
  readonly datagramsIn: number;
  readonly datagramsOut: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  /** Errors of the application, at most ten. */
  readonly errors: readonly string[];
}

let datagramsIn = 0;
let datagramsOut = 0;
const errors: string[] = [];

await using server = await DrachtioServer.start({
  sip: { host: process.argv[2] ?? '127.0.0.1' },
  recorder: ({ direction }) => (direction === 'in' ? datagramsIn++ : datagramsOut++),
});
const srf = await connectSrf({ ...server.control, secret: server.secret });
srf.on('error', note);
srf.invite((request, response) => {
  srf.createUAS(request, response, { localSdp: request.body }, (error, dialog) => {
    if (error) note(error);
    else (dialog as AnsweredDialog).once('ack', () => dialog.destroy({}, note));
  });
});

type AnsweredDialog = SipDialog & { once(event: 'ack', listener: () => void): void };

function note(error: unknown): void {
  if (error && errors.length < 10) errors.push(String(error));
}

process.stdout.write(`${JSON.stringify({ port: server.sip.port })}\n`);
await new Promise((ended) => process.once('SIGTERM', ended));
srf.disconnect();

const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const usage: AppUsage = {
  datagramsIn,
  datagramsOut,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  peakRssMb: maxRSS / 1024,
  errors,
};
process.stdout.write(`${JSON.stringify(usage)}\n`);
