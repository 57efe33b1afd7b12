/**
 * `npm pack` calls this: makes `dist/`, which has the folders of the checkout with JavaScript, types and source maps for
 * TypeScript. One file for each module, because threads, child processes, vitest and images start theirs by name.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modulesRenamed } from './modules-renamed.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Measures and tests the project's own files. `command-line.ts` offers none of it where it is built. */
const OF_CHECKOUT = [
  'bench',
  'test',
  ...['reach', 'tally-reporter', 'test', 'test-*', 'vitest-run'].map((name) => `harness/cli/${name}.*`),
];

/** Pages are those that messages name. */
const COPIED = [
  'harness/**/*.{sh,css}',
  'containers/!(ringfence)/*',
  'docs/examples/**/!(tsconfig).*',
  'docs/{callers,drachtio,live-server,own-server,package,proof,servers,user-agents}.md',
  'reports/schema/*',
];

await rm(DIST, { recursive: true, force: true });
for (const project of ['tsconfig.client.json', 'tsconfig.json']) {
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(ROOT, 'packaging', project)], { stdio: 'inherit' });
}
for await (const path of glob(OF_CHECKOUT, { cwd: DIST })) await rm(join(DIST, path), { recursive: true });
for await (const path of glob(COPIED, { cwd: ROOT })) {
  await mkdir(dirname(join(DIST, path)), { recursive: true });
  await cp(join(ROOT, path), join(DIST, path));
}
const { name, version, type, engines, config } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
await writeFile(join(DIST, 'package.json'), `${JSON.stringify({ name, version, type, engines, config }, null, 2)}\n`);

for await (const path of glob('**/*{.js,.d.ts,.md,Dockerfile}', { cwd: DIST })) {
  const file = join(DIST, path);
  const text = await readFile(file, 'utf8');
  // In a checkout, the command is a file of it; npm links it.
  const built = modulesRenamed(text, dirname(file), DIST).replaceAll('./ringfence ', 'npx ringfence ');
  const named = path.endsWith('.js') ? (built.match(/(?<=')[\w./-]*(?<!'\.d|')\.ts(?=')/g) ?? []) : [];
  const left = named.find((each) => !existsSync(join(DIST, each)));
  if (left !== undefined) throw new Error(`${path} names '${left}', which was not built there, nor copied`);
  if (built !== text) await writeFile(file, built);
}
await chmod(join(DIST, 'harness/cli/main.js'), 0o755);
process.stdout.write(`built ${relative(process.cwd(), DIST)}\n`);
