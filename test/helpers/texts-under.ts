import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** What gzip makes begins so, as base64 (RFC 1952 2.3.1). */
const GZIP_BASE64 = /H4sI[A-Za-z0-9+/]{16,}={0,2}/g;

/** All that is written in the files of a folder, and what is packed in them: logs and traces, data in pages. As latin1. */
export async function textsUnder(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map(textOf))).join('\n');
}

async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (file.endsWith('.gz')) return gunzipSync(bytes).toString('latin1');
  const text = bytes.toString('latin1');
  const packed = text.match(GZIP_BASE64) ?? [];
  return [text, ...packed.map((each) => gunzipSync(Buffer.from(each, 'base64')).toString('latin1'))].join('\n');
}
