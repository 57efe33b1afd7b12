import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const HEADER_BYTES = 12;
const NAME_ERROR = 3;

/**
 * A DNS responder for a handful of names (RFC 1035): an A record for a name it knows, an empty answer for any other
 * record type of that name (SRV, NAPTR, AAAA), and a name error for every other name.
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
  ): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.on('message', (query, peer) => {
      const reply = answer(query, addresses);
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

/** undefined: not a query that can be answered. */
function answer(query: Buffer, addresses: ReadonlyMap<string, string>): Buffer | undefined {
  const question = readQuestion(query);
  if (!question) return undefined;
  const address = addresses.get(question.name.toLowerCase());
  const records = address && question.type === TYPE_A ? [aRecord(address)] : [];
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2); // the id
  header.writeUInt16BE(0x8580 | (address ? 0 : NAME_ERROR), 2); // a response, authoritative, recursion wanted and available
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

function aRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc00c, 0); // the name of the question
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4); // class IN; the lifetime at 6 stays 0, so that nothing is cached
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return record;
}
