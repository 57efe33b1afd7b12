// @ts-check

/**
 * An archive with nothing compressed (APPNOTE 4.4.5, method 0): what is in it is small, and every program can open it.
 */

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
const VERSION = 20;
const NAMES_ARE_UTF8 = 0x0800;
/** 1980-01-01, the first day that a DOS date can say: contents have stamps of their own. */
const DOS_DATE = 0x0021;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;

/**
 * @param {readonly {name: string, bytes: Uint8Array}[]} files Names with `/` for folders.
 * @returns {Uint8Array}
 */
export function zipOf(files) {
  const entries = files.map(({ name, bytes }) => ({ name: new TextEncoder().encode(name), bytes, crc: crc32(bytes) }));
  const size = entries.reduce(
    (sum, { name, bytes }) => sum + LOCAL_BYTES + CENTRAL_BYTES + 2 * name.length + bytes.length,
    END_BYTES,
  );
  const archive = new Uint8Array(size);
  const view = new DataView(archive.buffer);
  let at = 0;
  const offsets = entries.map(({ name, bytes, crc }) => {
    const offset = at;
    view.setUint32(at, LOCAL_HEADER, true);
    view.setUint16(at + 4, VERSION, true);
    facts(view, at + 6, crc, bytes.length, name.length);
    archive.set(name, at + LOCAL_BYTES);
    archive.set(bytes, at + LOCAL_BYTES + name.length);
    at += LOCAL_BYTES + name.length + bytes.length;
    return offset;
  });
  const central = at;
  for (const [index, { name, bytes, crc }] of entries.entries()) {
    view.setUint32(at, CENTRAL_HEADER, true);
    view.setUint16(at + 4, VERSION, true);
    view.setUint16(at + 6, VERSION, true);
    facts(view, at + 8, crc, bytes.length, name.length);
    view.setUint32(at + 42, offsets[index] ?? 0, true);
    archive.set(name, at + CENTRAL_BYTES);
    at += CENTRAL_BYTES + name.length;
  }
  view.setUint32(at, END_OF_CENTRAL, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - central, true);
  view.setUint32(at + 16, central, true);
  return archive;
}

/**
 * What local and central headers share, from the flags on.
 *
 * @param {DataView} view
 * @param {number} at
 * @param {number} crc
 * @param {number} length
 * @param {number} nameLength
 */
function facts(view, at, crc, length, nameLength) {
  view.setUint16(at, NAMES_ARE_UTF8, true);
  view.setUint16(at + 6, DOS_DATE, true);
  view.setUint32(at + 8, crc, true);
  view.setUint32(at + 12, length, true);
  view.setUint32(at + 16, length, true);
  view.setUint16(at + 20, nameLength, true);
}

/**
 * ISO 3309, as APPNOTE 4.4.7 asks for.
 *
 * @param {Uint8Array} bytes
 */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
