/** Who the phones were stands in the results and in what is made of them. */
import { describe, expect, it } from 'vitest';
import { verdicts } from '../../harness/judge/verdicts.ts';
import type { RunResults } from '../../harness/model/results.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { plan } from '../../harness/plan/plan.ts';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { mergeRuns } from '../../harness/results/merge.ts';
import { parseResults } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { NOTHING_SETTLED } from '../results/nothing-settled.ts';
import { sample } from '../results/sample.ts';

const BARESIP = { id: 'baresip', name: 'baresip', version: '1.0.0' };

function played(ua: RunResults['run']['ua'] | null): RunResults {
  const results = sample();
  return ua == null ? results : { ...results, run: { ...results.run, ua } };
}

function merged(...uas: (typeof BARESIP | null)[]): RunResults['run'] {
  const [first, ...rest] = uas.map((ua) => runInMemory(played(ua), async () => []));
  if (first === undefined) throw new Error('nothing to merge');
  return mergeRuns([first, ...rest], NOTHING_SETTLED).results.run;
}

describe('the user agent under test', () => {
  it('is read from results, and may be absent', () => {
    expect(parseResults(JSON.stringify(played(BARESIP)), 'x').run.ua).toEqual(BARESIP);
    expect(parseResults(JSON.stringify(played(null)), 'x').run).not.toHaveProperty('ua');
    const spoilt = { ...played(null), run: { ...played(null).run, ua: { id: 'baresip' } } };
    expect(() => parseResults(JSON.stringify(spoilt), 'x')).toThrow(/run\.ua\.name/);
  });

  it('stands in the first lines of the matrix', () => {
    const head = (results: RunResults): string =>
      renderMatrix(results, { colour: false, columns: 200 }).split('\n', 1)[0] ?? '';
    expect(head(played(BARESIP))).toContain("baresip 1.0.0 as the callees' phones");
    expect(head(played(null))).not.toContain('phones');
  });

  it('is kept when runs are merged, or all are named', () => {
    expect(merged(null, null)).not.toHaveProperty('ua');
    expect(merged(BARESIP, BARESIP).ua).toEqual(BARESIP);
    expect(merged(BARESIP, null).ua).toEqual({
      id: 'baresip + phone',
      name: "baresip 1.0.0 + Ringfence's phones",
      version: '',
    });
  });

  it('is part of the command that runs a cell again', () => {
    const cells = plan(
      { server: 'kamailio', transport: 'udp', policies: ['plain'], scenarios, variants },
      { policies: [], situations: ['voicemail-busy'], variants: ['none'], filters: [] },
    );
    const input = {
      cells,
      observations: new Map(),
      expectationOf: (cell: (typeof cells)[number]) => expectation(cell.policy, cell.scenario, cell.variant),
    };
    const id = 'kamailio/plain/voicemail-busy/none/udp/direct';
    expect(verdicts(input).map(({ rerun }) => rerun)).toEqual([`./ringfence run ${id}`]);
    expect(verdicts({ ...input, rerunOptions: '--ua baresip' }).map(({ rerun }) => rerun)).toEqual([
      `./ringfence run ${id} --ua baresip`,
    ]);
  });
});
