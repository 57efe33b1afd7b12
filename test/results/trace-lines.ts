import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The lines of a file of `traces/`, all of them, as `zcat` prints them. */
export async function traceLines(dir: string, name = 'calls-1.jsonl.gz'): Promise<string[]> {
  return gunzipSync(await readFile(join(dir, 'traces', name)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
}
