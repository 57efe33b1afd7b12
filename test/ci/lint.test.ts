/** What is copied into, or used by, pipelines is held against the schemas of GitHub and GitLab. */
import { readFileSync } from 'node:fs';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { parseRunOptions } from '../../harness/cli/run-options.ts';
import { gitlabPreview } from './gitlab-preview.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const COMPONENT = read('templates/ringfence.yml');
const INCLUDED = {
  'templates/ringfence.yml': COMPONENT,
  '.gitlab-ci.yml': 'include: [{ local: templates/ringfence.yml }]\n',
};

/** A value that each option takes. */
const TAKEN: Readonly<Record<string, string>> = {
  server: 'asterisk',
  policy: 'plain',
  situation: 'voicemail-busy',
  variant: 'none',
  header: 'X-Mine: yes',
  transport: 'tcp',
  path: 'direct',
  caller: 'sipp',
  scenarios: 'scenarios',
  shard: '1/2',
  repeat: '2',
};

describe('GitHub', () => {
  it('takes the action', () => {
    expect(validateAction(read('action.yml')).errors).toEqual([]);
  });

  it('refuses one with a slip', () => {
    const { errors } = validateAction(read('action.yml').replace('description: Only this policy', 'describtion: x'));
    expect(JSON.stringify(errors)).toContain('describtion');
  });

  it.for(['docs/ci/github-actions.yml', 'docs/examples/repository/github.yml'])('takes %s', (file) => {
    expect(validateWorkflow(read(file)).errors).toEqual([]);
  });
});

describe('GitLab', () => {
  it.for(['docs/ci/gitlab-ci.yml', 'docs/examples/repository/gitlab-ci.yml'])('takes %s', async (file) => {
    await expect(gitlabPreview({ '.gitlab-ci.yml': read(file) })).resolves.toBeDefined();
  });

  it('takes the component', async () => {
    await expect(gitlabPreview(INCLUDED)).resolves.toHaveProperty('ringfence.artifacts.paths', ['ringfence-report']);
  });

  it('refuses one with a slip', async () => {
    const slipped = COMPONENT.replace('artifacts:', 'artefacts:').replace('when: always', 'wenn: always');
    await expect(gitlabPreview({ ...INCLUDED, 'templates/ringfence.yml': slipped })).rejects.toThrow('artefacts');
  });
});

describe('the inputs', () => {
  const action = parse(read('action.yml')) as { inputs: object; runs: { steps: { run?: string; env?: object }[] } };
  const scripts = action.runs.steps.flatMap(({ run = [] }) => run);
  const [spec, jobs] = parseAllDocuments(COMPONENT).map((document) => document.toJS());
  const [job] = Object.values(jobs as Record<string, { script: string[]; variables: object }>);
  const optionsIn = (script = ''): string[] => (/for option in ([a-z -]+);/.exec(script)?.[1] ?? '').split(' ');

  it('are the same on both platforms, but for what one of them has', () => {
    const named = new Set(Object.keys(action.inputs));
    const onlyThere = new Set(['working-directory', 'node-version', 'artifact']);
    const onlyHere = new Set(['job', 'stage', 'image']);
    expect(named.difference(onlyThere)).toEqual(new Set(Object.keys(spec.spec.inputs)).difference(onlyHere));
  });

  it('become options by the same words', () => {
    const [install = '', calls = ''] = scripts;
    expect(job?.script[0]).toBe(install);
    const until = (script: string): string => script.slice(0, script.indexOf('$OPTION_FILTERS'));
    expect(until(job?.script[1] ?? '')).toBe(until(calls));
    expect(until(calls)).not.toBe('');
  });

  it('of options are options of the command', () => {
    for (const option of optionsIn(scripts[1])) {
      expect(action.inputs, option).toHaveProperty(option);
      expect(() => parseRunOptions([`--${option}=${TAKEN[option]}`]), option).not.toThrow();
    }
    expect(optionsIn(scripts[1])).toHaveLength(Object.keys(TAKEN).length);
  });

  it('reach the shell as variables alone, which nobody can break out of', () => {
    expect(scripts.join('\n')).not.toContain('${{');
    expect(job?.script.join('\n')).not.toContain('$[[');
    const variables = optionsIn(scripts[1]).map((option) => `OPTION_${option.toUpperCase()}`);
    expect(Object.keys(action.runs.steps.at(2)?.env ?? {})).toEqual(expect.arrayContaining(variables));
    expect(Object.keys(job?.variables ?? {})).toEqual(expect.arrayContaining(variables));
  });
});
