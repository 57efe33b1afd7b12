import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstDifference, impersonal } from '../../bench/compare.ts';
import { parseSuiteArgs } from '../../bench/suite/command.ts';
import { measureInTurn, median } from '../../bench/suite/in-turn.ts';
import { labReadyMs, measureRun } from '../../bench/suite/measured-run.ts';
import { type Checkout, type Measured, type Part, parts } from '../../bench/suite/parts.ts';
import { readRecorded, writeRecorded } from '../../bench/suite/previous.ts';
import { type Numbers, PARTS } from '../../bench/suite/rows.ts';
import { benchAll, estimateMinutes } from '../../bench/suite/suite.ts';
import { missedTargets, table } from '../../bench/suite/table.ts';
import { UsageError } from '../../harness/errors.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const THIS: Checkout = { name: 'this', dir: 'a', runOptions: new Set(['--repeat']) };
const PREVIOUS: Checkout = { name: 'previous', dir: 'b', runOptions: new Set(['--rate']) };
const QUIET = { otherCpus: 0.01, stolenCpus: 0 } as const;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-suite-test-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function part(measure: (checkout: Checkout) => Measured, over: Partial<Part> = {}): Part {
  return {
    title: 'fifteen cells',
    repeated: true,
    usualSeconds: 10,
    measure: async ({ checkout }) => measure(checkout),
    ...over,
  };
}
const gave = (numbers: Numbers, over: Partial<Measured> = {}): Measured => ({
  numbers,
  others: QUIET,
  countedBy: 'control group',
  remarks: [],
  ...over,
});
const inTurn = (each: Part, over: { runs?: number; withinMs?: number } = {}) =>
  measureInTurn({ parts: [['selection', each]], checkouts: [THIS, PREVIOUS], runs: 3, dir, withinMs: 60_000, ...over });

describe('measuring in turn', () => {
  it('takes one after the other, and the median of each', async () => {
    const order: string[] = [];
    const seconds = { this: [4, 9, 5], previous: [11, 10, 12] };
    const columns = await inTurn(
      part(({ name }) => {
        order.push(name);
        return gave({ 'selection.seconds': seconds[name].shift() ?? Number.NaN });
      }),
    );
    expect(order).toEqual(['this', 'previous', 'this', 'previous', 'this', 'previous']);
    expect(columns.get(THIS)?.numbers['selection.seconds']).toBe(5);
    expect(columns.get(THIS)?.values['selection.seconds']).toEqual([4, 9, 5]);
    expect(columns.get(PREVIOUS)?.numbers['selection.seconds']).toBe(11);
  });

  it('measures once what takes long, and says what gave no number', async () => {
    const columns = await inTurn(part(() => gave({ 'selection.seconds': 4 }), { repeated: false }));
    expect(columns.get(THIS)?.values['selection.seconds']).toEqual([4]);
    expect(columns.get(THIS)?.notMeasured).toEqual({
      'selection.labReadyMs': 'it gave no such number',
      'selection.unproven': 'it gave no such number',
    });
  });

  it('says why one version cannot be measured, and goes on with the other', async () => {
    const columns = await inTurn(part(() => gave({ 'selection.seconds': 4 }), { needs: '--repeat' }));
    expect(columns.get(PREVIOUS)?.notMeasured['selection.seconds']).toBe('this version has no option --repeat');
    expect(columns.get(PREVIOUS)?.remarks).toEqual([]);
    expect(columns.get(THIS)?.values['selection.seconds']).toEqual([4, 4, 4]);
  });

  it('tells of a machine that was not quiet, of failures, and of what runs had to say', async () => {
    const busy = await inTurn(
      part(() => gave({}, { others: { otherCpus: 0.6, stolenCpus: 0.2 }, remarks: ['3 cells failed'] })),
      { runs: 1 },
    );
    expect(busy.get(THIS)?.remarks).toEqual([
      'selection, this: not quiet, other programs used 0.60 CPUs',
      'selection, this: not quiet, the hypervisor withheld 0.20 CPUs',
      'selection, this: 3 cells failed',
    ]);
    const broken = await inTurn(
      part(() => {
        throw new Error('left no results');
      }),
    );
    expect(broken.get(THIS)?.remarks).toEqual(['selection, run 1 of 3, this: left no results']);
  });

  it('begins nothing when its time is over', async () => {
    const columns = await inTurn(
      part(() => gave({ 'selection.seconds': 4 })),
      { withinMs: 0 },
    );
    expect(columns.get(THIS)?.numbers).toEqual({});
    expect(columns.get(THIS)?.notMeasured['selection.seconds']).toMatch(/minutes were over/);
  });
});

describe('the table', () => {
  const wanted = [['selection', { title: 'fifteen cells' }]] as const;

  it('shows both, how many times as much, and the target', () => {
    const own = { numbers: { 'selection.seconds': 4.44, 'selection.unproven': 1 }, notMeasured: {} };
    const before = { numbers: { 'selection.seconds': 11.1, 'selection.labReadyMs': 1_234 }, notMeasured: {} };
    const lines = table(wanted, own, before)
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
    expect(lines).toEqual([
      ['this', 'previous', 'ratio', 'target'],
      [''],
      ['fifteen cells'],
      ['whole command', '4.4 s', '11.1 s', '0.40 x', 'at most 5 s', 'met'],
      ['server, phones and voice mail up and connected', '-', '1,234 ms', '-', 'at most 1,000 ms', 'not measured'],
      ['cells not proven', '1', '-', '-', 'at most 0', 'missed'],
    ]);
  });

  it('misses what was not measured, too', () => {
    const own = {
      numbers: { 'selection.seconds': 6, 'selection.unproven': 0 },
      notMeasured: { 'selection.labReadyMs': 'no /proc' },
    };
    expect(missedTargets(['selection'], own)).toEqual([
      'selection: whole command: 6.0 s, to be at most 5 s',
      'selection: not measured: no /proc',
    ]);
    const rate = { numbers: { 'long.cellsPerSecond': 299 }, notMeasured: {} };
    expect(missedTargets(['long'], rate)[0]).toBe('long: cells: 299 cells/s, to be at least 300 cells/s');
  });
});

describe('the numbers of the previous release', () => {
  it('are kept and read again', async () => {
    const file = join(dir, 'previous.json');
    const measured = { version: '0.1.0', commit: 'abc', measuredAt: '2026-11-26T21:00:00Z', machine: 'm', node: 'v24' };
    const recorded = { measured, runs: 3, numbers: { 'bare.seconds': 20 }, notMeasured: {}, remarks: [] };
    await writeRecorded(file, recorded);
    expect(await readRecorded(file)).toMatchObject(recorded);
  });

  it('are none in a first version, and refused when they are something else', async () => {
    expect(await readRecorded(join(dir, 'none.json'))).toBeNull();
    await writeFile(join(dir, 'other.json'), '{"schema":"x"}');
    await expect(readRecorded(join(dir, 'other.json'))).rejects.toThrow(UsageError);
    await writeFile(join(dir, 'cut.json'), '{"sch');
    await expect(readRecorded(join(dir, 'cut.json'))).rejects.toThrow(/is not JSON/);
  });

  it('are there, of every part but those that the version could not do', async () => {
    const recorded = await readRecorded(fileURLToPath(new URL('../../bench/previous.json', import.meta.url)));
    expect(recorded?.measured.version).toMatch(/^\d+\.\d+\.\d+/);
    const measured = [...Object.keys(recorded?.numbers ?? {}), ...Object.keys(recorded?.notMeasured ?? {})];
    for (const each of PARTS)
      expect(
        measured.some((row) => row.startsWith(`${each}.`)),
        each,
      ).toBe(true);
  });
});

describe('the command line of ./ringfence bench', () => {
  it('has defaults', () => {
    expect(parseSuiteArgs([], '')).toEqual({
      runs: 3,
      only: [],
      against: null,
      withinMs: 3_600_000,
      longCells: 100_000,
      reportCells: 10_000,
      record: false,
      json: false,
    });
  });

  it.for([['--runs', '0'], ['--part', 'nothing'], ['--no-such'], ['--within', 'soon']])('refuses %o', (args) =>
    expect(() => parseSuiteArgs(args, '')).toThrow(UsageError),
  );

  it('says how long it takes', () => {
    const all = Object.entries(parts({ longCells: 1_000, reportCells: 1_000 })) as [(typeof PARTS)[number], Part][];
    const matrix = all.filter(([id]) => id === 'matrix');
    expect(estimateMinutes(matrix, { 'matrix.seconds': 10 }, 6, [THIS, PREVIOUS])).toBe(2);
    expect(
      estimateMinutes(
        all.filter(([id]) => id === 'long'),
        {},
        6,
        [PREVIOUS],
      ),
    ).toBe(0);
  });

  it('refuses a folder that is no checkout, and a record of a part only', async () => {
    const options = { ...parseSuiteArgs([], ''), say: () => {} };
    await expect(benchAll({ ...options, against: dir })).rejects.toThrow(/no ringfence in it/);
    await expect(benchAll({ ...options, record: true, only: ['bare'] })).rejects.toThrow(/leave --part out/);
  });
});

describe('a median', () => {
  it.for([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ] as const)('of %o is %d', ([values, middle]) => expect(median(values)).toBe(middle));
});

describe('the start of the lab', () => {
  const line = (atMs: number, text: string) => ({ atMs, text });

  it('is from the first step of a run to the second', () => {
    const lines = [
      line(100, 'runtime: process'),
      line(200, '  0.0 s  starting the server under test'),
      line(275, '  0.1 s  provisioning'),
    ];
    expect(labReadyMs(lines)).toBe(75);
  });

  it('is not known of a run that tells other steps', () => {
    expect(labReadyMs([line(200, '  0.0 s  warming up'), line(275, '  0.1 s  provisioning')])).toBeNull();
    expect(labReadyMs([])).toBeNull();
  });
});

describe('real runs', () => {
  it('are measured to their end, and agree', { timeout: 300_000 }, async () => {
    const command = join(dir, 'ringfence');
    await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    await chmod(command, 0o755);
    const args = [
      '--runtime',
      'process',
      '--no-allure',
      '--policy',
      'plain',
      '--variant',
      'none',
      '--situation',
      'voicemail-busy',
    ];
    const measure = (name: string) => measureRun({ command, args, dir: join(dir, name), timeoutMs: 200_000 });
    const [measured, again] = await Promise.all([measure('run'), measure('again')]);
    expect(measured).toMatchObject({ calls: 1, proven: 1, cost: { exit: { code: 0 }, leftBehind: 0 } });
    expect(measured.labReadyMs).toBeGreaterThan(0);
    expect(measured.cost.cpuMs).toBeGreaterThan(0);
    expect(measured.cost.largest?.command).toMatch(/^node /);
    expect(firstDifference(impersonal(measured.results), impersonal(again.results))).toBeNull();
  });
});
