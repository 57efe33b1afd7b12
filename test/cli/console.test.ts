/** What surrounds a command: its help, whoever reads its output, the folder it writes to, the step's summary. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';
import { scratch } from '../setup/scratch.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const ONE_CELL = ['run', 'plain/voicemail-busy/none', '--no-allure'];
const COMMANDS = [
  'run',
  'test',
  'list',
  'report',
  'packet',
  'compare',
  'sabotage',
  'lab',
  'doctor',
  'drachtio',
  'bench',
];

describe.concurrent('help', () => {
  it.for(COMMANDS)('%s says what it takes, asked either way', async (command) => {
    const asked = await commandHere([command, '--help']);
    expect(asked.stdout).toMatch(new RegExp(`^Usage: (\\./)?ringfence ${command}`));
    expect(asked.exitStatus).toBe(0);
    expect((await commandHere(['help', command])).stdout).toBe(asked.stdout);
  });

  it('names every command', async () => {
    const { stdout, exitStatus } = await ringfence(['help']);
    expect(stdout.match(/^ {2}[a-z]+/gm)?.map((line) => line.trim())).toEqual(COMMANDS);
    expect(exitStatus).toBe(0);
  });

  it('says which Ringfence it is', async () => {
    for (const args of [['--version'], ...COMMANDS.map((command) => [command, '--version'])])
      expect((await commandHere(args)).stdout).toBe(`ringfence ${packageJson.version}\n`);
  });

  it('says of an unknown option which was probably meant', async () => {
    const { stderr, exitStatus } = await ringfence(['run', '--polcy', 'plain']);
    expect(stderr).toMatch(/^ringfence: unknown option "--polcy"; did you mean "--policy"\? there is: --/);
    expect(exitStatus).toBe(2);
  });
});

describe.concurrent('around a run', () => {
  /** @param script of a shell, which has the command in its arguments */
  const inShell = (script: string, report: string) =>
    promisify(execFile)('bash', ['-c', script, 'bash', process.execPath, MAIN, ...ONE_CELL, '--report', report]);

  it('ends as it would have when nobody reads its output', async () => {
    await using place = await scratch();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    const { stdout, stderr } = await inShell('"$@" | true; echo "status ${PIPESTATUS[0]}"', place.dir);
    expect(stdout).toBe('status 0\n');
    expect(stderr).not.toMatch(/EPIPE|unexpected error/);
    expect(await readdir(place.dir)).toContain('index.html');
  });

  it('keeps its verdicts where what it prints has no room, and says so in the end', async () => {
    await using place = await scratch();
    const { stdout, stderr } = await inShell('"$@" >/dev/full; echo "status $?"', place.dir);
    expect(stdout).toBe('status 3\n');
    expect(stderr).toMatch(/\nringfence: what was written to standard output is not complete: ENOSPC: no space .*\n$/);
    expect(await readdir(place.dir)).toContain('index.html');
  });

  it('refuses a folder that another run writes to, whatever it is called', async () => {
    await using place = await scratch();
    const [dir, alias] = [join(place.dir, 'report'), join(place.dir, 'alias')];
    await mkdir(dir);
    await symlink(dir, alias);
    // A minute's work: whoever is refused may be slow to ask.
    const first = spawn(process.execPath, [MAIN, ...ONE_CELL, '--repeat', '60', '--rate', '1', '--report', dir], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(first, 'exit');
    // Its first line comes when the folder is its own.
    await once(first.stderr.setEncoding('utf8'), 'data');
    first.stderr.resume();
    const second = await ringfence([...ONE_CELL, '--report', alias]);
    first.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(second.stderr).toContain(`another ./ringfence writes its report to ${alias}; name another folder, or wait`);
    expect(second.exitStatus).toBe(2);
    expect((await ringfence(['report', alias, '--no-allure'])).exitStatus).toBe(0);
  });

  it('leaves nothing of the run that was in the same folder before', async () => {
    await using place = await scratch();
    const older = [
      'allure.html',
      'data/0-older.js',
      'lab/caller-9-patient/messages.log.gz',
      'lab/kamailio.log.gz',
      'traces/calls-7.jsonl.gz',
    ];
    for (const file of older) await mkdir(join(place.dir, dirname(file)), { recursive: true });
    await Promise.all(older.map((file) => writeFile(join(place.dir, file), 'ringfenceData(')));
    const notes = ['lab/notes.txt', 'lab/notes.txt.gz'];
    for (const file of notes) await writeFile(join(place.dir, file), 'not ours');
    const leaves = async (): Promise<string[]> => {
      expect((await ringfence([...ONE_CELL, '--report', place.dir])).exitStatus).toBe(0);
      const files = await readdir(place.dir, { recursive: true });
      return files.filter((file) => older.includes(file) || notes.includes(file));
    };
    // Without results of ours it may be anybody's folder.
    const kept = [...older.filter((file) => !file.startsWith('data/')), ...notes];
    expect((await leaves()).toSorted()).toEqual(kept.toSorted());
    expect((await leaves()).toSorted()).toEqual(notes);
  });

  it('ends as judged when the summary of the step cannot be written', async () => {
    await using place = await scratch();
    const env = { GITHUB_STEP_SUMMARY: join(place.dir, 'no', 'such', 'folder') };
    const { exitStatus, stderr, stdout } = await ringfence([...ONE_CELL, '--report', place.dir], { env });
    expect(stderr).toMatch(/warning: the summary of the step, GITHUB_STEP_SUMMARY, was not written: ENOENT/);
    expect(stdout).toMatch(/^1 cells?: 1 pass/m);
    expect(exitStatus).toBe(0);
  });
});

describe.concurrent('colours of the matrix', () => {
  it.for([
    ['none in a pipe', {}, false],
    ['as FORCE_COLOR asks', { FORCE_COLOR: '1' }, true],
    ['none where NO_COLOR is set', { NO_COLOR: '1' }, false],
    ['in CI, too, where FORCE_COLOR asks', { FORCE_COLOR: '1', CI: 'true' }, true],
  ] as const)('%s', async ([, env, coloured]) => {
    await using place = await scratch();
    const plain = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
    const { stdout } = await ringfence([...ONE_CELL, '--report', place.dir], { env: { ...plain, ...env } });
    expect(stdout.includes('\u001B[')).toBe(coloured);
  });
});
