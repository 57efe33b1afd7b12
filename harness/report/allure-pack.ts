import { gzipSync } from 'node:zlib';
import { LabError } from '../errors.ts';

/** One file of the page: base64 of its bytes, under a name of Allure's; its program has none. */
type File = readonly [name: string, base64: string];

/** What Allure's page of one file begins with, as its library writes it (3.18): its program, then all that it would fetch. */
const PROGRAM = /<script\s+src="(data:text\/javascript;base64,)([^"]+)"><\/script>/;
const FILES = /<script defer>\s*Promise\.allSettled\(\[d\((.*)\)\]\)\s*\.then\([\s\S]*?<\/script>/;

/**
 * Allure's page with its program and its files compressed, in an element that no browser runs, and a few lines that unpack
 * them. Its library writes each file as base64, and most twice: 22 MB of 2,250 cells, where 3 are enough. Pure.
 *
 * @throws {LabError} when the page has another form, as after an update of Allure
 */
export function packedPage(page: string): string {
  const [program, scheme = '', code = ''] = PROGRAM.exec(page) ?? [];
  const [files, listed = ''] = FILES.exec(page) ?? [];
  if (program === undefined || files === undefined) {
    throw new LabError(
      `Allure's page has no ${program === undefined ? 'program' : 'list of files'} where it was; ` +
        'the patterns in harness/report/allure-pack.ts have to learn its form',
    );
  }
  const packed = pack([[PROGRAM_NAME, code], ...listed.split('),d(').map((pair): File => JSON.parse(`[${pair}]`))]);
  // In functions, because a file may have a `$` in it.
  return page
    .replace(program, () => '')
    .replace(
      files,
      () =>
        `<script type="application/x-gzip-base64" id="packed">${packed}</script>\n<script>${unpacker(scheme)}</script>`,
    );
}

const PROGRAM_NAME = '';

/** A line of JSON, `[[name, from, to], ...]`, and the bytes that it speaks of; what is there twice is there once. */
function pack(files: readonly File[]): string {
  const parts: Buffer[] = [];
  const known = new Map<string, readonly [from: number, to: number]>();
  let end = 0;
  const index = files.map(([name, base64]) => {
    const bytes = known.get(base64) ?? added(base64);
    return [name, ...bytes];
  });
  return gzipSync(Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), ...parts])).toString('base64');

  function added(base64: string): readonly [from: number, to: number] {
    const part = Buffer.from(base64, 'base64');
    const place = [end, end + part.length] as const;
    parts.push(part);
    known.set(base64, place);
    end += part.length;
    return place;
  }
}

/** Allure's program waits until its data are ready, and takes a file as base64: each is made into that when it is asked for. */
function unpacker(scheme: string): string {
  return `(async () => {
  const packed = Uint8Array.from(atob(document.getElementById('packed').text), (unit) => unit.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const start = bytes.indexOf(10) + 1;
  const base64 = (from, to) => {
    const parts = [];
    for (let at = start + from; at < start + to; at += 30000) {
      parts.push(String.fromCharCode(...bytes.subarray(at, Math.min(at + 30000, start + to))));
    }
    return btoa(parts.join(''));
  };
  for (const [name, from, to] of JSON.parse(new TextDecoder().decode(bytes.subarray(0, start)))) {
    if (name !== '') Object.defineProperty(window.allureReportData, name, { get: () => base64(from, to) });
    else document.body.append(Object.assign(document.createElement('script'), { src: '${scheme}' + base64(from, to) }));
  }
  window.allureReportDataReady = true;
})();`;
}
