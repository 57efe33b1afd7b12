import type { Message } from '../ladder/message.ts';
import { ROLES } from '../model/words.ts';

/** Where a party of a call was. */
export interface Place {
  /** IPv4. */
  readonly host: string;
  readonly port: number;
  /** `false`: no message says where; the address is one of documentation (RFC 5737), a place-holder. */
  readonly onRecord: boolean;
}

const SIP_PORT = 5060;
const ADDRESS = String.raw`((?:\d{1,3}\.){3}\d{1,3})(?::(\d{1,5}))?(?![\d.:])`;
const TOP_VIA = new RegExp(String.raw`^(?:via|v)\s*:\s*SIP\s*/\s*2\.0\s*/\s*\w+\s+${ADDRESS}`, 'im');
const CONTACT = new RegExp(String.raw`^(?:contact|m)\s*:[^\r\n]*?sips?:(?:[^@\s>;]*@)?${ADDRESS}`, 'im');
const REQUEST_URI = new RegExp(String.raw`^[A-Z]+ sips?:(?:[^@\s>;]*@)?${ADDRESS}`, 'i');

/**
 * Where everybody of a call was, by role. A record names roles; addresses are in the messages: whoever sends a request,
 * and whoever is answered, is in its topmost Via (RFC 3261 18.1.1), an endpoint in its Contact and in what is sent to it.
 */
export function placesOf(messages: readonly Message[]): ReadonlyMap<string, Place> {
  const roles = [...new Set(messages.flatMap(({ from, to }) => [from, to]))];
  return new Map(roles.map((role) => [role, placeOf(role, messages)]));
}

function placeOf(role: string, messages: readonly Message[]): Place {
  const isEndpoint = role !== 'server';
  const sources: readonly (readonly [found: RegExp, speaks: (message: Message) => boolean])[] = [
    [TOP_VIA, ({ from, to, startLine }) => (isResponse(startLine) ? to : from) === role],
    [CONTACT, ({ from }) => isEndpoint && from === role],
    [REQUEST_URI, ({ to }) => isEndpoint && to === role],
  ];
  for (const [found, speaks] of sources) {
    for (const message of messages) {
      const [, host = '', port] = (speaks(message) && found.exec(headOf(message))) || [];
      if (isAddress(host)) return { host, port: portOf(port), onRecord: true };
    }
  }
  return { host: `192.0.2.${roleNumber(role)}`, port: SIP_PORT, onRecord: false };
}

function headOf({ raw }: Message): string {
  return raw.split(/\r?\n\r?\n/, 1)[0] ?? '';
}

function isResponse(startLine: string): boolean {
  return startLine.startsWith('SIP/2.0 ');
}

function isAddress(host: string): boolean {
  return host !== '' && host !== '0.0.0.0' && host.split('.').every((octet) => Number(octet) <= 255);
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? SIP_PORT);
  return port > 0 && port <= 65_535 ? port : SIP_PORT;
}

/** The same in every file; roles that this program does not know share the last. */
function roleNumber(role: string): number {
  const roles: readonly string[] = ROLES;
  const index = roles.indexOf(role);
  return index < 0 ? roles.length + 1 : index + 1;
}
