import { headerKey } from './header-names.ts';

/** Bytes that are no SIP message at all: nothing to answer. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** One header field, its name as spelt, its value without surrounding blanks, folded lines joined by a blank. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/**
 * What requests and responses share. All text is one character per byte (latin1), so that what is read can be written
 * again byte for byte, whatever its encoding; decode with `Buffer.from(text, 'latin1').toString('utf8')` to show it.
 */
abstract class Message {
  abstract readonly startLine: string;
  readonly fields: readonly HeaderField[];
  readonly body: Buffer;
  /** Why RFC 3261 calls this message malformed, where it can still be read; undefined when nothing was found. */
  readonly problem: string | undefined;
  #bytes: Buffer | undefined;
  /** Of the fields, in order; made with the first question for a header. */
  #keys: string[] | undefined;

  constructor(fields: readonly HeaderField[], body: Buffer, bytes?: Buffer, problem?: string) {
    this.fields = fields;
    this.body = body;
    this.#bytes = bytes;
    this.problem = problem;
  }

  /** As received, without line ends before the start line and without what is behind the body; or, of a message made here, as it goes out. */
  get bytes(): Buffer {
    this.#bytes ??= serialise(this.startLine, this.fields, this.body);
    return this.#bytes;
  }

  /** Value of the first header field of that name, in any spelling or compact form. */
  header(name: string): string | undefined {
    this.#keys ??= this.fields.map((field) => headerKey(field.name));
    return this.fields[this.#keys.indexOf(headerKey(name))]?.value;
  }

  /** Values of all header fields of that name, in order; comma-separated lists are left together, see `splitList`. */
  headers(name: string): string[] {
    const key = headerKey(name);
    const values: string[] = [];
    for (const field of this.fields) if (headerKey(field.name) === key) values.push(field.value);
    return values;
  }
}

export class SipRequest extends Message {
  readonly kind = 'request';
  readonly method: string;
  readonly requestUri: string;
  readonly version: string;

  constructor(
    line: { readonly method: string; readonly requestUri: string; readonly version?: string },
    fields: readonly HeaderField[],
    body: Buffer,
    bytes?: Buffer,
    problem?: string,
  ) {
    super(fields, body, bytes, problem);
    this.method = line.method;
    this.requestUri = line.requestUri;
    this.version = line.version ?? 'SIP/2.0';
  }

  get startLine(): string {
    return `${this.method} ${this.requestUri} ${this.version}`;
  }
}

export class SipResponse extends Message {
  readonly kind = 'response';
  readonly status: number;
  readonly reason: string;

  constructor(
    line: { readonly status: number; readonly reason: string },
    fields: readonly HeaderField[],
    body: Buffer,
    bytes?: Buffer,
    problem?: string,
  ) {
    super(fields, body, bytes, problem);
    this.status = line.status;
    this.reason = line.reason;
  }

  get startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`;
  }
}

/** As `parseMessage` returns it: `SipRequest` has a method and a Request-URI, `SipResponse` a status and a reason. */
export type SipMessage = SipRequest | SipResponse;

/**
 * Reads one whole message: a datagram, or what the stream framing cut out. What can be answered is returned with its
 * `problem`.
 *
 * @throws {MalformedMessageError} when there is no start line of SIP, so that it is neither request nor response
 */
export function parseMessage(datagram: Buffer): SipMessage {
  const bytes = withoutLineEnds(datagram);
  const headEnd = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  const head = bytes.toString('latin1', 0, headEnd < 0 ? bytes.length : headEnd);
  const lineEnd = head.indexOf('\r\n');
  const startLine = lineEnd < 0 ? head : head.slice(0, lineEnd);
  const read = readFields(lineEnd < 0 ? '' : head.slice(lineEnd + 2));
  const rest = headEnd < 0 ? bytes.subarray(bytes.length) : bytes.subarray(headEnd + 4);
  const { body, problem } = readBody(read.fields, rest);
  const end = headEnd < 0 ? bytes.length : headEnd + 4 + body.length;
  const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
  const first = headEnd < 0 ? 'the header section does not end' : (read.problem ?? problem);

  const status = /^SIP\/2\.0 (\d{3})(?: (.*))?$/i.exec(startLine);
  if (status !== null) {
    return new SipResponse({ status: Number(status[1]), reason: status[2] ?? '' }, read.fields, body, whole, first);
  }
  const request = /^([^\s/]+) (.*) (SIP\/\d+\.\d+)$/i.exec(startLine);
  if (request === null) {
    throw new MalformedMessageError(`no SIP message: it begins with ${JSON.stringify(startLine.slice(0, 80))}`);
  }
  const [, method = '', requestUri = '', version = ''] = request;
  return new SipRequest({ method, requestUri, version }, read.fields, body, whole, first);
}

/** Like {@link parseMessage}; null for bytes that are no SIP message. */
export function tryParse(datagram: Buffer): SipMessage | null {
  try {
    return parseMessage(datagram);
  } catch {
    return null;
  }
}

/** RFC 3261 7.5: line ends before the start line are ignored. */
function withoutLineEnds(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === 13 && bytes[at + 1] === 10) at += 2;
  return at === 0 ? bytes : bytes.subarray(at);
}

/** Exported for the control protocol, whose messages have the same header section. */
export function readFields(text: string): { fields: HeaderField[]; problem: string | undefined } {
  const fields: HeaderField[] = [];
  let problem: string | undefined;
  for (let at = 0; at < text.length; ) {
    let end = text.indexOf('\r\n', at);
    if (end < 0) end = text.length;
    let value = text.slice(at, end);
    while (isBlank(text.charCodeAt(end + 2))) {
      const from = end + 2;
      end = text.indexOf('\r\n', from);
      if (end < 0) end = text.length;
      value = `${value.trimEnd()} ${text.slice(from, end).trim()}`;
    }
    at = end + 2;
    const colon = value.indexOf(':');
    const name = value.slice(0, Math.max(colon, 0)).trimEnd();
    if (colon <= 0 || !isToken(name) || value.includes('\n') || value.includes('\r'))
      problem ??= `not a header field: ${JSON.stringify(value.slice(0, 80))}`;
    else fields.push({ name, value: value.slice(colon + 1).trim() });
  }
  return { fields, problem };
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function isToken(text: string): boolean {
  return /^[\w.!%*+`'~-]+$/.test(text);
}

/** RFC 3261 18.3: what is behind the body is discarded; a body that is shorter than announced is an error. */
function readBody(fields: readonly HeaderField[], rest: Buffer): { body: Buffer; problem: string | undefined } {
  let length: string | undefined;
  for (const { name, value } of fields) {
    if (headerKey(name) !== 'content-length') continue;
    if (!/^\d+$/.test(value)) return { body: rest, problem: 'Content-Length is not a number' };
    if (length !== undefined && Number(length) !== Number(value)) return { body: rest, problem: 'two Content-Lengths' };
    length = value;
  }
  if (length === undefined) return { body: rest, problem: undefined };
  if (Number(length) > rest.length) return { body: rest, problem: 'Content-Length is beyond the end of the message' };
  return { body: rest.subarray(0, Number(length)), problem: undefined };
}

function serialise(startLine: string, fields: readonly HeaderField[], body: Buffer): Buffer {
  let head = `${startLine}\r\n`;
  for (const { name, value } of fields) head += `${name}: ${value}\r\n`;
  head += '\r\n';
  // Not from the pool: a message on record waits for its call's window to close, and would keep a whole slab with it.
  const bytes = Buffer.allocUnsafeSlow(head.length + body.length);
  bytes.write(head, 0, 'latin1');
  body.copy(bytes, head.length);
  return bytes;
}
