import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { acrossOf, blocksIn } from '../../harness/report/across.ts';
import { acrossTable } from '../../harness/report/html/across.ts';
import { isIgnored, recommended } from '../../harness/report/html/client/recommend.ts';
import type { ANSWER_STATES, WhichAnswer, WhichData } from '../../harness/report/html/page-data.ts';
import { PageParts } from '../../harness/report/html/parts.ts';
import { whichData } from '../../harness/report/html/which.ts';
import { renderAnswer } from '../../harness/report/matrix.ts';
import { type AnswerRun, answerRun } from './answer-run.ts';
import { syntheticResults } from './synthetic-run.ts';

const SITUATIONS = {
  'voicemail-no-answer': 'voicemail',
  'voicemail-busy': 'voicemail',
  'team-ring': 'team-ring',
} as const;
const NONE = ['o', 'o', 'o'];

/** Several servers or policies as one run. */
function together(...runs: readonly Omit<AnswerRun, 'situations'>[]): RunResults {
  const all = runs.map((run) => answerRun({ situations: SITUATIONS, ...run }).results);
  const [first] = all;
  if (first === undefined) throw new Error('no run was given');
  return {
    ...first,
    run: { ...first.run, servers: Object.assign({}, ...all.map(({ run }) => run.servers)) },
    variants: [...new Map(all.flatMap(({ variants }) => variants).map((row) => [row.id, row])).values()],
    cells: all.flatMap(({ cells }) => cells),
  };
}

const works = { none: NONE, 'target-class-secondary': ['-', '-', '-'], 'sensitivity-private': ['o', 'o', 'o'] };
const ignores = { none: NONE, 'target-class-secondary': NONE, 'sensitivity-private': NONE };

const columnsOf = (results: RunResults): string[] =>
  acrossOf(results).columns.map((column) =>
    blocksIn(column)
      .map(({ policy }) => policy)
      .join(' = '),
  );

describe('the columns of all servers and policies', () => {
  it('are one where every cell came out the same', () => {
    expect(
      columnsOf(
        together(
          { policy: 'ms-sipre', rows: works },
          { policy: 'rgs-2009', rows: works },
          { policy: 'plain', rows: ignores },
        ),
      ),
    ).toEqual(['ms-sipre = rgs-2009', 'plain']);
  });

  it.for<[string, readonly string[]]>([
    ['another outcome', ['-', 'o', '-']],
    ['a phone that is not called', ['-', 'x', '-']],
    ['a cell that was not run', ['-', ' ', '-']],
    ['a cell against the sources', ['-', '-f', '-']],
    ['a cell that is unsupported', ['-', '-s', '-']],
  ])('are two with %s', ([, row]) => {
    const other = { ...works, 'target-class-secondary': row };
    expect(columnsOf(together({ rows: works }, { policy: 'plain', rows: other }))).toEqual(['ms-sipre', 'plain']);
  });

  it('are never one over what is not proven, however alike', () => {
    const open = { ...works, 'target-class-secondary': ['-i', '-', '-'] };
    expect(columnsOf(together({ rows: open }, { policy: 'plain', rows: open }))).toEqual(['ms-sipre', 'plain']);
  });

  it('contradict each other where both know; what a server has not contradicts nobody', () => {
    const lacks = {
      none: ['os', 'os', 'os'],
      'target-class-secondary': ['-s', '-s', '-s'],
      'sensitivity-private': ['os', 'os', 'os'],
    };
    const differing = (results: RunResults): string[] =>
      acrossOf(results).inhibitors.flatMap(({ variant, differs }) => (differs ? [variant.id] : []));
    expect(differing(together({ rows: works }, { policy: 'plain', rows: ignores }))).toEqual([
      'target-class-secondary',
    ]);
    expect(differing(together({ rows: works }, { policy: 'plain', rows: lacks }))).toEqual([]);
    const refuses = { ...works, 'target-class-secondary': ['x', 'x', 'x'] };
    expect(differing(together({ rows: works }, { policy: 'plain', rows: refuses }))).toEqual([
      'target-class-secondary',
    ]);
  });
});

describe('the table of all servers and policies', () => {
  const markup = (results: RunResults): string => acrossTable(acrossOf(results), results, new PageParts(0))?.text ?? '';
  const textOf = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

  it('says which columns are the same, and in how many cells', () => {
    const text = textOf(
      markup(together({ rows: works }, { policy: 'rgs-2009', rows: works }, { policy: 'plain', rows: ignores })),
    );
    expect(text).toContain('rgs-2009 as ms-sipre in all 9 cells');
    expect(text).toContain('ms-sipre and rgs-2009 plain');
    expect(text).toContain('(hides 1 of 2 headers)');
  });

  it('says in which cells one is not the same all the same, and leads to the first', () => {
    const skipped = { none: ['x', 'o', 'o'], 'target-class-secondary': ['-', '-', '-'] };
    const silent = { ...skipped, 'target-class-secondary': ['x', '-', '-'] };
    const run = together({ rows: skipped }, { policy: 'rgs-2009', rows: silent }, { policy: 'plain', rows: skipped });
    const cells = run.cells.map((cell) =>
      cell.id === 'kamailio/plain/voicemail-busy/none/udp/direct'
        ? { ...cell, observed: { ...cell.observed, status: 603 } }
        : cell,
    );
    const results = { ...run, cells };
    const html = markup(results);
    expect(textOf(html).replaceAll('&#39;', "'")).toContain(
      "rgs-2009 as ms-sipre but for one cell in which the callee's own phone is not called plain as ms-sipre but for the final response of one cell",
    );
    expect(html).toContain(
      '<a href="#kamailio/rgs-2009/voicemail-no-answer/target-class-secondary/udp/direct">but for',
    );
    expect(renderAnswer(results, { colour: false, columns: 100 }).replaceAll(/\s+/g, ' ')).toContain(
      "ms-sipre (and rgs-2009: the same but for one cell in which the callee's own phone is not called; plain: the same but for the final response of one cell): ",
    );
  });

  it('leads from each feature to a call that shows it', () => {
    const mixed = { none: NONE, 'target-class-secondary': ['-', '-', 'o'] };
    const html = markup(
      together({ rows: mixed }, { policy: 'plain', rows: { none: NONE, 'target-class-secondary': NONE } }),
    );
    expect(html).toMatch(
      /○<\/i>.*<a href="#kamailio\/ms-sipre\/voicemail-no-answer\/target-class-secondary\/udp\/direct"><span title="voice mail: kept out">/,
    );
    expect(html).toMatch(
      /●<\/i>.*<a href="#kamailio\/ms-sipre\/team-ring\/target-class-secondary\/udp\/direct"><span title="team ring: not kept out">/,
    );
  });

  it('is left out where there is one column, and nothing that folded into it', () => {
    expect(markup(together({ rows: works }))).toBe('');
  });
});

describe('the header to send', () => {
  type State = (typeof ANSWER_STATES)[number];
  const answer = (states: readonly State[], phone: readonly [number, number] = [0, 3]): WhichAnswer => ({
    features: states.map((state) => [ORDER.indexOf(state), 0, 0]),
    phone: [...phone, 0],
    claims: [],
  });
  const ORDER: readonly State[] = ['kept-out', 'mixed', 'not-kept-out', 'not-proven', 'unsupported', 'not-asked'];
  const row = (
    variant: string,
    answers: readonly (WhichAnswer | null)[],
    isDescribed = true,
  ): WhichData['rows'][number] => ({
    variant,
    lines: [`${variant}: yes`],
    isDescribed,
    answers,
  });
  const found = (rows: WhichData['rows'], features = [0], columns = [0]): string[] =>
    recommended({ rows }, { features, columns }).map(
      ({ row: { variant }, proven, notProven }) => `${variant} ${proven}|${notProven}`,
    );

  it.for<[State, boolean]>([
    ['kept-out', true],
    ['mixed', false],
    ['not-kept-out', false],
    ['not-proven', false],
    ['unsupported', false],
    ['not-asked', false],
  ])('is one that is proven to keep the call out: %s', ([state, isOne]) => {
    expect(found([row('a', [answer([state])])])).toEqual(isOne ? ['a 0|'] : []);
  });

  it('is none that silences the phone, nor one that was not seen to let it ring, nor one that was not sent', () => {
    expect(
      found([row('a', [answer(['kept-out'], [1, 3])]), row('b', [answer(['kept-out'], [0, 0])]), row('c', [null])]),
    ).toEqual([]);
  });

  it('keeps the call out of all that is asked; what the server has not, it cannot get into', () => {
    const rows = [row('a', [answer(['kept-out', 'not-kept-out'])]), row('b', [answer(['kept-out', 'unsupported'])])];
    expect(found(rows, [0, 1])).toEqual(['b 0|']);
  });

  it('is the one of most servers, then the one that a source describes, then the one that does least beside', () => {
    const rows = [
      row('decoy', [answer(['kept-out', 'not-kept-out']), answer(['kept-out', 'not-kept-out'])], false),
      row('more', [answer(['kept-out', 'kept-out']), answer(['kept-out', 'kept-out'])]),
      row('least', [answer(['kept-out', 'not-kept-out']), answer(['kept-out', 'not-kept-out'])]),
      row('one', [answer(['kept-out', 'not-kept-out']), answer(['not-proven', 'not-kept-out'])]),
    ];
    expect(found(rows, [0], [0, 1])).toEqual(['least 0,1|', 'more 0,1|', 'decoy 0,1|', 'one 0|1']);
  });

  it('is harmless where it is proven to be ignored, and nowhere else', () => {
    expect(isIgnored(answer(['not-kept-out', 'unsupported']))).toBe(true);
    expect(isIgnored(answer(['not-kept-out', 'not-proven']))).toBe(false);
    expect(isIgnored(answer(['unsupported', 'unsupported']))).toBe(false);
    expect(isIgnored(answer(['not-kept-out', 'not-kept-out'], [1, 3]))).toBe(false);
    expect(isIgnored(answer(['not-kept-out', 'not-kept-out'], [0, 0]))).toBe(false);
  });

  it('is asked of what the run has: no malformed header, and none on two lines', () => {
    const rows = { ...works, 'target-class-secondary-folded': ['-', 'o', '-'], 'sensitivity-invalid': ['-', '-', '-'] };
    const data = whichData(together({ rows }, { policy: 'plain', rows: ignores }));
    expect(data.rows.map(({ variant }) => variant)).toEqual(['target-class-secondary', 'sensitivity-private']);
    expect(data.columns.map(({ name }) => name)).toEqual(['ms-sipre', 'plain']);
    expect(recommended(data, { features: [0, 1], columns: [0] }).map(({ row: { lines } }) => lines)).toEqual([
      ['Ms-Target-Class: secondary'],
    ]);
    expect(recommended(data, { features: [0], columns: [1] })).toEqual([]);
  });
});

describe('the answer on the console', () => {
  const said = (results: RunResults): string => renderAnswer(results, { colour: false, columns: 100 });

  it('has a sentence and a column for each, the same ones once', () => {
    const text = said(
      together({ rows: works }, { policy: 'rgs-2009', rows: works }, { policy: 'plain', rows: ignores }),
    );
    expect(text).toMatch(
      /^1 {2}ms-sipre \(and rgs-2009: the same in all 9 cells\): Ms-Target-Class: secondary keeps a call out of/m,
    );
    expect(text).toMatch(/^2 {2}plain: No header keeps a call out of anything/m);
    expect(text).toMatch(/^ +1 +2\nno header +●● +●●\nMs-Target-Class: secondary +○○ +●●$/m);
    expect(text).toContain('Seen to keep a call out of nothing: Ms-Sensitivity: private');
  });

  it('names headers that no source recommends, unless they are many', () => {
    const decoys = ['x-no-voicemail', 'answer-mode-manual', 'target-class-unknown', 'target-class-primary'];
    const idle = (count: number): string => {
      const rows = {
        none: ignores.none,
        ...Object.fromEntries(decoys.slice(0, count).map((id) => [id, ignores.none])),
      };
      return said(together({ rows }, { policy: 'plain', rows }));
    };
    expect(idle(3)).toMatch(
      /^Seen to keep a call out of nothing: Ms-Target-Class: tertiary, Answer-Mode: Manual, X-No-Voicemail:\strue$/m,
    );
    expect(idle(4)).toContain('Seen to keep a call out of nothing: 4 that no source recommends');
  });

  it.for([100, 60])('of a run of full size is a screenful of %i columns and names where the rest is', (columns) => {
    const results = syntheticResults();
    const lines = renderAnswer(results, { colour: false, columns }).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.at(-2)).toBe('the matrix and the claims: matrix.txt, beside the report');
    const ofFindings = lines.findIndex((line) => /^(fail|inconclusive|unsteady): /.test(line));
    expect(ofFindings).toBeGreaterThan(10);
  });

  it('has the matrix of a single policy in it', () => {
    expect(said(together({ rows: works }))).toMatch(/^target-class-secondary +○ +○ +○$/m);
  });
});
