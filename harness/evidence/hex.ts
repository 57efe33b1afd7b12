const BYTES_PER_LINE = 16;

/** Bytes as everybody's hex dump has them: `00000010  49 4e 56 49 ...  |INVI...|`. */
export function hexLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += BYTES_PER_LINE) {
    const part = [...bytes.subarray(offset, offset + BYTES_PER_LINE)];
    const pairs = part.map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].map((half) => half.padEnd(23));
    const letters = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${offset.toString(16).padStart(8, '0')}  ${halves.join('  ')}  |${letters}|`);
  }
  return lines;
}
