/**
 * Many messages as one block, for another process: one copy of it, instead of one of each.
 */
export interface Pack<T> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What each message is beside its bytes, and how many bytes it has. */
  readonly items: readonly { readonly length: number; readonly rest: T }[];
}

export function pack<T extends { readonly bytes: Buffer }>(messages: readonly T[]): Pack<Omit<T, 'bytes'>> {
  const total = messages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const all = new Uint8Array(total);
  let at = 0;
  const items = messages.map(({ bytes, ...rest }) => {
    all.set(bytes, at);
    at += bytes.length;
    return { length: bytes.length, rest };
  });
  return { bytes: all, items };
}

export function unpack<T extends object>({ bytes, items }: Pack<T>): (T & { readonly bytes: Buffer })[] {
  let at = 0;
  return items.map(({ length, rest }) => {
    const own = Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
    at += length;
    return { ...rest, bytes: own };
  });
}
