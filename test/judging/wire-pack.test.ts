import { expect, it } from 'vitest';
import { pack, unpack } from '../../harness/judging/wire-pack.ts';

it('brings every message over as it was, and nothing else of its buffer', () => {
  const slab = Buffer.alloc(64 * 1024, 'x');
  slab.write('INVITE\r\n', 100, 'latin1');
  const messages = [
    { role: 'phone', atEpochMs: 1, bytes: slab.subarray(100, 108) },
    { role: 'team', atEpochMs: 2, bytes: Buffer.alloc(0) },
    { role: 'caller', atEpochMs: 3, bytes: Buffer.from([0, 255, 128]) },
  ];
  const packed = pack(messages);
  expect(packed.bytes.length).toBe(11);
  const crossed = structuredClone(packed, { transfer: [packed.bytes.buffer] });
  expect(unpack(crossed)).toEqual(messages);
});
