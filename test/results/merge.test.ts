import { describe, expect, it } from 'vitest';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, CellRow, ClaimResult, Likeness, RunResults } from '../../harness/model/results.ts';
import { mergeRuns } from '../../harness/results/merge.ts';
import { runInMemory, type StoredRun, wholeRun } from '../../harness/results/stored-run.ts';
import { resultsText } from '../../harness/results/write.ts';
import { NOTHING_SETTLED } from './nothing-settled.ts';
import { sample } from './sample.ts';

/** A run whose traces tell which run and cell they came from. */
function stored(results: RunResults): StoredRun {
  return runInMemory(results, async (cell) => [{ startLine: `${results.run.id}: ${cell.id}` } as SeenMessage]);
}

function run(id: string, change: (results: RunResults) => Partial<RunResults> = () => ({})): RunResults {
  const results = sample();
  return { ...results, run: { ...results.run, id }, ...change({ ...results, run: { ...results.run, id } }) };
}

const failed = (cell: CellResult): CellResult => ({ ...cell, verdict: 'fail', why: 'changed' });
const onKamailio = (version: string) => (results: RunResults) => ({
  run: { ...results.run, servers: { kamailio: { name: 'Kamailio', version } } },
});

describe('mergeRuns', () => {
  it('leaves one run as it is, its claims too', () => {
    const only = stored(run('a'));
    expect(mergeRuns([only], NOTHING_SETTLED)).toBe(only);
  });

  it('takes the later run of the same cell, with its messages, in whatever matrix order it came', async () => {
    const [changed] = sample().cells;
    if (changed === undefined) throw new Error('the sample has cells');
    const merged = mergeRuns(
      [stored(run('a')), stored(run('b', () => ({ cells: [failed(changed)] })))],
      NOTHING_SETTLED,
    );
    expect(merged.results.cells.map((cell) => cell.id)).toEqual(sample().cells.map((cell) => cell.id));
    expect(merged.results.cells.filter((cell) => cell.why === 'changed').map((cell) => cell.id)).toEqual([changed.id]);
    const [first, second] = merged.results.cells;
    if (first === undefined || second === undefined) throw new Error('cells were lost');
    expect(await merged.traceOf(first)).toMatchObject([{ startLine: `b: ${first.id}` }]);
    expect(await merged.traceOf(second)).toMatchObject([{ startLine: `a: ${second.id}` }]);
  });

  it('keeps servers apart that share an id but not a version', async () => {
    const merged = mergeRuns(
      [stored(run('a', onKamailio('5.6.3'))), stored(run('b', onKamailio('5.8.1')))],
      NOTHING_SETTLED,
    );
    expect(Object.keys(merged.results.run.servers)).toEqual(['kamailio@5.6.3', 'kamailio@5.8.1']);
    expect(merged.results.cells).toHaveLength(2 * sample().cells.length);
    const [cell] = merged.results.cells.filter((each) => each.server === 'kamailio@5.8.1' && each.control !== null);
    expect(cell).toMatchObject({
      id: 'kamailio@5.8.1/ms-sipre/voicemail-busy/target-class-secondary/udp/direct',
      control: { id: 'kamailio@5.8.1/ms-sipre/voicemail-busy/none/udp/direct' },
      rerun: './ringfence run kamailio/ms-sipre/voicemail-busy/target-class-secondary/udp/direct',
    });
    if (cell === undefined) throw new Error('cells were lost');
    expect(await merged.traceOf(cell)).toMatchObject([
      { startLine: 'b: kamailio/ms-sipre/voicemail-busy/target-class-secondary/udp/direct' },
    ]);
    expect(resultsText(await wholeRun(merged))).toContain('kamailio@5.6.3');
  });

  it('names a server in full when the id does not say who it is', () => {
    const sbc = (name: string) => (results: RunResults) => ({
      run: { ...results.run, servers: { kamailio: { name, version: '1.0 beta/2' } } },
    });
    const merged = mergeRuns([stored(run('a', sbc('Kamailio'))), stored(run('b', sbc('Edge SBC')))], NOTHING_SETTLED);
    expect(Object.keys(merged.results.run.servers)).toEqual(['kamailio@1.0-beta-2', 'kamailio@Edge-SBC-1.0-beta-2']);
  });

  it('settles the claims over all cells, and only those that the runs know', () => {
    const settle = (cells: readonly CellRow[]): ClaimResult[] =>
      ['ms-sipre-invalid-400', 'no-such-claim'].map((claim) => ({
        claim,
        policy: 'plain',
        held: 'holds',
        cells: cells.map((cell) => cell.id),
      }));
    const { claimResults, cells } = mergeRuns([stored(run('a')), stored(run('b'))], {
      ...NOTHING_SETTLED,
      claims: settle,
    }).results;
    expect(claimResults).toEqual([
      { claim: 'ms-sipre-invalid-400', policy: 'plain', held: 'holds', cells: cells.map((cell) => cell.id) },
    ]);
  });

  it('puts a new row after the one it followed, and takes the later text', () => {
    const [first, second, ...rest] = sample().variants;
    if (first === undefined || second === undefined) throw new Error('the sample has variants');
    const fresh = { ...second, id: 'fresh' };
    const later = run('b', () => ({ variants: [{ ...first, title: 'new text' }, fresh, second] }));
    const { variants } = mergeRuns([stored(run('a')), stored(later)], NOTHING_SETTLED).results;
    expect(variants).toEqual([{ ...first, title: 'new text' }, fresh, second, ...rest]);
  });

  it('says so when any of the runs ended early', () => {
    const complete = run('b', (results) => ({ run: { ...results.run, ended: 'complete', trouble: null } }));
    expect(mergeRuns([stored(complete), stored(run('a'))], NOTHING_SETTLED).results.run).toMatchObject({
      id: 'b + a',
      ended: 'cancelled',
      trouble: 'a: cancelled by the user after 19 of 20 calls',
      durationMs: 2 * 8412,
      servers: { kamailio: { version: '5.6.3' } },
    });
  });

  it('asks anew which policy a live server behaves like, of all its cells and of no other server', () => {
    const live = (id: string, from: number, to?: number): RunResults =>
      run(id, (results) => ({
        run: { ...results.run, behavesLike: { kamailio: [] } },
        cells: results.cells.slice(from, to),
      }));
    const other = run('c', (results) => ({
      run: { ...results.run, servers: { stock: { name: 'Stock', version: '1' } } },
      cells: results.cells.map((cell) => ({ ...cell, server: 'stock', id: cell.id.replace('kamailio', 'stock') })),
    }));
    const asked: string[][] = [];
    const likeness = (cells: readonly CellRow[]): Likeness[] => {
      asked.push(cells.map(({ id }) => id));
      return [{ policy: 'plain', agrees: cells.length, against: [] }];
    };
    const { behavesLike } = mergeRuns([live('a', 0, 5), live('b', 5), other].map(stored) as [StoredRun], {
      ...NOTHING_SETTLED,
      likeness,
    }).results.run;
    expect(asked).toEqual([sample().cells.map(({ id }) => id)]);
    expect(behavesLike).toEqual({ kamailio: [{ policy: 'plain', agrees: sample().cells.length, against: [] }] });
  });

  it('says of a warning, and of what went wrong, which server it is of', () => {
    const of = (server: string): RunResults =>
      run('one run', (results) => ({
        run: { ...results.run, servers: { [server]: { name: server, version: '1' } }, warnings: ['it was late'] },
        cells: results.cells.map((cell) => ({ ...cell, server, id: cell.id.replace('kamailio', server) })),
      }));
    expect(mergeRuns([stored(of('a')), stored(of('b'))], NOTHING_SETTLED).results.run).toMatchObject({
      id: 'one run',
      warnings: ['a: it was late', 'b: it was late'],
      trouble: 'a: cancelled by the user after 19 of 20 calls; b: cancelled by the user after 19 of 20 calls',
    });
  });
});
