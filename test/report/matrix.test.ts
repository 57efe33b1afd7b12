import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { sample } from '../results/sample.ts';
import { syntheticResults } from './synthetic-run.ts';
import { withoutColours } from './without-colours.ts';

const plain = (results: RunResults, columns = 100): string => renderMatrix(results, { colour: false, columns });

describe('renderMatrix', () => {
  it('shows the sample like this', () => expect(plain(sample())).toMatchFileSnapshot('sample-matrix.txt'));

  it('shows the same with colours, and no colour unless asked', () => {
    const coloured = renderMatrix(sample(), { colour: true, columns: 100 });
    expect(coloured).toContain('\u001b[1;31m');
    expect(withoutColours(coloured)).toBe(plain(sample()));
    expect(plain(sample())).not.toContain('\u001b');
  });

  it.each([100, 80, 60])('fits a run of full size into %i columns, every cell once', (columns) => {
    const results = syntheticResults();
    const text = plain(results, columns);
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([]);
    const tables = text.slice(text.indexOf('ms-sipre on'), text.lastIndexOf('● not kept out'));
    expect([...tables.matchAll(/[●○·]/g)]).toHaveLength(results.cells.length);
  });

  it('puts fifteen situations side by side at 100 columns', () => {
    const results = syntheticResults();
    const situations = results.situations.slice(0, 15);
    const cells = results.cells.filter(({ situation }) => situations.some(({ id }) => id === situation));
    expect(plain({ ...results, situations, cells })).toMatch(/^ +1 +2 +3 +4 +5 +6 +7 +8 +9 +10 +11 +12 +13 +14 +15$/m);
  });

  it('has the claims that a cell of the run bears on, settled or not, and says how many others there are', () => {
    const run = sample();
    const [cell] = run.cells;
    if (cell === undefined) throw new Error('no cell');
    const open = { policy: cell.policy, held: 'not-settled' } as const;
    const text = plain({
      ...run,
      claimResults: [
        ...run.claimResults,
        { ...open, claim: 'of-a-silent-cell', cells: [cell.id] },
        { ...open, claim: 'of-no-cell', cells: [cell.id.replace(cell.situation, 'another')] },
      ],
    });
    expect(text).toMatch(/^of-a-silent-cell .*open/m);
    expect(text).not.toContain('of-no-cell');
    expect(text.replaceAll('\n', ' ')).toContain('open: not settled; 1 more that no cell of this run bears on');
  });

  it('says once what hundreds of cells share, with one command', () => {
    const results = syntheticResults();
    const cells = results.cells.map((cell, index) => ({
      ...cell,
      verdict: 'inconclusive' as const,
      why: `no canary reached voice mail ${index} ms after the window`,
    }));
    const text = plain({ ...results, cells });
    expect(text.match(/^inconclusive: /gm)).toHaveLength(1);
    expect(text.match(/ringfence run/g)).toHaveLength(1);
    expect(text).toContain(`and ${(cells.length - 1).toLocaleString('en-US')} more like it, altogether in 6 policies`);
  });

  it('names the causes that it leaves out', () => {
    const results = syntheticResults();
    const cells = results.cells.slice(0, 40).map((cell, index) => ({
      ...cell,
      verdict: 'fail' as const,
      why: `reason ${'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[index]}`,
    }));
    const text = plain({ ...results, cells });
    expect(text.match(/^fail: /gm)).toHaveLength(12);
    expect(text).toContain('and 28 more causes of 28 cells: see index.html');
    expect(text).toMatch(/^40 cells: 0 pass, 40 fail, 0 inconclusive, 0 unsupported, 0 unspecified; 40 to look at$/m);
  });

  it('breaks a long command so that a shell still reads it as one word', () => {
    const [cell] = sample().cells;
    if (cell === undefined) throw new Error('the sample has cells');
    const rerun = `./ringfence run ${'situation-with-a-long-name/'.repeat(8)}direct`;
    const text = plain({ ...sample(), cells: [{ ...cell, verdict: 'fail', why: 'it failed', rerun }] }, 80);
    expect(text.replaceAll('\\\n', '')).toContain(rerun);
  });

  it('does without cells, claims and situations', () => {
    const empty = { ...sample(), cells: [], claims: [], claimResults: [], situations: [], variants: [] };
    expect(plain(empty)).toContain('0 cells: 0 pass');
  });
});
