/** What an answer to an INVITE says of whoever gave it, as far as it is the same in every call of his. Pure. */
import { parseMessage } from '../sip/index.ts';

/** Of a 2xx. '' where it does not say. */
export interface Fingerprint {
  /** Contact: scheme, host and port; its user, where it is not the callee's. */
  readonly contact: string;
  /** Server or User-Agent (RFC 3261 20.35, 20.41). */
  readonly product: string;
  /** To tag: the lengths of its parts. */
  readonly tagForm: string;
  /** Of the SDP: user and address of its origin, name of the session (RFC 4566 5.2, 5.3). */
  readonly origin: string;
  /** Who said BYE; '' while nobody has. */
  readonly hungUpBy: 'caller' | 'server' | '';
}

export const NAMES: Readonly<Record<keyof Fingerprint, string>> = {
  contact: 'Contact',
  product: 'Server or User-Agent',
  tagForm: 'form of the To tag',
  origin: 'SDP origin',
  hungUpBy: 'who hung up',
};

export const FIELDS = Object.keys(NAMES) as (keyof Fingerprint)[];

/** @param callee user that was called: a Contact has it, or not, by whom it is of */
export function fingerprintOf(bytes: Buffer, callee: string, hungUpBy: Fingerprint['hungUpBy']): Fingerprint | null {
  try {
    const message = parseMessage(bytes);
    const text = bytes.toString('latin1');
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    return fingerprint((name) => message.header(name) ?? '', body, callee, hungUpBy);
  } catch {
    return null; // an answer that cannot be read is like no other
  }
}

export function fingerprint(
  header: (name: string) => string,
  sdp: string,
  callee: string,
  hungUpBy: Fingerprint['hungUpBy'],
): Fingerprint {
  const [, scheme = '', user = '', at = ''] = /(sips?):(?:([^@;>\s]*)@)?([^;>\s]+)/i.exec(header('Contact')) ?? [];
  const [, tag = ''] = /;\s*tag=([^;\s]+)/i.exec(header('To')) ?? [];
  const [, originUser = '', host = ''] = /^o=(\S+) \S+ \S+ \S+ \S+ (\S+)/m.exec(sdp) ?? [];
  const [, session = ''] = /^s=([^\r\n]*)/m.exec(sdp) ?? [];
  return {
    contact:
      at === '' ? '' : `${scheme.toLowerCase()}:${user === '' ? '' : `${user === callee ? 'CALLEE' : user}@`}${at}`,
    product: header('Server') || header('User-Agent'),
    tagForm: tag
      .split(/[^A-Za-z0-9]/)
      .map(({ length }) => length)
      .join('-'),
    origin: host === '' ? '' : `${originUser} ${host} "${session.trim()}"`,
    hungUpBy,
  };
}

/** Fields in which all of these agree, and which say something. */
export function commonTo(prints: readonly Fingerprint[]): (keyof Fingerprint)[] {
  const [first] = prints;
  if (first === undefined) return [];
  return FIELDS.filter((field) => first[field] !== '' && prints.every((each) => each[field] === first[field]));
}

/** Fields of these in which the two differ. */
export function differing(fields: readonly (keyof Fingerprint)[], one: Fingerprint, other: Fingerprint): string[] {
  return fields.filter((field) => one[field] !== other[field]).map((field) => NAMES[field]);
}
