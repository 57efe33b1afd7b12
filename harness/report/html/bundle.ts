import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
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
  await using root = await nameable(ROOT);
  await using bundled = await rolldown({
    input: join(root.dir, relative(ROOT, entry)),
    cwd: root.dir,
    platform: 'browser',
    tsconfig: false,
    resolve: { symlinks: root.dir === ROOT },
  });
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

/** The folder by a name that the bundler can read: of a path, it takes what follows a `?` for a query. */
async function nameable(folder: string): Promise<AsyncDisposable & { readonly dir: string }> {
  if (!folder.includes('?')) return { dir: folder, [Symbol.asyncDispose]: async () => {} };
  const made = await mkdtemp(join(tmpdir(), 'ringfence-bundle-'));
  await symlink(folder, join(made, 'root'));
  return { dir: `${join(made, 'root')}/`, [Symbol.asyncDispose]: () => rm(made, { recursive: true, force: true }) };
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
