import { gunzipSync } from 'node:zlib';

/** The files that Allure's page holds, packed: a line that says where each is, then their bytes. */
export function filesInPage(page: string): Map<string, Buffer> {
  const [, packed = ''] = /<script type="application\/x-gzip-base64" id="packed">([^<]+)</.exec(page) ?? [];
  const bytes = gunzipSync(Buffer.from(packed, 'base64'));
  const start = bytes.indexOf('\n') + 1;
  const index: readonly (readonly [name: string, from: number, to: number])[] = JSON.parse(
    bytes.toString('utf8', 0, start),
  );
  return new Map(index.map(([name, from, to]) => [name, bytes.subarray(start + from, start + to)]));
}

/** A file of JSON. */
export function fileInPage(page: string, name: string): unknown {
  const found = filesInPage(page).get(name);
  if (found === undefined) throw new Error(`Allure's page holds no ${name}`);
  return JSON.parse(found.toString('utf8'));
}
