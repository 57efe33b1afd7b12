import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Bundle {
  /** One classic script. */
  readonly code: string;
  /** What decides how it is: paths of its modules and their licences, of the bundler, and of this file. */
  readonly files: readonly string[];
}

/** Modules are named by their way from here, the same on every machine. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const BUNDLER = [import.meta.url, import.meta.resolve('rolldown/package.json')].map((url) => fileURLToPath(url));

/**
 * A browser's modules as one script. Not minified, which would save 48 of 108 kB: whoever is handed a report can read what
 * its script does. Libraries in it come with their licences.
 */
export async function bundle(entry: string): Promise<Bundle> {
  // Here, because loading the bundler alone takes longer than reading a bundle that was kept.
  const { rolldown } = await import('rolldown');
  await using bundled = await rolldown({ input: entry, cwd: ROOT, platform: 'browser', tsconfig: false });
  const { output } = await bundled.generate({
    format: 'iife',
    strict: true,
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  const [{ code, moduleIds }] = output;
  const folders = packagesOf(moduleIds);
  const notices = await Promise.all(folders.map(noticeOf));
  return {
    code: notices.map(({ text }) => text).join('') + code,
    files: [...moduleIds, ...notices.map(({ file }) => file), ...BUNDLER],
  };
}

/** Folders of the packages that the modules are of. */
function packagesOf(moduleIds: readonly string[]): string[] {
  const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
  return [...new Set(moduleIds.flatMap((id) => folder.exec(id)?.[0] ?? []))];
}

async function noticeOf(folder: string): Promise<{ readonly file: string; readonly text: string }> {
  const file = join(folder, 'LICENSE');
  return { file, text: `/*! ${basename(folder)}\n${(await readFile(file, 'utf8')).trim()}\n*/\n` };
}
