import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packLogs } from '../../harness/run/pack-logs.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-logs-'));
  await mkdir(join(dir, 'caller-1'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const large = 'INVITE sip:alice@plain.test SIP/2.0\r\n'.repeat(2_000);

it('packs what is large, wherever it lies, and leaves the rest', async () => {
  await writeFile(join(dir, 'caller-1/messages.log'), large);
  await writeFile(join(dir, 'kamailio.log'), 'it listens');
  await packLogs(dir);
  expect(await readdir(join(dir, 'caller-1'))).toEqual(['messages.log.gz']);
  const packed = await readFile(join(dir, 'caller-1/messages.log.gz'));
  expect(gunzipSync(packed).toString()).toBe(large);
  expect(await readFile(join(dir, 'kamailio.log'), 'utf8')).toBe('it listens');
  await packLogs(dir);
  expect(await readdir(join(dir, 'caller-1'))).toEqual(['messages.log.gz']);
});

it('leaves a file as it was that cannot be packed, and says so', async () => {
  await writeFile(join(dir, 'caller-1/messages.log'), large);
  await mkdir(join(dir, 'caller-1/messages.log.gz'));
  await expect(packLogs(dir)).rejects.toThrow(/EISDIR/);
  expect(await readFile(join(dir, 'caller-1/messages.log'), 'utf8')).toBe(large);
});
