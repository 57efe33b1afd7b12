/** docs/live-server.md, "Try it out" and "on Asterisk", as they stand there but for the addresses: a server started by hand, three accounts, waits of 5 s. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { registered } from './registrar.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

/** Shell commands, and files to be written, in order. */
function stepsOf(document: string, title: string): { readonly file: string | null; readonly text: string }[] {
  const section = document.split('\n## ').find((each) => each.startsWith(`${title}\n`)) ?? '';
  const blocks = section.matchAll(/(?:<!-- file: (\S+) -->\n)?```(?:sh|yaml|ini)\n([\s\S]*?)```/g);
  return Array.from(blocks, ([, file = null, text = '']) => ({ file, text }));
}

interface Followed {
  readonly stdout: string;
  readonly results: RunResults;
  /** Contacts that are registered there. */
  contactsOf(user: string): Promise<string[]>;
}

/** Does as the section says, tells what came of it, and does its last step in any case. */
async function follow(title: string, asItSays: (followed: Followed) => Promise<void>): Promise<void> {
  await using addresses = await allocateAddresses(['server']);
  const host = addresses.hosts.server;
  const steps = stepsOf(await readFile(join(ROOT, 'docs/live-server.md'), 'utf8'), title);
  const dir = await mkdtemp(join(tmpdir(), 'rf-'));
  try {
    await symlink(join(ROOT, 'containers'), join(dir, 'containers'));
    await writeFile(join(dir, 'ringfence'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    await chmod(join(dir, 'ringfence'), 0o755);
    const here = steps.map(({ file, text }) => ({ file, text: text.replaceAll('127.0.0.1', host) }));
    for (const { file, text } of here) {
      if (file === null) continue;
      await mkdir(dirname(join(dir, file)), { recursive: true });
      await writeFile(join(dir, file), text);
    }
    const commands = here.flatMap(({ file, text }) => (file === null ? [text] : []));
    const { stdout } = await shell(dir, commands.slice(0, -1).join('\n'));
    const results: RunResults = JSON.parse(await readFile(join(dir, 'try/report/results.json'), 'utf8'));
    const contactsOf = (user: string) => registered({ host, port: 5060 }, { user, password: `secret-of-${user}` });
    await asItSays({ stdout: stdout.replaceAll(/\s+/g, ' '), results, contactsOf });
  } finally {
    await shell(dir, steps.at(-1)?.text ?? '');
    await rm(dir, { recursive: true, force: true });
  }
}

const outcomesOf = ({ cells }: RunResults): string[] =>
  cells.map(({ variant, verdict, observed }) => `${variant} ${verdict} ${observed.outcome}`);

/** More than a minute of it are waits, on a machine that does nothing else. */
const LIMIT_MS = 300_000;

describe.concurrent('a run by the document is what it says', { timeout: LIMIT_MS }, () => {
  it('on Kamailio', async () => {
    await follow('Try it out', async ({ stdout, results, contactsOf }) => {
      expect(stdout).toMatch(/plan: 3 calls and about \d+ of canaries, at most 1 at once, about \d+ s/);
      expect(stdout).toContain('in all 2 cells that tell');
      expect(outcomesOf(results)).toEqual([
        'none unspecified engaged',
        'target-class-secondary unspecified suppressed',
        'sensitivity-private-no-diversion unspecified suppressed',
      ]);
      const [behavesLike] = Object.values(results.run.behavesLike ?? {});
      expect(behavesLike?.[0]?.against).toEqual([]);
      expect(behavesLike?.find(({ policy }) => policy === 'plain')?.against).toHaveLength(2);
      for (const user of ['bob', 'carol', 'carl']) expect(await contactsOf(user)).toEqual([]);
    });
  });

  it('on Asterisk', async (context) => {
    const found = await findTool('asterisk');
    if (found.state !== 'found') context.skip('Asterisk is not here: ./ringfence test unpacks it where it may');
    await follow('Try it out on Asterisk', async ({ stdout, results }) => {
      expect(stdout).toContain('behaves like blog-2012, in all 2 cells that tell');
      expect(outcomesOf(results)).toEqual([
        'none unspecified engaged',
        'target-class-secondary unspecified suppressed',
        'sensitivity-private-no-diversion unspecified engaged',
      ]);
      const [none] = results.cells;
      expect(none?.observed.arrivals?.map(({ seen }) => seen.replace(/,.*/, ''))).toContain(
        'message-waiting rose from 0 to 1',
      );
    });
  });
});

function shell(cwd: string, script: string): Promise<{ stdout: string }> {
  return promisify(execFile)('bash', ['-euc', script], { cwd, env: { ...process.env, NO_COLOR: '1' } });
}
