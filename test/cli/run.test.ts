import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { ringfence } from '../helpers/cli.ts';

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

let dir: string;
let mine: string;
let report: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  mine = await mkdtemp(join(dir, 'mine-'));
  report = join(dir, 'report');
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function results(): Promise<RunResults> {
  return JSON.parse(await readFile(join(report, 'results.json'), 'utf8')) as RunResults;
}

async function cellsOf(situation: string, variant: string): Promise<readonly CellResult[]> {
  return (await results()).cells.filter((cell) => cell.situation === situation && cell.variant === variant);
}

interface AllureResult {
  readonly name: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What allure-vitest wrote: one result per cell, each attributed to its own. */
async function allureResults(): Promise<AllureResult[]> {
  const folder = join(report, 'allure-results');
  const files = (await readdir(folder)).filter((name) => name.endsWith('-result.json'));
  return Promise.all(
    files.map(async (name) => {
      const result = JSON.parse(await readFile(join(folder, name), 'utf8'));
      const labels = result.labels.map((label: { name: string; value: string }) => [label.name, label.value]);
      return { name: result.name, status: result.status, labels: Object.fromEntries(labels) };
    }),
  );
}

async function run(...args: string[]): ReturnType<typeof ringfence> {
  return ringfence(['run', '--report', report, '--scenarios', mine, '--policy', 'plain', ...args]);
}

/** The code block of the README behind `<!-- name -->`. */
async function readmeExample(name: string): Promise<string> {
  const text = await readFile(README, 'utf8');
  const block = new RegExp(`<!-- ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (block === undefined) throw new Error(`the README has no block behind <!-- ${name} -->`);
  return block;
}

const NO_SCENARIO =
  "export const variants = [{ id: 'mine', title: 'x', kind: 'decoy', claims: [], headers: HEADERS }];\n";

describe('./ringfence run', () => {
  it('adds the header of the README, as written', { timeout: 60_000 }, async () => {
    await writeFile(join(mine, 'headers.ts'), await readmeExample('variant-example'));
    const { exitStatus, stdout } = await run('--variant', 'x-ring-only', '--situation', 'voicemail-busy');
    expect(await cellsOf('voicemail-busy', 'x-ring-only')).toMatchObject([
      { verdict: 'pass', observed: { outcome: 'engaged' } },
    ]);
    expect(stdout).toContain('x-ring-only');
    expect(exitStatus).toBe(0);
  });

  it('adds the situation of the README, as written', { timeout: 60_000 }, async () => {
    await writeFile(join(mine, 'busy-then-forward.ts'), await readmeExample('scenario-example'));
    const { exitStatus, stderr } = await run('--situation', 'forward-busy', '--variant', 'target-class-secondary');
    expect(await cellsOf('forward-busy', 'none')).toMatchObject([
      { verdict: 'pass', observed: { outcome: 'engaged' } },
    ]);
    expect(stderr).not.toContain('unexpected error');
    expect(exitStatus).toBe(0);
  });

  it("fails a cell whose scenario's own assertion fails, everywhere alike", { timeout: 60_000 }, async () => {
    const example = await readmeExample('scenario-example');
    await writeFile(join(mine, 'mine.ts'), example.replace('toHaveLength(1)', 'toHaveLength(7)'));
    const { exitStatus, stdout } = await run('--situation', 'forward-busy', '--variant', 'none');
    expect(await cellsOf('forward-busy', 'none')).toMatchObject([
      { verdict: 'fail', why: expect.stringContaining('own assertion failed') },
    ]);
    expect(stdout).toContain('own assertion failed');
    expect(await readFile(join(report, 'junit.xml'), 'utf8')).toMatch(/<failure/);
    expect(await allureResults()).toMatchObject([
      { name: 'none', status: 'failed', labels: { epic: 'plain', feature: 'forwarding', story: 'forward-busy' } },
    ]);
    expect(exitStatus).toBe(1);
  });

  it('carries a header with `;`, quotes, brackets and XML to the wire and to every report unharmed', {
    timeout: 60_000,
  }, async () => {
    const header = 'X-Odd: <a&b>;c="d;e";[call_id] %s \\\\ ]]> </script>';
    await writeFile(join(mine, 'odd.ts'), NO_SCENARIO.replace('HEADERS', JSON.stringify([header])));
    const { exitStatus } = await run('--variant', 'mine', '--situation', 'voicemail-busy');
    expect(await cellsOf('voicemail-busy', 'mine')).toMatchObject([{ verdict: 'pass' }]);
    expect((await results()).variants.find((each) => each.id === 'mine')?.headers).toEqual([header]);
    expect(await readFile(join(report, 'index.html'), 'utf8')).not.toContain(']]> </script>');
    expect(exitStatus).toBe(0);
  });

  it('runs over TCP as well', { timeout: 60_000 }, async () => {
    await writeFile(join(mine, 'any.ts'), NO_SCENARIO.replace('HEADERS', '["X-Any: 1"]'));
    const { exitStatus } = await run('--transport', 'tcp', '--situation', 'voicemail-no-answer', '--variant', 'mine');
    expect((await results()).cells.map((cell) => [cell.transport, cell.verdict])).toEqual([
      ['tcp', 'pass'],
      ['tcp', 'pass'],
    ]);
    expect(exitStatus).toBe(0);
  });

  it('says so when the report cannot be written where it was asked for', async () => {
    await writeFile(join(dir, 'file'), '');
    const { exitStatus, stderr } = await ringfence(['run', 'voicemail-busy', '--report', join(dir, 'file', 'report')]);
    expect(stderr).toMatch(/the report cannot be written to .*file\/report.*--report/);
    expect(exitStatus).toBe(2);
  });

  it('keeps what was called when the process of the assertions dies, and takes nothing for asserted', {
    timeout: 60_000,
  }, async () => {
    const scenario = (await readmeExample('scenario-example')).replace(
      /assert: [\s\S]*?\n {2}\},\n/,
      "assert: () => process.kill(process.pid, 'SIGKILL'),\n",
    );
    await writeFile(join(mine, 'dies.ts'), scenario);
    const { exitStatus, stderr } = await run('--situation', 'forward-busy', '--variant', 'x-no-voicemail');
    expect(stderr).toContain('warning: the tests of the cells');
    expect(exitStatus).toBe(3);
    expect((await results()).cells.map(({ verdict, why }) => [verdict, why])).toEqual(
      Array.from({ length: 2 }, () => [
        'inconclusive',
        expect.stringContaining(
          "the scenario's own assertion was not run: the process of the cell tests ended with SIGKILL",
        ),
      ]),
    );
  });
});
