import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../../errors.ts';
import { type Bundle, bundle } from './bundle.ts';

/** The script cannot be part of a page. */
export class PageScriptError extends HarnessError {
  readonly code = 'RINGFENCE_PAGE_SCRIPT';
  readonly exitStatus = 3;
}

const ENTRY = fileURLToPath(new URL('client/main.ts', import.meta.url));

/** With the digest of its files. */
interface KeptBundle extends Bundle {
  readonly digest: string;
}

let made: Promise<string> | undefined;

/**
 * The page's script: `client/` and all that it imports, as one classic script, because browsers load no modules from
 * file://. Making it takes longer than all else of a small report; it is kept where Node keeps what it compiled, and made
 * again when a file of it has changed.
 *
 * @throws {PageScriptError} when it would end the element that it stands in
 */
export function pageScript(): Promise<string> {
  made ??= keptOrBundled(ENTRY, getCompileCacheDir());
  return made;
}

/** @param keptIn undefined: nowhere */
export async function keptOrBundled(entry: string, keptIn: string | undefined): Promise<string> {
  const file = keptIn === undefined ? null : join(keptIn, `ringfence-page-${sha256([entry]).slice(0, 16)}.json`);
  const kept = file === null ? null : await readKept(file);
  if (kept !== null && kept.digest === (await digestOf(kept.files))) return kept.code;
  const { code, files } = await bundle(entry);
  const unfit = /<\/script|<!--/i.exec(code);
  if (unfit !== null) {
    const near = code.slice(Math.max(0, unfit.index - 60), unfit.index + 20);
    throw new PageScriptError(`the page's script has '${unfit[0]}', which no script in HTML may have; near: ${near}`);
  }
  const digest = await digestOf(files);
  if (file !== null && digest !== null) await keep(file, { files, digest, code });
  return code;
}

async function readKept(file: string): Promise<KeptBundle | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as KeptBundle;
  } catch {
    return null; // never made, or of a start that was cut short
  }
}

/** Whole, or not at all: another start may read it now. */
async function keep(file: string, bundled: KeptBundle): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(unfinished, JSON.stringify(bundled));
    await rename(unfinished, file);
  } catch {
    // The folder cannot be written: the next start makes it again, as it compiles everything again.
  }
}

/** @returns null when one of them is not there */
async function digestOf(files: readonly string[]): Promise<string | null> {
  try {
    return sha256(await Promise.all(files.map((file) => readFile(file))));
  } catch {
    return null;
  }
}

function sha256(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}
