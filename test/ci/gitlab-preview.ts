import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { scratch } from '../setup/scratch.ts';

const PROGRAM = createRequire(import.meta.url).resolve('gitlab-ci-local');

/**
 * A pipeline as GitLab would see it: components included, their inputs filled in. It was held against GitLab's own JSON Schema.
 *
 * @param files of a repository; `.gitlab-ci.yml` is the pipeline
 * @throws what is wrong with it
 */
export async function gitlabPreview(files: Readonly<Record<string, string>>): Promise<unknown> {
  await using place = await scratch();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(place.dir, name)), { recursive: true });
    await writeFile(join(place.dir, name), text);
  }
  const options = { cwd: place.dir, env: { ...process.env, HOME: place.dir, NO_COLOR: '1' } };
  const run = promisify(execFile);
  await run('git', ['init', '--quiet', '.'], options);
  await run('git', ['remote', 'add', 'origin', 'git@example.com:group/project.git'], options);
  await run('git', ['add', '.'], options); // of others, it includes nothing
  const { stdout, stderr } = await run(process.execPath, [PROGRAM, '--preview'], options);
  if (!stderr.includes('json schema validated'))
    throw new Error(`gitlab-ci-local did not check the pipeline:\n${stderr}`);
  return parse(stdout);
}
