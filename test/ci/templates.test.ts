/** docs/ci/*.yml: what users copy must be YAML, and every ./ringfence in it a command that exists. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseReportArgs } from '../../harness/cli/report.ts';
import { parseRunOptions } from '../../harness/cli/run-options.ts';

type Yaml = null | string | number | boolean | Yaml[] | { [key: string]: Yaml };

const read = (name: string): Yaml =>
  parse(readFileSync(new URL(`../../docs/ci/${name}`, import.meta.url), 'utf8'), { strict: true });

/** Every text in the file, wherever it is. */
function texts(value: Yaml): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

/** Arguments of every `./ringfence` line, with what the CI system puts in. */
function commands(value: Yaml): string[][] {
  const filled = (line: string): string =>
    line
      .replaceAll('$CI_NODE_INDEX', '2')
      .replaceAll('$CI_NODE_TOTAL', '3')
      .replaceAll(/\$\{\{ matrix\.shard \}\}/g, '2')
      .replaceAll(/\$\{\{ strategy\.job-total \}\}/g, '3');
  return texts(value)
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.trim().startsWith('./ringfence'))
    .map((line) => filled(line).trim().split(/\s+/).slice(1));
}

describe.each(['github-actions.yml', 'gitlab-ci.yml'])('docs/ci/%s', (name) => {
  const runs = commands(read(name)).filter(([command]) => command === 'run');
  const reports = commands(read(name)).filter(([command]) => command === 'report');

  it('runs the shards, and one policy in containers', () => {
    const options = runs.map(([, ...args]) => parseRunOptions(args));
    expect(options).toMatchObject([
      { runtime: 'process', shard: { index: 2, count: 3 }, reportDir: 'out/shard-2' },
      { runtime: 'docker', shard: null, selection: { policies: ['ms-sipre'], filters: [] } },
    ]);
  });

  it('merges them, and fails when they do', () => {
    expect(reports).toHaveLength(1);
    const { values, positionals } = parseReportArgs(reports[0]?.slice(1) ?? []);
    expect(values).toMatchObject({ check: true, out: 'out/report' });
    expect(positionals).toHaveLength(1);
  });

  it('has no other command than these', () => {
    expect(commands(read(name)).length).toBe(runs.length + reports.length);
  });
});

describe('docs/ci/github-actions.yml', () => {
  const { jobs } = read('github-actions.yml') as {
    jobs: Record<string, { steps: Record<string, Yaml>[]; strategy?: Yaml }>;
  };

  it('makes as many shards as it counts', () => {
    expect(jobs.calls?.strategy).toMatchObject({ 'fail-fast': false, matrix: { shard: [1, 2, 3] } });
  });

  it('keeps what a failed job leaves', () => {
    for (const [job, { steps }] of Object.entries(jobs)) {
      const uploads = steps.filter(
        ({ uses }) => typeof uses === 'string' && uses.startsWith('actions/upload-artifact@'),
      );
      expect(uploads, job).toHaveLength(1);
      expect(uploads[0]?.if, job).toBe('always()');
    }
  });

  it('gives the artifact of every shard a name of its own', () => {
    const upload = jobs.calls?.steps.find(({ uses }) => String(uses).startsWith('actions/upload-artifact@'));
    expect(upload?.with).toEqual({
      name: expect.stringMatching(/^shard-\$\{\{ matrix\.shard \}\}$/),
      path: expect.stringMatching(/^out\/shard-\$\{\{ matrix\.shard \}\}$/),
    });
  });

  it('merges after failed shards, too, from the artifacts that they leave', () => {
    const { report } = jobs as Record<
      string,
      { if?: string; needs?: string; steps: { with?: { pattern?: string } }[] }
    >;
    expect(report).toMatchObject({ needs: 'calls', if: expect.stringContaining('!cancelled()') });
    expect(report?.steps.find((step) => step.with?.pattern !== undefined)?.with?.pattern).toBe('shard-*');
  });
});

describe('docs/ci/gitlab-ci.yml', () => {
  const file = read('gitlab-ci.yml') as Record<string, Record<string, Yaml>>;

  it('keeps what a failed job leaves', () => {
    for (const job of ['calls', 'containers', 'report'])
      expect(file[job]?.artifacts, job).toMatchObject({ when: 'always' });
  });

  it('hands the folder of every shard to the job that merges', () => {
    expect(file.calls).toMatchObject({ parallel: 3, artifacts: { paths: ['out'] } });
    expect(file.report?.needs).toEqual([{ job: 'calls', artifacts: true }]);
  });

  it('merges after failed shards, too', () => expect(file.report).toMatchObject({ when: 'always', stage: 'report' }));
});
