/** Messages on the wire, written as SIP and read as the harness reads them. */
import type { Role } from '../../harness/model/observation.ts';
import { readItem, type WireItem, type WireMessage } from '../../harness/run/wire-log.ts';

export const START_EPOCH_MS = 1_800_000_000_000;

export interface Written {
  /** `INVITE sip:...` or `180 Ringing`. */
  readonly line: string;
  readonly callId?: string;
  readonly cseq?: string;
  readonly to?: string;
  readonly branch?: string;
  /** Further header lines. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export function bytesOf({
  line,
  callId = 'call-1',
  cseq,
  to = '',
  branch = 'z9hG4bK-1',
  headers = [],
  body = '',
}: Written): Buffer {
  const isResponse = /^\d{3} /.test(line);
  const method = isResponse ? 'INVITE' : (line.split(' ')[0] ?? '');
  const lines = [
    isResponse ? `SIP/2.0 ${line}` : `${line} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.9;branch=${branch}`,
    'From: <sip:customer@outside.test>;tag=caller',
    `To: ${to === '' ? '<sip:somebody@outside.test>' : to}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq ?? `1 ${method}`}`,
    ...headers,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** Something at an endpoint, `atMs` after the start of the test's call. */
export function item(role: Role, direction: 'in' | 'out', atMs: number, written: Written | Buffer): WireItem {
  return readItem(role, direction, START_EPOCH_MS + atMs, Buffer.isBuffer(written) ? written : bytesOf(written));
}

export function message(role: Role, direction: 'in' | 'out', atMs: number, written: Written): WireMessage {
  const read = item(role, direction, atMs, written).message;
  if (read === null) throw new Error(`no SIP message: ${written.line}`);
  return read;
}
