import { headerKey } from '../sip/header-names.ts';
import { type HeaderField, SipRequest } from '../sip/message.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';
import { ownContact, ownVia, withOwnAddress } from './context.ts';

export interface RequestParts {
  readonly method: string;
  readonly requestUri: string;
  readonly protocol: Protocol;
  /** The address of ours that it is sent from. */
  readonly local: SocketAddress;
  readonly branch: string;
  readonly route?: readonly string[];
  /** From, To, Call-ID and CSeq. */
  readonly identity: readonly HeaderField[];
  /** As the application gave them, in its order. */
  readonly fields?: readonly HeaderField[];
  readonly body?: Buffer;
}

/** Requests that a peer may answer with requests of its own, which have to find us (RFC 3261 8.1.1.8, RFC 3311 5.1, RFC 6665). */
const NEED_CONTACT: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE']);
/** Not taken over from the application as they are: they have their place further up. */
const PLACED: ReadonlySet<string> = new Set(['max-forwards', 'from', 'to', 'call-id', 'cseq', 'contact']);
const REWRITTEN: ReadonlySet<string> = new Set(['from', 'to', 'contact', 'p-asserted-identity']);
const EMPTY = Buffer.alloc(0);

export function buildRequest(parts: RequestParts): SipRequest {
  const { method, requestUri, protocol, local, branch, route = [], identity, fields = [], body = EMPTY } = parts;
  const all: HeaderField[] = [{ name: 'Via', value: ownVia(local, protocol, branch) }];
  for (const value of route) all.push({ name: 'Route', value });
  all.push({ name: 'Max-Forwards', value: fieldValue(fields, 'max-forwards') ?? '70' }, ...identity);
  const contacts = fields.filter(({ name }) => headerKey(name) === 'contact');
  if (contacts.length > 0) all.push(...contacts.map((field) => localised(field, local)));
  else if (NEED_CONTACT.has(method)) all.push({ name: 'Contact', value: ownContact(local, protocol) });
  for (const field of fields) if (!PLACED.has(headerKey(field.name))) all.push(localised(field, local));
  all.push({ name: 'Content-Length', value: String(body.length) });
  return new SipRequest({ method, requestUri }, all, body);
}

/** RFC 3261 9.1: everything that identifies the INVITE, its only Via included. */
export function buildCancel(invite: SipRequest, fields: readonly HeaderField[]): SipRequest {
  const copied = (name: string): HeaderField => ({ name, value: invite.header(name) ?? '' });
  const cseq = Number.parseInt(invite.header('CSeq') ?? '', 10);
  const route = invite.headers('Route').map((value) => ({ name: 'Route', value }));
  const own = fields.filter(({ name }) => !PLACED.has(headerKey(name)));
  const all = [copied('Via'), ...route, copied('Max-Forwards'), copied('From'), copied('To'), copied('Call-ID')];
  all.push({ name: 'CSeq', value: `${cseq} CANCEL` }, ...own, { name: 'Content-Length', value: '0' });
  return new SipRequest({ method: 'CANCEL', requestUri: invite.requestUri }, all, EMPTY);
}

export function fieldValue(fields: readonly HeaderField[], key: string): string | undefined {
  return fields.find(({ name }) => headerKey(name) === key)?.value;
}

function localised(field: HeaderField, local: SocketAddress): HeaderField {
  if (!REWRITTEN.has(headerKey(field.name))) return field;
  return { name: field.name, value: withOwnAddress(field.value, local) };
}
