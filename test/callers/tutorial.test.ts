/** docs/callers.md, "From nothing to a verdict": its commands as they stand there, and what it says that they print. */
import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scratch } from '../setup/scratch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = new URL('../../docs/callers.md', import.meta.url);

interface Step {
  readonly commands: string;
  /** Lines that it prints; any number is as good as another, and so is any layout. */
  readonly prints: readonly string[];
}

async function tutorial(): Promise<Step[]> {
  const page = await readFile(PAGE, 'utf8');
  const [, section = ''] = /^## From nothing to a verdict\n(.*?)^## /ms.exec(page) ?? [];
  return [...section.matchAll(/```sh\n(.*?)```.*?```text\n(.*?)```/gs)].map(([, commands = '', text = '']) => ({
    commands,
    prints: text.trim().split('\n'),
  }));
}

/** A checkout that may be written to. Its `./ringfence` is the real one's last step: nothing is installed. */
async function checkout(dir: string): Promise<void> {
  for (const name of ['harness', 'scenarios', 'containers', 'docs/examples', 'package.json'])
    await cp(join(ROOT, name), join(dir, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  const ringfence = `#!/bin/sh\nexec "${process.execPath}" harness/cli/main.ts "$@"\n`;
  await writeFile(join(dir, 'ringfence'), ringfence, { mode: 0o755 });
}

function run(commands: string, cwd: string): Promise<{ readonly status: number; readonly printed: string }> {
  const PATH = [join(process.execPath, '..'), process.env.PATH].join(':');
  return new Promise((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { ...process.env, PATH } }, (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), printed: stdout + stderr }),
    );
  });
}

const loosely = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/\d+/g, 'N').trim();

describe('the tutorial for authors of calling applications', () => {
  it('comes to the verdicts that it shows', { timeout: 120_000 }, async () => {
    await using place = await scratch();
    await checkout(place.dir);
    const steps = await tutorial();
    const statuses: number[] = [];
    for (const { commands, prints } of steps) {
      const { status, printed } = await run(commands, place.dir);
      statuses.push(status);
      for (const line of prints) expect(loosely(printed), commands).toContain(loosely(line));
    }
    // With its header line, without it, and what it is.
    expect(statuses).toEqual([0, 1, 0]);
  });
});
