import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import {
  type BoundAddress,
  DrachtioServer,
  type DrachtioServerOptions,
  PROTOCOLS,
  type Protocol,
  type SipAddress,
} from '../drachtio/index.ts';
import { UsageError } from '../errors.ts';
import { untilEnded } from './hang-up.ts';

const USAGE =
  './ringfence drachtio --sip [PROTOCOL,.../]IP:PORT... --control [tls/]IP:PORT [--secret S] [--application IP:PORT]...\n' +
  '    [--host NAME=IP]... [--dns IP:PORT]\n' +
  '    [--tls-key FILE --tls-cert FILE [--tls-ca FILE [--tls-clients]]]\n' +
  `--sip may be repeated. PROTOCOL is ${PROTOCOLS.slice(0, -1).join(', ')} or ${PROTOCOLS.at(-1)}; without one, it is udp and tcp. IPv6 as in [::1]:5060.\n` +
  'Applications connect to --control; one that listens (srf.listen) is connected to, and named with --application.\n' +
  'With --tls-clients, who connects over TLS must show a certificate that FILE of --tls-ca vouches for.\n' +
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
  const { sip, control = '', secret, application, host, dns, help, ...files } = readArguments(args);
  if (help === true) {
    process.stdout.write(`Usage: ${USAGE}\n`);
    return 0;
  }
  const [first, ...more] = sip.map(sipAddress);
  if (first === undefined) throw new UsageError(`--sip needs an address like 127.0.0.1:5060\nusage: ${USAGE}`);
  const tls = tlsOptions(files);
  const overTls = control.startsWith('tls/');
  if (overTls && tls === undefined)
    throw new UsageError(`--control tls/ needs --tls-key and --tls-cert\nusage: ${USAGE}`);
  await using server = await DrachtioServer.start({
    sip: [first, ...more],
    ...(tls && { tls }),
    control: { ...address('--control', control.replace(/^tls\//, '')), ...(overTls && tls && { tls }) },
    applications: application.map((each) => address('--application', each)),
    hosts: Object.fromEntries(host.map(hostEntry)),
    ...(secret !== undefined && { secret }),
    ...(dns !== undefined && { nameServer: address('--dns', dns) }),
  });
  const ended = untilEnded();
  const shown = secret === undefined ? `, secret ${server.secret}` : '';
  const line = `drachtio-compatible server: SIP on ${server.contacts.map(contact).join(', ')}, applications on ${text(server.control)}`;
  process.stdout.write(`${line}${shown}\n`);
  process.on('uncaughtException', reportDefect);
  await ended;
  process.off('uncaughtException', reportDefect);
  return 0;
}

/** Of this server, met with one message: the calls of others do not end with it. */
function reportDefect(error: Error): void {
  const what = 'a defect of this server: the message that it was dealing with is lost, other calls go on';
  process.stderr.write(`${what}\n${error.stack ?? error.message}\n`);
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        sip: { type: 'string', multiple: true, default: [] },
        control: { type: 'string' },
        secret: { type: 'string', default: process.env.RINGFENCE_SECRET },
        application: { type: 'string', multiple: true, default: [] },
        host: { type: 'string', multiple: true, default: [] },
        dns: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        'tls-key': { type: 'string' },
        'tls-cert': { type: 'string' },
        'tls-ca': { type: 'string' },
        'tls-clients': { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\nusage: ${USAGE}`, { cause });
  }
}

function sipAddress(value: string): SipAddress {
  const [, names, where] = /^(?:([a-z,]+)\/)?(.*)$/.exec(value) ?? [];
  const transports = names?.split(',').filter(isProtocol);
  if (transports !== undefined && transports.length !== names?.split(',').length) {
    throw new UsageError(`--sip knows ${PROTOCOLS.join(', ')}, not all of ${names}\nusage: ${USAGE}`);
  }
  return { ...address('--sip', where), ...(transports && { transports }) };
}

function isProtocol(name: string): name is Protocol {
  return PROTOCOLS.some((each) => each === name);
}

interface TlsArguments {
  readonly 'tls-key'?: string;
  readonly 'tls-cert'?: string;
  readonly 'tls-ca'?: string;
  readonly 'tls-clients': boolean;
}

function tlsOptions(files: TlsArguments): DrachtioServerOptions['tls'] {
  const { 'tls-key': key, 'tls-cert': cert, 'tls-ca': ca, 'tls-clients': wantsCertificate } = files;
  if (wantsCertificate && ca === undefined) {
    throw new UsageError(`--tls-clients needs --tls-ca: who vouches for them\nusage: ${USAGE}`);
  }
  if (key === undefined && cert === undefined && ca === undefined) return undefined;
  if (key === undefined || cert === undefined) {
    throw new UsageError(`--tls-key and --tls-cert go together\nusage: ${USAGE}`);
  }
  const read = (option: string, file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new UsageError(`${option} ${file} cannot be read: ${(cause as Error).message}`, { cause });
    }
  };
  const own = { key: read('--tls-key', key), cert: read('--tls-cert', cert) };
  return { ...own, wantsCertificate, ...(ca !== undefined && { ca: read('--tls-ca', ca) }) };
}

function address(option: string, value: string | undefined): { host: string; port: number } {
  const [, v4, v6, port = ''] = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([0-9a-fA-F:.]+)\]):(\d+)$/.exec(value ?? '') ?? [];
  const host = v4 ?? v6 ?? '';
  if (isIP(host) === 0 || Number(port) > 65_535) {
    throw new UsageError(`${option} needs an address like 127.0.0.1:5060, not ${value ?? 'nothing'}\nusage: ${USAGE}`);
  }
  return { host, port: Number(port) };
}

function hostEntry(value: string): [string, string] {
  const [, name = '', ip = ''] = /^([^=]+)=(.*)$/.exec(value) ?? [];
  if (isIP(ip) === 0) throw new UsageError(`--host needs NAME=IP, not ${value}\nusage: ${USAGE}`);
  return [name, ip];
}

function contact({ transports, ...where }: BoundAddress): string {
  return `${text(where)} (${transports.join(', ')})`;
}

function text({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
