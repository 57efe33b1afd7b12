import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { readVerdicts } from '../../harness/results/verdicts.ts';
import { writeResults } from '../../harness/results/write.ts';
import { scratch } from '../setup/scratch.ts';
import { sample } from './sample.ts';

const FILE = 'results.json';

describe('the verdicts of a run', () => {
  it('are those of its cells, whatever they are called and whatever is said of them', async () => {
    await using place = await scratch();
    const { cells, ...rest } = sample();
    const odd = cells.map((cell, nth) => ({
      ...cell,
      id: cell.id.replace('/udp/', `/"${nth}\\" \u2028ü, }/`),
      why: '\n "id": "another"\n "verdict": "fail"',
    }));
    await writeResults(place.dir, { ...rest, cells: odd }, new Map());
    const { verdicts, ...run } = (await readVerdicts(place.dir)) ?? { verdicts: null };
    expect(run).toEqual({ id: rest.run.id, startedAt: rest.run.startedAt });
    expect([...(verdicts ?? [])].toSorted()).toEqual(odd.map(({ id, verdict }) => [id, verdict]).toSorted());
  });

  it('are not told of a file that is written otherwise, cut short, or not there', async () => {
    await using place = await scratch();
    await writeResults(place.dir, sample(), new Map());
    const text = await readFile(join(place.dir, FILE), 'utf8');
    const variants = {
      compact: JSON.stringify(JSON.parse(text)),
      indented: JSON.stringify(JSON.parse(text), null, 2),
      short: text.slice(0, -200),
      unknown: text.replace(/\n "verdict": "\w+"/, '\n "verdict": "green"'),
      without: text.replace(/\n "verdict": "\w+",/, ''),
    };
    for (const [name, other] of Object.entries(variants)) {
      await mkdir(join(place.dir, name));
      await writeFile(join(place.dir, name, FILE), other);
      expect(other, name).not.toBe(text);
      expect(await readVerdicts(join(place.dir, name)), name).toBeNull();
    }
    expect(await readVerdicts(join(place.dir, 'nowhere'))).toBeNull();
  });

  it('are refused of another version', async () => {
    await using place = await scratch();
    await writeResults(place.dir, sample(), new Map());
    const file = join(place.dir, FILE);
    await writeFile(file, (await readFile(file, 'utf8')).replace('ringfence-results/2', 'ringfence-results/9'));
    await expect(readVerdicts(place.dir)).rejects.toThrow(UsageError);
  });
});
