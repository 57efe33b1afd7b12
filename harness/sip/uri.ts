/**
 * URIs and addresses of RFC 3261 19.1 and 20.10. Nothing is decoded and nothing encoded again: a peer's `%3A` comes
 * back as `%3A`.
 */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** User part with a password, if any; '' when there is none. */
  readonly user: string;
  /** IPv6 addresses without their brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Keys in lower case; '' for a parameter without a value. */
  readonly params: ReadonlyMap<string, string>;
}

/** Where a URI names none: RFC 3261 19.1.2. */
export const SIP_PORT = 5060;

const SIP_URI =
  /^(sips?):(?:([^@\s<>"]*)@)?(\[[0-9a-f:.]+\]|[^\s:;?<>"@,|[\]]+)(?::(\d{1,5}))?((?:;[^;?\s<>"]*)*)(?:\?[^\s<>"]*)?$/i;

/** undefined: not a SIP or SIPS URI. */
export function parseUri(text: string): SipUri | undefined {
  const parts = SIP_URI.exec(text);
  if (parts === null) return undefined;
  const [, scheme = '', user = '', host = '', port, params = ''] = parts;
  if (Number(port ?? 0) > 65_535) return undefined;
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: port === undefined ? undefined : Number(port),
    params: parseParams(params),
  };
}

/** A name-addr or addr-spec with its header parameters: From, To, Contact, Route. */
export interface Address {
  /** What is in the angle brackets, or the whole addr-spec. */
  readonly uri: string;
  readonly params: ReadonlyMap<string, string>;
}

/** undefined: quotes or angle brackets do not close, or there is no URI. */
export function parseAddress(value: string): Address | undefined {
  const parts = /^\s*(?:"(?:[^"\\]|\\.)*"\s*|[^"<>,;]*?)<([^<>\s]+)>\s*(;.*)?$/.exec(value);
  if (parts !== null) return { uri: parts[1] ?? '', params: parseParams(parts[2] ?? '') };
  // RFC 3261 20: without angle brackets, parameters belong to the header field.
  const bare = /^\s*([a-z][\w+.-]*:[^\s<>"';,?]+)\s*(;[^<>]*)?$/i.exec(value);
  return bare === null ? undefined : { uri: bare[1] ?? '', params: parseParams(bare[2] ?? '') };
}

/** The `tag` parameter of a From or To value; undefined when there is none. */
export function tagOf(value: string): string | undefined {
  const from = value.lastIndexOf('>') + 1;
  const tag = /;\s*tag\s*=\s*([^\s;,]+)/i.exec(from > 0 ? value.slice(from) : value);
  return tag?.[1];
}

/** `;a=1;b;c="x;y"`. */
export function parseParams(text: string): Map<string, string> {
  const params = new Map<string, string>();
  if (text === '') return params;
  for (const [, name = '', value = ''] of text.matchAll(/;\s*([^\s=;]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;\s]*))?/g)) {
    const key = name.toLowerCase();
    if (!params.has(key)) params.set(key, value);
  }
  return params;
}

/** Splits a comma-separated header value (RFC 3261 7.3.1); commas in quotes and angle brackets are no separators. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return [value.trim()];
  const items: string[] = [];
  let from = 0;
  let quoted = false;
  let bracketed = false;
  for (let at = 0; at < value.length; at++) {
    const char = value[at];
    if (quoted) {
      if (char === '\\') at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) {
      items.push(value.slice(from, at).trim());
      from = at + 1;
    }
  }
  items.push(value.slice(from).trim());
  return items.filter((item) => item !== '');
}

/** A Via value, RFC 3261 20.42. */
export interface Via {
  readonly protocol: string;
  /** `host` or `host:port` as written. */
  readonly sentBy: string;
  readonly branch: string;
}

/** The topmost value of a Via header field. undefined: not to be read, and so not to be answered. */
export function parseVia(value: string): Via | undefined {
  const parts =
    /^SIP\s*\/\s*2\.0\s*\/\s*([\w-]+)\s+(\[[0-9a-f:.]+\]|[^\s;:,<>"]+)(?:\s*:\s*(\d{1,5}))?\s*(?=[;,]|$)/i.exec(value);
  if (parts === null || Number(parts[3] ?? 0) > 65_535) return undefined;
  const port = parts[3] === undefined ? '' : `:${parts[3]}`;
  return {
    protocol: (parts[1] ?? '').toUpperCase(),
    sentBy: `${parts[2]}${port}`.toLowerCase(),
    branch: branchOf(value),
  };
}

/** Of the topmost value; '' when it has none. */
export function branchOf(via: string): string {
  return /;\s*branch\s*=\s*([^\s;,]+)/i.exec(via)?.[1] ?? '';
}
