import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { CHECK_IDS } from '../../harness/model/checks.ts';
import { definitions, runResults } from '../../harness/model/results-schema.ts';
import { parseResults } from '../../harness/results/read.ts';
import { packLine } from '../../harness/results/text.ts';
import { syntheticRun } from '../report/synthetic-run.ts';
import { SAMPLE_DIR, sample } from './sample.ts';

const FILE = fileURLToPath(new URL('../../reports/schema/results.schema.json', import.meta.url));
const schema = JSON.parse(readFileSync(FILE, 'utf8')) as { $defs: Record<string, unknown> };
const ajv = new Ajv2020({ strict: true, allErrors: false });
const isResults = ajv.compile(schema);
const isTrace = ajv.compile({ $defs: schema.$defs, type: 'array', items: { $ref: '#/$defs/message' } });

describe('reports/schema/results.schema.json', () => {
  it('says what harness/model/results-schema.ts says; `vitest run FILE -u` writes it', async () => {
    const { $schema, title, description, ...rest } = toJsonSchema(runResults, {
      target: 'draft-2020-12',
      definitions,
      // JSON has no other numbers; the reader's refusal of 1e999 cannot be said there.
      ignoreActions: ['finite'],
    });
    await expect(`${JSON.stringify({ $schema, title, description, ...rest }, null, 2)}\n`).toMatchFileSnapshot(FILE);
  });

  it('accepts the sample and its traces', () => {
    expect(isResults(sample()), ajv.errorsText(isResults.errors)).toBe(true);
    for (const { trace } of sample().cells) {
      const messages: unknown = JSON.parse(readFileSync(`${SAMPLE_DIR}/${trace}`, 'utf8'));
      expect(isTrace(messages), `${trace}: ${ajv.errorsText(isTrace.errors)}`).toBe(true);
    }
  });

  it('accepts every check', () => {
    const checks = CHECK_IDS.map((id) => ({ id, holds: true, seen: 'x' }));
    const all = { ...sample(), cells: sample().cells.map((cell) => ({ ...cell, checks })) };
    expect(isResults(all), ajv.errorsText(isResults.errors)).toBe(true);
    expect(readerAccepts(all)).toBe(true);
  });

  it('accepts a run of full size', () => {
    const { results, traces } = syntheticRun();
    expect(isResults(results), ajv.errorsText(isResults.errors)).toBe(true);
    expect(isTrace(JSON.parse(packLine('a', [...traces.values()].flat().slice(0, 100))).messages)).toBe(true);
  });

  it('agrees with the reader about every field: missing, unknown, or of another type', () => {
    const whole = small();
    const spoilt = [...spoil(whole)];
    expect(spoilt.length).toBeGreaterThan(400);
    const rejected = spoilt.filter(({ value, what }) => {
      const valid = isResults(value);
      expect(readerAccepts(value), `${what}: schema says ${valid}`).toBe(valid);
      return !valid;
    });
    expect(rejected.length).toBeGreaterThan(300);
  });
});

/** One of each, so that spoiling every field stays cheap. */
function small(): unknown {
  const results = sample();
  const cells = results.cells.filter((cell) => cell.observed.notifications.length > 0).slice(0, 1);
  return {
    ...results,
    situations: results.situations.slice(0, 1),
    variants: results.variants.slice(1, 2),
    claims: results.claims.slice(0, 1),
    claimResults: results.claimResults.slice(1, 2),
    cells: cells.map((cell) => ({
      ...cell,
      control: { id: cell.id, outcome: 'engaged' },
      checks: [{ id: 'lab', holds: null, seen: 'x' }],
      repeats: {
        count: 3,
        agreed: false,
        others: [
          {
            attempt: 2,
            verdict: 'fail',
            outcome: 'engaged',
            status: 200,
            calleeRang: false,
            why: 'x',
            trace: 'traces/a.call-2.json',
          },
        ],
      },
    })),
  };
}

function readerAccepts(value: unknown): boolean {
  try {
    parseResults(JSON.stringify(value), 'results.json');
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

const REPLACEMENTS: readonly unknown[] = [null, 42, 4.5, 'no such word', 'a/b/c', true, {}, []];

/** Copies of a value, each wrong (or not) in one place. */
function* spoil(value: unknown, place = ''): Generator<{ value: unknown; what: string }> {
  if (typeof value !== 'object' || value === null) {
    for (const other of REPLACEMENTS) yield { value: other, what: `${place} = ${JSON.stringify(other)}` };
    return;
  }
  yield { value: null, what: `${place} = null` };
  if (Array.isArray(value)) {
    yield { value: {}, what: `${place} = {}` };
    for (const [index, item] of value.entries()) {
      for (const spoilt of spoil(item, `${place}[${index}]`))
        yield { ...spoilt, value: value.with(index, spoilt.value) };
    }
    return;
  }
  yield { value: { ...value, surplus: 1 }, what: `${place}.surplus` };
  for (const [key, item] of Object.entries(value)) {
    const { [key]: _left, ...rest } = value as Record<string, unknown>;
    yield { value: rest, what: `${place}.${key} missing` };
    for (const spoilt of spoil(item, `${place}.${key}`)) yield { ...spoilt, value: { ...value, [key]: spoilt.value } };
  }
}
