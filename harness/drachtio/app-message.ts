import { headerKey, usualSpelling } from '../sip/header-names.ts';
import type { HeaderField } from '../sip/message.ts';

/** Refused with `NOK`: the application hears why. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

interface Fields {
  /** In the order given, names as they go on the wire; without those that the server makes itself. */
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
}

export interface AppRequest extends Fields {
  readonly method: string;
  readonly requestUri: string;
}

export interface AppResponse extends Fields {
  readonly status: number;
  readonly reason: string;
  /** Tag that the application wants in To. */
  readonly toTag: string | undefined;
}

/** The server's own business, whatever the application says. */
const DROPPED = new Set(['via', 'route', 'record-route', 'rseq', 'content-length']);
/** In a response they come from the request. The library copies them, in the very form in which the peer sent them. */
const FROM_REQUEST = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'record-route']);
const NONE: ReadonlySet<string> = new Set();

/** @throws {RefusedError} */
export function readAppRequest(bytes: Buffer): AppRequest {
  const { startLine, fields, body } = readLines(bytes, NONE);
  const [, method = '', requestUri = ''] = /^(\S+) (.*?)(?: SIP\/2\.0)?$/.exec(startLine) ?? [];
  if (method === '') throw new RefusedError(`not a request line: ${quoted(startLine)}`);
  return {
    method,
    requestUri,
    fields: withType(fields, body).filter(({ name }) => !DROPPED.has(headerKey(name))),
    body,
  };
}

/** @throws {RefusedError} */
export function readAppResponse(bytes: Buffer): AppResponse {
  const { startLine, fields, body } = readLines(bytes, FROM_REQUEST);
  const [, status = '', reason = ''] = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/.exec(startLine) ?? [];
  if (status === '') throw new RefusedError(`not a status line: ${quoted(startLine)}`);
  const to = fields.find(({ name }) => headerKey(name) === 'to')?.value ?? '';
  return {
    status: Number(status),
    reason,
    toTag: /;\s*tag\s*=\s*([^\s;,>]+)/i.exec(to.slice(to.lastIndexOf('>') + 1))?.[1],
    fields: withType(fields, body).filter(
      ({ name }) => !DROPPED.has(headerKey(name)) && !FROM_REQUEST.has(headerKey(name)),
    ),
    body,
  };
}

export function isAppResponse(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).toString('latin1') === 'SIP/2.0 ';
}

/** Content-Type is needed with a body; of SDP it is known. */
function withType(fields: readonly HeaderField[], body: Buffer): readonly HeaderField[] {
  if (body.length === 0 || fields.some(({ name }) => headerKey(name) === 'content-type')) return fields;
  if (body.toString('latin1', 0, 3) !== 'v=0') throw new RefusedError('missing content-type');
  return [...fields, { name: 'Content-Type', value: 'application/sdp' }];
}

/**
 * A line break inside what the application gave as one value would become a header field of its own on the wire: bare
 * CR, bare LF and folded lines are refused. `lenient`: fields that are not sent on, whatever is in them.
 */
function readLines(
  bytes: Buffer,
  lenient: ReadonlySet<string>,
): { startLine: string; fields: HeaderField[]; body: Buffer } {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  const head = bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
  const body = end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 4);
  const [startLine = '', ...lines] = head.split('\r\n');
  const suspicious = /\r(?!\n)|(?<!\r)\n|\0/.test(head);
  if (suspicious) refuseControls(startLine);
  const fields: HeaderField[] = [];
  for (const line of lines) {
    if (line === '') continue; // the end of a message without a body
    if (line.startsWith(' ') || line.startsWith('\t')) {
      const last = fields.at(-1);
      if (last === undefined || !lenient.has(headerKey(last.name)))
        throw new RefusedError(`a header field is folded: ${quoted(line)}`);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (!/^[\w.!%*+`'~-]+$/.test(name)) throw new RefusedError(`not a header field: ${quoted(line)}`);
    if (suspicious && !lenient.has(headerKey(name))) refuseControls(line);
    fields.push({ name: usualSpelling(name), value: line.slice(colon + 1).trim() });
  }
  return { startLine, fields, body };
}

function refuseControls(line: string): void {
  if (/[\r\n\0]/.test(line)) throw new RefusedError(`a line break or NUL within a line: ${quoted(line)}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
