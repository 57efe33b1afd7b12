/** Via header fields of a stateless proxy: RFC 3261 16.11, 18.2 and RFC 3581. */
import { createHash } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { headerKey } from './header-names.ts';
import type { HeaderField, SipRequest } from './message.ts';
import { branchOf, SIP_PORT, splitList, tagOf } from './uri.ts';
import type { Protocol, SocketAddress } from './wire.ts';

const COOKIE = 'z9hG4bK';

/**
 * Our own Via. Its branch follows from the request, so that a retransmission, the CANCEL and the ACK of a refusal get the
 * branch of what they belong to without anything being remembered.
 */
export function ownVia(request: SipRequest, edge: SocketAddress, protocol: Protocol = 'udp'): HeaderField {
  const top = topVia(request.fields) ?? '';
  const branch = branchOf(top);
  const identity = branch.startsWith(COOKIE)
    ? [sentBy(top), branch]
    : // RFC 2543: the whole of what makes a transaction.
      [
        top,
        tagOf(request.header('From') ?? ''),
        request.header('Call-ID'),
        request.header('CSeq')?.split(/\s/, 1)[0],
        request.requestUri,
      ];
  const hash = createHash('sha1').update(identity.join('\n')).digest('hex');
  const by = `SIP/2.0/${protocol.toUpperCase()} ${edge.host}:${edge.port}`;
  return { name: 'Via', value: `${by};branch=${COOKIE}${hash.slice(0, 24)}` };
}

/**
 * The topmost Via says where the request really came from: RFC 3261 18.2.1, RFC 3581 4. Of a stream, also which connection it
 * was, because nothing else is remembered of it.
 */
export function withReceived(
  fields: readonly HeaderField[],
  from: SocketAddress,
  { isStream = false }: { readonly isStream?: boolean } = {},
): HeaderField[] {
  return mapTopVia(fields, (via) => {
    const wantsPort = /;\s*rport\s*(?=[;,]|$)/i.test(via);
    const asking = isStream && !wantsPort ? `${via};rport` : via;
    const stamped = asking.replace(/;\s*rport\s*(?=[;,]|$)/i, `;rport=${from.port}`);
    const { host } = split(sentBy(via));
    return stamped !== via || host !== from.host ? `${stamped};received=${from.host}` : stamped;
  });
}

/** Without the topmost Via, whosever it is. */
export function withoutTopVia(fields: readonly HeaderField[]): HeaderField[] {
  return mapTopVia(fields, () => null);
}

/** Without the topmost Via when it is ours; undefined when it is somebody else's. */
export function withoutOwnVia(fields: readonly HeaderField[], edge: SocketAddress): HeaderField[] | undefined {
  const top = topVia(fields);
  if (top === undefined || sentBy(top) !== `${edge.host}:${edge.port}`) return undefined;
  return mapTopVia(fields, () => null);
}

/** Where a response goes: RFC 3261 18.2.2. undefined: nobody can tell. */
export function viaAddress(fields: readonly HeaderField[]): SocketAddress | undefined {
  const top = topVia(fields);
  if (top === undefined) return undefined;
  const { host, port } = split(sentBy(top));
  const received = /;\s*received\s*=\s*([^\s;,]+)/i.exec(top)?.[1] ?? host;
  const rport = /;\s*rport\s*=\s*(\d{1,5})/i.exec(top)?.[1];
  const target = Number(rport ?? port ?? SIP_PORT);
  return isIPv4(received) && target > 0 && target < 65_536 ? { host: received, port: target } : undefined;
}

function topVia(fields: readonly HeaderField[]): string | undefined {
  const field = fields.find(({ name }) => headerKey(name) === 'via');
  return field === undefined ? undefined : splitList(field.value)[0];
}

/** `null` takes the topmost value out, and its header field if it was the only one there. */
function mapTopVia(fields: readonly HeaderField[], change: (via: string) => string | null): HeaderField[] {
  const at = fields.findIndex(({ name }) => headerKey(name) === 'via');
  const field = fields[at];
  if (field === undefined) return [...fields];
  const [top = '', ...rest] = splitList(field.value);
  const values = [change(top), ...rest].filter((value) => value !== null);
  return fields.toSpliced(at, 1, ...(values.length === 0 ? [] : [{ name: field.name, value: values.join(', ') }]));
}

/** `host` or `host:port`, in lower case. */
function sentBy(via: string): string {
  const text = /^SIP\s*\/\s*2\.0\s*\/\s*[\w-]+\s+([^\s;,]+(?:\s*:\s*\d+)?)/i.exec(via)?.[1] ?? '';
  return text.replaceAll(/\s/g, '').toLowerCase();
}

function split(sent: string): { host: string; port: string | undefined } {
  const [, host = sent, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(sent) ?? [];
  return { host, port };
}
