/** Where a stateless proxy sends a request, and the addresses in what it passes on: RFC 3261 16.4, 16.6, 16.12. */
import { isIPv4 } from 'node:net';
import { headerKey } from './header-names.ts';
import type { HeaderField } from './message.ts';
import { parseAddress, parseUri, SIP_PORT, splitList } from './uri.ts';
import type { Protocol, SocketAddress } from './wire.ts';

/** null: its host is a name, or it is no SIP URI. */
export function addressOf(uri: string): SocketAddress | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined || !isIPv4(parsed.host)) return undefined;
  return { host: parsed.host, port: parsed.port ?? SIP_PORT };
}

export function isAt({ host, port }: { host: string; port: number | undefined }, address: SocketAddress): boolean {
  return host === address.host && (port ?? SIP_PORT) === address.port;
}

/** RFC 3261 16.4: a topmost Route that is ours has done its work. */
export function withoutRouteTo(edge: SocketAddress, fields: readonly HeaderField[]): HeaderField[] {
  const at = fields.findIndex(({ name }) => headerKey(name) === 'route');
  const field = fields[at];
  if (field === undefined) return [...fields];
  const [top = '', ...rest] = splitList(field.value);
  const uri = parseUri(parseAddress(top)?.uri ?? '');
  if (uri === undefined || !isAt(uri, edge)) return [...fields];
  return fields.toSpliced(at, 1, ...(rest.length === 0 ? [] : [{ name: field.name, value: rest.join(', ') }]));
}

/** `;transport=tcp`; nothing for UDP, which a SIP URI means without it. */
export function transportOf(protocol: Protocol): string {
  return protocol === 'udp' ? '' : `;transport=${protocol}`;
}

/** RFC 3261 16.6, step 4. */
export function recordRouteTo(at: { readonly local: SocketAddress; readonly protocol: Protocol }): HeaderField {
  const { host, port } = at.local;
  return { name: 'Record-Route', value: `<sip:${host}:${port}${transportOf(at.protocol)};lr>` };
}

/** Address of the topmost Route, if there is one and it says so; else of `target`, a URI. */
export function routeAddress(fields: readonly HeaderField[], target: string): SocketAddress | undefined {
  const route = fields.find(({ name }) => headerKey(name) === 'route');
  return addressOf(route === undefined ? target : (parseAddress(splitList(route.value)[0] ?? '')?.uri ?? ''));
}

export function mapContacts(fields: readonly HeaderField[], change: (value: string) => string): HeaderField[] {
  return fields.map((field) =>
    headerKey(field.name) === 'contact' ? { name: field.name, value: change(field.value) } : field,
  );
}

/** Replaces the URI of each address in a comma-separated list; everything around it stays. */
export function mapAddresses(value: string, replace: (uri: string) => string): string {
  return splitList(value)
    .map((item) => {
      const bracketed = /^((?:"(?:[^"\\]|\\.)*"|[^"<>])*)<([^<>]*)>(.*)$/s.exec(item);
      if (bracketed !== null) return `${bracketed[1]}<${replace(bracketed[2] ?? '')}>${bracketed[3]}`;
      const [, uri = '', parameters = ''] = /^([^;]*)(.*)$/s.exec(item) ?? [];
      const replaced = replace(uri);
      return replaced === uri ? item : `<${replaced}>${parameters}`;
    })
    .join(', ');
}
