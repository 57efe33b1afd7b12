import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const TYPE_SRV = 33;
const TYPE_NAPTR = 35;
const HEADER_BYTES = 12;
const NAME_ERROR = 3;

/** One SRV record. */
export interface Service {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** One NAPTR record that leads to SRV records (RFC 3263 4.1). */
export interface Choice {
  readonly order: number;
  readonly service: string;
  readonly replacement: string;
}

/**
 * A DNS responder for a handful of names (RFC 1035): the A or AAAA record of a name it knows, the SRV records (RFC 2782) of
 * a service, the NAPTR records (RFC 3403) of a domain, an empty answer for any other record type of those names, and a name error for every other name.
 */
export class NameServer implements AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  readonly #stop: () => Promise<void>;

  private constructor(address: { host: string; port: number }, stop: () => Promise<void>) {
    this.address = address;
    this.#stop = stop;
  }

  static async start(
    addresses: ReadonlyMap<string, string>,
    bind: { host: string; port?: number },
    services: ReadonlyMap<string, readonly Service[]> = new Map(),
    choices: ReadonlyMap<string, readonly Choice[]> = new Map(),
  ): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, peer) => {
      const reply = answer(query, { addresses, services, choices });
      if (reply) socket.send(reply, peer.port, peer.address);
    });
    socket.bind(bind.port ?? 0, bind.host);
    await once(socket, 'listening');
    const { address, port } = socket.address();
    return new NameServer({ host: address, port }, async () => {
      await new Promise<void>((closed) => socket.close(closed));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

interface Zone {
  readonly addresses: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<string, readonly Service[]>;
  readonly choices: ReadonlyMap<string, readonly Choice[]>;
}

/** undefined: not a query that can be answered. */
function answer(query: Buffer, { addresses, services, choices }: Zone): Buffer | undefined {
  const question = readQuestion(query);
  if (!question) return undefined;
  const name = question.name.toLowerCase();
  const address = addresses.get(name);
  const records =
    address && question.type === (isIPv6(address) ? TYPE_AAAA : TYPE_A)
      ? [record(question.type, isIPv6(address) ? bytesOfIPv6(address) : Buffer.from(address.split('.').map(Number)))]
      : question.type === TYPE_SRV
        ? (services.get(name) ?? []).map((service) => record(TYPE_SRV, serviceData(service)))
        : question.type === TYPE_NAPTR
          ? (choices.get(name) ?? []).map((choice) => record(TYPE_NAPTR, choiceData(choice)))
          : [];
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2); // the id
  const known = address !== undefined || services.has(name) || choices.has(name);
  header.writeUInt16BE(0x8580 | (known ? 0 : NAME_ERROR), 2); // a response, authoritative, recursion wanted and available
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.bytes, ...records]);
}

function readQuestion(query: Buffer): { name: string; type: number; bytes: Buffer } | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5; // the root label, type, class
  if (end > query.length) return undefined;
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), bytes: query.subarray(HEADER_BYTES, end) };
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name of the question
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4); // class IN; the lifetime at 6 stays 0, so that nothing is cached
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function serviceData({ priority, weight, port, target }: Service): Buffer {
  const numbers = Buffer.alloc(6);
  for (const [at, value] of [priority, weight, port].entries()) numbers.writeUInt16BE(value, 2 * at);
  return Buffer.concat([numbers, nameData(target)]);
}

function choiceData({ order, service, replacement }: Choice): Buffer {
  const numbers = Buffer.alloc(4);
  numbers.writeUInt16BE(order, 0);
  return Buffer.concat([numbers, textData('s'), textData(service), textData(''), nameData(replacement)]);
}

function nameData(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(textData), Buffer.of(0)]);
}

function textData(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
}

/** With one `::`, as in `::1`. */
function bytesOfIPv6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - (first?.length ?? 0) - (last?.length ?? 0)).fill('0');
  const groups = [...(first ?? []), ...zeros, ...(last ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
