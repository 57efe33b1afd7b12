/** `--server sip:HOST:PORT`: a server that somebody else set up and runs, and how it is gone about. */
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { UsageError } from '../errors.ts';
import { POLICIES, type Statement, TRANSPORTS, type Transport } from '../model/words.ts';
import { LIVE_FORM } from '../servers/live.ts';
import { shellWord } from '../setup/shell-word.ts';
import { unknownWord } from '../unknown-word.ts';

export interface LiveChoice {
  readonly kind: 'live';
  readonly host: string;
  readonly port: number;
  /** What everybody of ours speaks with it. */
  readonly transport: Transport;
  readonly accountsFile: string;
  /** Where everybody of ours stands; null: on loopback. */
  readonly bind: string | null;
  /** What the server is to do with the headers; null: as the accounts file claims. */
  readonly expect: Statement | null;
}

/** Options that a live server alone has. */
export interface LiveOptions {
  readonly accounts?: string | undefined;
  readonly bind?: string | undefined;
  readonly expect?: string | undefined;
  /** As asked for; it may be in the URI of the server as well. */
  readonly transport?: Transport | undefined;
}

const SIP_PORT = 5060;
const SIPS_PORT = 5061;
const LIVE_URI = /^(sips?):([\w.-]+)(?::(\d{1,5}))?(?:;transport=(\w+))?$/i;

/** null: it is a server that we bring up. @throws {UsageError} */
export function parseLive(server: string, options: LiveOptions): LiveChoice | null {
  const { accounts, bind, expect } = options;
  if (!/^sips?:/i.test(server)) {
    for (const [option, value] of Object.entries({ accounts, bind, expect })) {
      if (value === undefined) continue;
      const others = option === 'expect' ? ', or a program of yours: --server "command:PATH ARGS"' : '';
      throw new UsageError(
        `--${option} is for a live server${option === 'expect' ? '' : ' alone'}: --server ${LIVE_FORM}${others}`,
      );
    }
    return null;
  }
  const [, scheme = '', host = '', written, parameter] = LIVE_URI.exec(server) ?? [];
  const transport = transportOf(server, scheme, parameter, options.transport);
  const port = Number(written ?? (transport === 'tls' ? SIPS_PORT : SIP_PORT));
  if (host === '' || port < 1 || port > 65_535) {
    throw new UsageError(
      `--server ${LIVE_FORM} takes a name or an IPv4 address and a port, e.g. sip:pbx.example.org:5060, or sips:pbx.example.org:5061 for TLS, not "${server}"`,
    );
  }
  if (accounts === undefined) {
    throw new UsageError(
      `--server ${server} needs --accounts FILE: the accounts that are there, see docs/live-server.md`,
    );
  }
  if (bind !== undefined && !isOwnAddress(bind)) {
    const own = ownAddresses().join(', ');
    throw new UsageError(
      `--bind takes an IPv4 address of this machine, not "${bind}"; it has ${own}, and all of 127.0.0.0/8`,
    );
  }
  const expected = parseExpected(expect);
  return { kind: 'live', host, port, transport, accountsFile: accounts, bind: bind ?? null, expect: expected };
}

/** @returns null where nothing is expected. @throws {UsageError} */
export function parseExpected(expect: string | undefined): Statement | null {
  const expected = POLICIES.find((each) => each === expect) ?? null;
  if (expect !== undefined && expected === null) throw unknownWord('policy', expect, POLICIES);
  return expected;
}

/** @throws {UsageError} when scheme, parameter and option contradict each other */
function transportOf(
  server: string,
  scheme: string,
  parameter: string | undefined,
  asked: Transport | undefined,
): Transport {
  const inUri = TRANSPORTS.find((each) => each === parameter?.toLowerCase());
  if (parameter !== undefined && inUri === undefined)
    throw new UsageError(`--server ${server}: transport= takes ${TRANSPORTS.join(', ')}, not "${parameter}"`);
  const said = [
    ...(scheme.toLowerCase() === 'sips' ? (['tls'] as const) : []),
    // RFC 3261 26.2.2: `sips:` with transport=tcp is TLS over TCP.
    ...(inUri === undefined ? [] : [scheme.toLowerCase() === 'sips' && inUri === 'tcp' ? 'tls' : inUri]),
    ...(asked === undefined ? [] : [asked]),
  ];
  const [first = 'udp', other] = new Set(said);
  if (other === undefined) return first;
  throw new UsageError(
    `--server ${server} says ${first.toUpperCase()}, and ${asked === other ? `--transport ${asked}` : `its transport=${parameter}`} ${other.toUpperCase()}: leave one of them out`,
  );
}

/** What a cell must be run again with. */
export function liveRerunOptions({ host, port, accountsFile, bind, expect }: LiveChoice): string[] {
  return [
    '--server',
    `sip:${host}:${port}`,
    '--accounts',
    shellWord(accountsFile),
    ...(bind === null ? [] : ['--bind', bind]),
    ...(expect === null ? [] : ['--expect', expect]),
  ];
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

export function isOwnAddress(address: string): boolean {
  return isIPv4(address) && (isLoopback(address) || ownAddresses().includes(address));
}

export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .flatMap(({ family, address }) => (family === 'IPv4' ? [address] : []));
}
