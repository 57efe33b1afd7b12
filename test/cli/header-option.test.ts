import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { readRun } from '../../harness/results/read.ts';
import { ringfence } from '../helpers/cli.ts';
import { scratch } from '../setup/scratch.ts';

it('calls with a header of the command line, says in the end what came of it, and how to call so again', async () => {
  await using place = await scratch();
  const asked = ['--policy', 'ms-sipre', '--situation', 'voicemail-busy', '--no-allure', '--report', place.dir];
  const lines = ['--header', 'X-My-Header: yes', '--header', 'Ms-Target-Class: secondary'];
  const { stdout } = await ringfence(['run', ...asked, ...lines]);
  const { cells } = JSON.parse(await readFile(join(place.dir, 'results.json'), 'utf8')) as RunResults;
  expect(cells.map(({ variant }) => variant)).toEqual([
    'none',
    'header-x-my-header-yes',
    'header-ms-target-class-secondary',
  ]);
  expect(cells.map(({ proof }) => proof?.headersSent)).toEqual([
    [],
    ['X-My-Header: yes'],
    ['Ms-Target-Class: secondary'],
  ]);
  // The oracle reads the header, not the row: it is the built-in one's.
  expect(cells.map(({ expected }) => expected.outcome)).toEqual(['engaged', 'engaged', 'suppressed']);
  expect(cells[1]?.rerun).toBe(
    `./ringfence run ${cells[1]?.id} --header 'X-My-Header: yes' --header 'Ms-Target-Class: secondary'`,
  );
  expect(stdout).toContain(
    "ms-sipre: X-My-Header: yes: kept out of 0 of 1 feature; calls look exactly like the control's.\n",
  );
  expect(stdout.trimEnd().split('\n\n').at(-2)).toContain('kept out of 1 of 1 feature; voice mail');
});

// RFC 3261 7.3.1: UTF-8. The low byte of U+010A is a line feed.
it.for(['direct', 'b2bua-set', 'b2bua-copy'])('a header beyond ASCII is UTF-8 on the wire, %s', async (path) => {
  await using place = await scratch();
  const value = 'Anruf für José Ω 会議 Ċ X-Injected: yes';
  const asked = ['--policy', 'plain', '--situation', 'voicemail-busy', '--no-allure', '--path', path];
  const { stdout } = await ringfence(['run', ...asked, '--header', `Subject: ${value}`, '--report', place.dir]);
  expect(stdout).toContain('2 cells: 2 pass');
  const { results, traceOf } = await readRun(place.dir);
  const called = results.cells.find(({ variant }) => variant !== 'none');
  const messages = called === undefined ? [] : await traceOf(called);
  const invites = messages.filter(({ to, startLine }) => to === 'voicemail' && startLine.startsWith('INVITE '));
  expect(invites).toHaveLength(1);
  for (const { raw } of invites) expect(Buffer.from(raw, 'latin1').toString('utf8')).toContain(`Subject: ${value}\r\n`);
});

it.for(['direct', 'b2bua-copy'])(
  'a Max-Forwards takes the place of the one that the caller writes, %s',
  async (path) => {
    await using place = await scratch();
    const asked = ['--policy', 'plain', '--situation', 'voicemail-busy', '--no-allure', '--path', path];
    const lines = ['--header', 'Max-Forwards: 9', '--header', 'X-Other: 1'];
    const { stdout } = await ringfence(['run', ...asked, ...lines, '--report', place.dir]);
    expect(stdout).toMatch(/3 cells: 2 pass, 0 fail, 0 inconclusive, 0 unsupported, 1 unspecified/);
    const { results, traceOf } = await readRun(place.dir);
    const called = results.cells.find(({ variant }) => variant === 'header-max-forwards-9');
    const messages = called === undefined ? [] : await traceOf(called);
    const [sent] = messages.filter(({ from, startLine }) => from === 'caller' && startLine.startsWith('INVITE '));
    expect(sent?.raw.match(/^Max-Forwards:.*$/gim)).toEqual(['Max-Forwards: 9']);
  },
);
