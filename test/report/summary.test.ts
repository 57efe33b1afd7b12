import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { answerSentences } from '../../harness/report/matrix/answer.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { sample } from '../results/sample.ts';
import { answerRun } from './answer-run.ts';
import { HOSTILE, hostileRun } from './hostile-run.ts';
import { syntheticResults } from './synthetic-run.ts';

/** As many causes as cells: every reason is another one. */
function allWrong(results: RunResults): RunResults {
  const letters = (index: number): string => [...`${index}`].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const cells = results.cells.map((cell, index) => ({
    ...cell,
    verdict: 'fail' as const,
    why: `${letters(index)} ${'reason '.repeat(80)}`,
  }));
  return { ...results, cells };
}

describe('renderSummary', () => {
  it('says first what went wrong, failures before what is inconclusive', () => {
    const text = renderSummary(sample());
    expect(text.split('\n')[0]).toBe('## Ringfence: 2 failed, 3 inconclusive');
    expect(text).toContain(
      '| fail | inconclusive | pass | unsupported | unspecified |\n| ---: | ---: | ---: | ---: | ---: |\n| 2 | 3 | 12 | 2 | 1 |',
    );
    const order = ['**fail**', '**inconclusive**', '<details', '### Cells'].map((part) => text.indexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('has the answer of each server and policy, as the console gives it', () => {
    const text = renderSummary(sample()).replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    const sentences = answerSentences(sample());
    expect(sentences).toHaveLength(3);
    for (const sentence of sentences) expect(text).toContain(`\n- ${sentence}\n`);
  });

  it('has a small matrix per policy, with what is wrong in it', () => {
    const text = renderSummary(sample());
    expect(text).toMatch(/^\| <code>Ms-Sensitivity: no-diversion<\/code> \| ● !1 \| +\| \? \?1 \| \? \?1 \|$/m);
    expect(text.match(/<details open>/g)).toHaveLength(1);
    expect(text.match(/<\/details>/g)).toHaveLength(3);
  });

  it('has the words of the page for its rows, and counts no situation that is no diversion', () => {
    const situations = { 'voicemail-busy': 'voicemail', 'answered-by-callee': 'voicemail' } as const;
    const rows = {
      none: ['o', '-'],
      'target-class-secondary': ['-', '-'],
      'target-class-secondary-folded': ['-', '-'],
    };
    const { results } = answerRun({ situations, rows });
    const kinds = results.situations.map((each, index) =>
      index === 0 ? each : { ...each, kind: 'over-blocking' as const },
    );
    const text = renderSummary({ ...results, situations: kinds });
    expect(text).toContain('| header | voice mail |');
    expect(text).toContain('| <code>no header</code> | ● |');
    expect(text).toContain('| <code>Ms-Target-Class: secondary (2 spellings)</code> | ○ |');
  });

  it('says which part of a divided run it is', () => {
    const { run, ...rest } = sample();
    expect(renderSummary({ ...rest, run: { ...run, shards: ['2/4'] } })).toContain('**Only 2/4 of the selection**');
  });

  it('stays below the limit, cuts whole parts, and says what is missing', () => {
    const results = allWrong(syntheticResults());
    const text = renderSummary(results);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900_000);
    expect(Buffer.byteLength(text)).toBeGreaterThan(800_000);
    expect(text).toMatch(/_[\d,]+ of [\d,]+ parts are left out here, .* see index\.html of the report\._\n$/);
    expect(text.match(/<details/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0);
    expect(Buffer.byteLength(renderSummary(results, 5_000))).toBeLessThanOrEqual(5_000);
  });

  it('does not let a text end a table, open an element, link or mention', () => {
    const text = renderSummary(hostileRun().results);
    const own = new Set([
      '<br>',
      '<code>',
      '</code>',
      '<details>',
      '<details open>',
      '</details>',
      '<summary>',
      '</summary>',
    ]);
    const elements = text.match(/<[^>]*>/g) ?? [];
    expect(elements.filter((element) => !own.has(element))).toEqual([]);
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(HOSTILE).toMatch(/https:\/\//);
  });

  it('leaves no mark of Markdown in what a server said', () => {
    const said = 'a | b `c` *d* _e_ [f](g) <h> # @name ~~k~~ www.example.test :tada: \\| $x$';
    const results = sample();
    const cells = results.cells.map((cell) => (cell.verdict === 'fail' ? { ...cell, why: said } : cell));
    const line = renderSummary({ ...results, cells })
      .split('\n')
      .find((each) => each.startsWith('- **fail**: a'));
    expect(line?.replace('- **fail**: ', '').replaceAll(/&#\d+;/g, '')).toMatch(/^[A-Za-z0-9 .:()]+$/);
    expect(line).not.toContain('www.');
  });
});
