import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATED, TRIED_BY } from '../../bench/mutation/scope.ts';
import {
  type AcceptedSurvivor,
  describeSurvivor,
  type MutationReport,
  percent,
  scores,
} from '../../bench/mutation/score.ts';
import { benchMutation } from '../../bench/mutation.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = ['const limit = 3;', 'if (a < b &&', '    c) go();', 'if (a < b) stop();'];

type Mutant = MutationReport['files'][string]['mutants'][number];

/** A mutant of the text between two positions, each `line:column`. */
function mutant(status: string, from: string, to: string, replacement = 'false'): Mutant {
  const position = (text: string) => {
    const [line = 0, column = 0] = text.split(':').map(Number);
    return { line, column };
  };
  return {
    mutatorName: 'ConditionalExpression',
    replacement,
    status,
    location: { start: position(from), end: position(to) },
  };
}

const reportOf = (...mutants: Mutant[]): MutationReport => ({
  files: { 'harness/x.ts': { source: SOURCE.join('\n'), mutants } },
});

const accepted: AcceptedSurvivor = {
  file: 'harness/x.ts',
  mutator: 'ConditionalExpression',
  original: 'a < b',
  replacement: 'false',
  lineText: 'if (a < b) stop();',
  reason: 'x',
};

describe('the score of a mutation run', () => {
  it('counts a mutant that was never tried by a test as one that nobody noticed, and leaves out what cannot be tried', () => {
    const all = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'CompileError', 'Ignored'];
    const { total, files } = scores(reportOf(...all.map((status) => mutant(status, '2:5', '2:10'))), []);
    expect(total).toMatchObject({ killed: 2, survived: 1, uncovered: 1, accepted: 0, untried: 3 });
    expect(files).toEqual([{ ...total, file: 'harness/x.ts' }]);
    expect(percent(total)).toBe(50);
  });

  it('leaves out an accepted survivor, wherever its line has moved to', () => {
    const { total, survivors, stale } = scores(reportOf(mutant('Survived', '4:5', '4:10')), [accepted]);
    expect(total).toMatchObject({ survived: 0, accepted: 1 });
    expect([survivors, stale]).toEqual([[], []]);
    expect(percent(total)).toBe(100);
  });

  it.for([
    ['elsewhere in the file', mutant('Survived', '2:5', '2:10')],
    ['replaced by something else', mutant('Survived', '4:5', '4:10', 'true')],
    ['of another text', mutant('Survived', '4:5', '4:6')],
  ] as const)('accepts no mutant %s, and tells that the entry is not needed', ([, other]) => {
    const { survivors, stale } = scores(reportOf(other), [accepted]);
    expect(survivors).toHaveLength(1);
    expect(stale).toEqual([accepted]);
  });

  it('accepts one survivor by one entry, and two that read the same by two', () => {
    const twins = reportOf(mutant('Survived', '4:5', '4:10'), mutant('NoCoverage', '4:5', '4:10'));
    expect(scores(twins, [accepted]).total).toMatchObject({ survived: 0, uncovered: 1, accepted: 1 });
    expect(scores(twins, [accepted, accepted]).total).toMatchObject({ uncovered: 0, accepted: 2 });
  });

  it('needs no entry any more once the mutant is noticed', () => {
    expect(scores(reportOf(mutant('Killed', '4:5', '4:10')), [accepted]).stale).toEqual([accepted]);
  });

  it('says nothing of entries for files that were not mutated this time', () => {
    expect(scores(reportOf(), [{ ...accepted, file: 'harness/y.ts' }]).stale).toEqual([]);
  });

  it('names a survivor with its place and its change on one line', () => {
    const [survived, uncovered] = scores(
      reportOf(mutant('Survived', '2:5', '3:6'), mutant('NoCoverage', '1:15', '1:16', '')),
      [],
    ).survivors.map(describeSurvivor);
    expect(survived).toBe('harness/x.ts:2 ConditionalExpression, survived: a < b && c -> false');
    expect(uncovered).toContain('harness/x.ts:1 ConditionalExpression, no test reaches it: 3 -> ');
  });
});

describe('the scope of a mutation run', () => {
  it('is this code, tried by tests that are there', () => {
    expect(globSync(MUTATED, { cwd: ROOT })).toEqual(expect.arrayContaining(['harness/judge/verdicts.ts']));
    expect(globSync(TRIED_BY, { cwd: ROOT }).length).toBeGreaterThan(5);
  });

  it('is not any other code', async () => {
    await expect(benchMutation({ paths: ['harness/plan/plan.ts'] })).rejects.toThrow(
      'harness/plan/plan.ts is not among',
    );
    await expect(benchMutation({ paths: ['harness/model/callee.ts', 'harness/cli'] })).rejects.toThrow(
      'harness/cli is not',
    );
  });

  it('holds every accepted survivor, which has a reason', () => {
    const text = readFileSync(`${ROOT}bench/mutation/survivors.json`, 'utf8');
    const entries = JSON.parse(text) as AcceptedSurvivor[];
    for (const { file, reason } of entries) {
      expect(existsSync(`${ROOT}${file}`), file).toBe(true);
      expect(reason.length, reason).toBeGreaterThan(10);
    }
  });
});
