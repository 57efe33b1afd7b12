import { parseArgs } from 'node:util';
import { DrachtioServer } from '../drachtio/index.ts';
import { UsageError } from '../errors.ts';

const USAGE =
  './ringfence drachtio --sip IP:PORT --control IP:PORT [--secret S] [--host NAME=IP]... [--dns IP:PORT]\n' +
  'The secret may also come from the environment variable RINGFENCE_SECRET, where a list of processes does not show it.';

/**
 * `ringfence drachtio`: a drachtio-compatible server of its own, for applications in other processes. Prints one line with
 * both addresses when it is ready and runs until SIGINT or SIGTERM.
 *
 * @returns the exit status
 * @throws {UsageError} when the arguments make no sense
 * @throws {LabError} when an address cannot be bound
 */
export async function drachtioCommand(args: string[]): Promise<number> {
  const { sip, control, secret, host, dns, help } = readArguments(args);
  if (help === true) {
    process.stdout.write(`Usage: ${USAGE}\n`);
    return 0;
  }
  await using server = await DrachtioServer.start({
    sip: address('--sip', sip),
    control: address('--control', control),
    hosts: Object.fromEntries(host.map(hostEntry)),
    ...(secret !== undefined && { secret }),
    ...(dns !== undefined && { nameServer: address('--dns', dns) }),
  });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const shown = secret === undefined ? `, secret ${server.secret}` : '';
  const line = `drachtio-compatible server: SIP on ${text(server.sip)} (udp, tcp), applications on ${text(server.control)}`;
  process.stdout.write(`${line}${shown}\n`);
  await ended;
  return 0;
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        sip: { type: 'string' },
        control: { type: 'string' },
        secret: { type: 'string', default: process.env.RINGFENCE_SECRET },
        host: { type: 'string', multiple: true, default: [] },
        dns: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\nusage: ${USAGE}`, { cause });
  }
}

function address(option: string, value: string | undefined): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(value ?? '') ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw new UsageError(`${option} needs an address like 127.0.0.1:5060, not ${value ?? 'nothing'}\nusage: ${USAGE}`);
  }
  return { host, port: Number(port) };
}

function hostEntry(value: string): [string, string] {
  const [, name = '', ip = ''] = /^([^=]+)=(\d+\.\d+\.\d+\.\d+)$/.exec(value) ?? [];
  if (name === '') throw new UsageError(`--host needs NAME=IP, not ${value}\nusage: ${USAGE}`);
  return [name, ip];
}

function text({ host, port }: { host: string; port: number }): string {
  return `${host}:${port}`;
}
