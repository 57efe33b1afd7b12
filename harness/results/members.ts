import type { FileHandle } from 'node:fs/promises';
import { readSpans, type Span } from './spans.ts';

/** Where the members of a JSON object lie in a file. Whether each is JSON itself shows when it is parsed. */
export interface Members {
  /** Text of the value, blanks around it included. Of two members with one name, the later. */
  readonly values: ReadonlyMap<string, Span>;
  /** The items of the member that was to be divided; null when there is none, or it is no list. */
  readonly items: readonly Span[] | null;
}

const READ_BYTES = 4_000_000;
const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Finds members, and the items of one that is a list, without parsing any: a file of any size can be parsed item by item.
 *
 * @param divided Name of the member whose items are wanted.
 * @throws {SyntaxError} when the file is no JSON object, as far as its outermost brackets show
 */
export async function findMembers(file: FileHandle, divided: string): Promise<Members> {
  const finder = new MemberFinder(divided);
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, READ_BYTES, at);
    if (bytesRead === 0) return finder.end();
    finder.read(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** The values at these spans, parsed. @throws {SyntaxError} with the place of the first that is not JSON */
export async function* parseSpans(
  file: FileHandle,
  spans: readonly Span[],
  placeOf: (index: number) => string,
): AsyncGenerator<unknown> {
  let index = 0;
  for await (const texts of readSpans(file, spans)) {
    for (const text of texts) {
      yield parsed(text.toString('utf8'), placeOf(index));
      index += 1;
    }
  }
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SyntaxError(`${place}: ${(cause as Error).message}`, { cause });
  }
}

/** Looks at brackets, strings, colons and commas only. */
class MemberFinder {
  readonly #divided: string;
  readonly #values = new Map<string, Span>();
  #items: Span[] | null = null;
  /** Bytes before the chunk at hand. */
  #base = 0;
  /** Open brackets around the byte at hand. */
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Where the name, value or item at hand begins. */
  #start = 0;
  /** Bytes of the name at hand; null while a value is read. */
  #name: number[] | null = null;
  #current = '';
  /** Only blanks since the colon, or since the divided list began. */
  #blankSoFar = true;
  #dividing = false;
  #ended = false;

  constructor(divided: string) {
    this.#divided = divided;
  }

  read(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0;
      // Almost every byte is deep inside an item: nothing of it matters but brackets and quotes.
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
        if (this.#depth === 1) this.#name?.push(byte);
      } else if (this.#depth > 2) {
        if (byte === QUOTE) this.#inString = true;
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
        else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
      } else this.#outside(byte, this.#base + index);
    }
    this.#base += chunk.length;
  }

  /** @throws {SyntaxError} */
  end(): Members {
    if (!this.#ended) throw new SyntaxError(`it ends within ${this.#place()}`);
    return { values: this.#values, items: this.#items };
  }

  /** Around the members, and around what they hold. */
  #outside(byte: number, at: number): void {
    if (this.#depth === 0) this.#aroundObject(byte, at);
    else if (this.#depth === 1) this.#betweenMembers(byte, at);
    else this.#betweenItems(byte, at);
  }

  #betweenItems(byte: number, at: number): void {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#closeValue(byte, at);
    else if (byte === COMMA && this.#dividing) this.#endItem(at);
    if (!isBlank(byte)) this.#blankSoFar = false;
  }

  #aroundObject(byte: number, at: number): void {
    if (isBlank(byte)) return;
    if (byte !== OPEN_OBJECT || this.#ended) throw new SyntaxError(`unexpected byte ${at} outside of the object`);
    this.#depth = 1;
    this.#name = [];
  }

  #betweenMembers(byte: number, at: number): void {
    if (isBlank(byte)) return;
    if (byte === COMMA || byte === CLOSE_OBJECT) this.#endMember(at, byte === CLOSE_OBJECT);
    else if (byte === COLON && this.#name !== null) this.#beginValue(at);
    else this.#withinMember(byte, at);
  }

  #withinMember(byte: number, at: number): void {
    if (this.#dividing || byte === CLOSE_LIST) throw new SyntaxError(`a comma or } was due at byte ${at}`);
    if (byte === QUOTE) this.#inString = true;
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth = 2;
    if (byte === OPEN_LIST && this.#name === null && this.#current === this.#divided && this.#blankSoFar) {
      this.#values.delete(this.#current);
      this.#items = [];
      this.#dividing = true;
      this.#start = at + 1;
    } else this.#blankSoFar = false;
    this.#name?.push(byte);
  }

  #beginValue(at: number): void {
    this.#current = nameOf(this.#name ?? []);
    if (this.#current === this.#divided) this.#items = null;
    this.#name = null;
    this.#start = at + 1;
    this.#blankSoFar = true;
  }

  #closeValue(byte: number, at: number): void {
    this.#depth = 1;
    if (!this.#dividing) return;
    if (byte !== CLOSE_LIST) throw new SyntaxError(`unexpected } at byte ${at}, within ${this.#place()}`);
    const empty = this.#items?.length === 0 && this.#blankSoFar;
    if (!empty) this.#endItem(at);
    this.#start = at + 1;
  }

  #endItem(at: number): void {
    this.#items?.push({ start: this.#start, end: at });
    this.#start = at + 1;
  }

  #endMember(at: number, last: boolean): void {
    const empty = last && this.#values.size === 0 && this.#items === null;
    if (this.#name !== null && (this.#name.length > 0 || !empty))
      throw new SyntaxError(`a member without a value ends at byte ${at}`);
    if (this.#name === null && !this.#dividing) this.#values.set(this.#current, { start: this.#start, end: at });
    this.#dividing = false;
    this.#name = last ? null : [];
    this.#ended = last;
    if (last) this.#depth = 0;
  }

  #place(): string {
    if (this.#depth === 0) return 'nothing';
    return this.#dividing ? `${this.#divided}[${this.#items?.length ?? 0}]` : this.#current || 'its first member';
  }
}

function nameOf(bytes: readonly number[]): string {
  const text = Buffer.from(bytes).toString('utf8');
  const name = parsed(text, 'the name of a member');
  if (typeof name !== 'string') throw new SyntaxError(`${text.trim()} is no name of a member`);
  return name;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
