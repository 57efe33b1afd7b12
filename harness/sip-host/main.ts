/**
 * The host of SIP servers as a program: `node harness/sip-host/main.ts PORT`, secret in RINGFENCE_SECRET. Prints `ready`
 * when it listens, on every interface: it is meant for a container, whose published ports are the way in.
 */
import { SipHost } from './host.ts';

const port = Number(process.argv[2]);
const secret = process.env.RINGFENCE_SECRET ?? '';
if (!Number.isInteger(port) || port < 1 || secret === '') {
  process.stderr.write('usage: RINGFENCE_SECRET=... node harness/sip-host/main.ts PORT\n');
  process.exit(2);
}
// As the first process of a container it gets no default action for a signal.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
await SipHost.listen({ address: { host: '0.0.0.0', port }, secret });
process.stdout.write('ready\n');
