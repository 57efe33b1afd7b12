/** A page's section of commands and of what they print, run as it stands there. */
import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Step {
  readonly commands: string;
  /** Lines that it prints; any number is as good as another, and so is any layout. */
  readonly prints: readonly string[];
}

export async function tutorial(page: URL, heading: string): Promise<Step[]> {
  const text = await readFile(page, 'utf8');
  const [, section = ''] = new RegExp(`^## ${heading}\\n(.*?)^## `, 'ms').exec(text) ?? [];
  return [...section.matchAll(/```sh\n(.*?)```.*?```text\n(.*?)```/gs)].map(([, commands = '', printed = '']) => ({
    commands,
    prints: printed.trim().split('\n'),
  }));
}

/** A checkout that may be written to. Its `./ringfence` is the real one's last step: nothing is installed. */
export async function checkout(dir: string): Promise<void> {
  for (const name of ['harness', 'scenarios', 'containers', 'docs/examples', 'package.json'])
    await cp(join(ROOT, name), join(dir, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const ringfence = `#!/bin/sh\nexec "${process.execPath}" harness/cli/main.ts "$@"\n`;
  await writeFile(join(dir, 'ringfence'), ringfence, { mode: 0o755 });
}

export function runStep(commands: string, cwd: string): Promise<{ readonly status: number; readonly printed: string }> {
  const PATH = [join(process.execPath, '..'), process.env.PATH].join(':');
  return new Promise((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { ...process.env, PATH } }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), printed: stdout + stderr }),
    );
  });
}

export const loosely = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/\d+/g, 'N').trim();
