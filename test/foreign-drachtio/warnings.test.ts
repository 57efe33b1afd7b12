import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { renderPage } from '../../harness/report/html/page.ts';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { mergeRuns } from '../../harness/results/merge.ts';
import { parseResults } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { NOTHING_SETTLED } from '../results/nothing-settled.ts';
import { sample } from '../results/sample.ts';

const SCHEMA = new URL('../../reports/schema/results.schema.json', import.meta.url);
const isResults = new Ajv2020({ strict: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);

const WARNING = 'the record of <voicemail> lacks something';
const warned = (warnings: unknown = [WARNING]): RunResults => {
  const results = sample();
  return { ...results, run: { ...results.run, warnings } } as RunResults;
};
const read = (results: RunResults): RunResults => parseResults(JSON.stringify(results), 'results.json');

describe('a warning of the run', () => {
  it('is kept by the results, and is nothing that older ones must have', () => {
    expect(isResults(warned())).toBe(true);
    expect(read(warned()).run.warnings).toEqual([WARNING]);
    expect(sample().run.warnings).toBeUndefined();
  });

  it.for([
    ['a text', WARNING],
    ['numbers', [1]],
    ['null', null],
  ] as const)('is a list of texts, not %s', ([, spoilt]) => {
    expect(isResults(warned(spoilt))).toBe(false);
    expect(() => read(warned(spoilt))).toThrow(/run\.warnings/);
  });

  it('stands in the console and on the page', () => {
    expect(renderMatrix(warned(), { colour: false, columns: 100 })).toContain(`To know: ${WARNING}`);
    expect(renderMatrix(sample(), { colour: false, columns: 100 })).not.toContain('To know');
    expect(renderPage(warned(), [], [], false, '').before).toContain('the record of &lt;voicemail&gt; lacks something');
  });

  it('outlives a merge, once', () => {
    const stored = (id: string) => {
      const results = warned();
      return runInMemory({ ...results, run: { ...results.run, id } }, async () => []);
    };
    expect(mergeRuns([stored('a'), stored('b')], NOTHING_SETTLED).results.run.warnings).toEqual([WARNING]);
  });
});
