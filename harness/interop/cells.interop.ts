/** One vitest test per cell: reports its verdict, and runs the TypeScript assertion of its scenario. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as allure from 'allure-js-commons';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import type { CellResult } from '../model/results.ts';
import type { Scenario } from '../model/scenario.ts';
import type { CellCase } from './cell-case.ts';

/** Nothing was proven. Not an AssertionError, so that reports say "broken", not "failed". */
class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

const cases = JSON.parse(readFileSync(inject('cellCases'), 'utf8')) as CellCase[];
const withAllure = inject('allure');
const caseOf = new Map(cases.map((each) => [each.result.id, each]));

for (const [policy, ofPolicy] of Map.groupBy(cases, (each) => each.result.policy)) {
  describe(policy, () => {
    for (const [situation, ofSituation] of Map.groupBy(ofPolicy, (each) => each.result.situation)) {
      describe(situation, () => {
        for (const { result } of ofSituation) test(result.variant, { meta: { cell: result.id } }, testCell);
      });
    }
  });
}

/** One function for all: vitest reads the parameters of each that it is given out of its source. */
async function testCell(context: TestContext): Promise<void> {
  const { meta } = context.task;
  const cell = caseOf.get(meta.cell ?? '');
  if (cell === undefined) throw new Error(`there is no case for the cell ${meta.cell}`);
  const failure = await ownFailure(cell);
  if (failure !== null) meta.assertionFailed = failure.message;
  const result = failure === null ? cell.result : failed(cell.result, failure);
  if (withAllure) await describeForAllure({ ...cell, result });
  if (failure !== null) throw failure;
  tell(result, context);
}

/** What the scenario's own assertion says against a cell that passed; null: nothing, or there is none. */
async function ownFailure({ result, assertion }: CellCase): Promise<Error | null> {
  if (assertion === null || result.verdict !== 'pass') return null;
  try {
    (await scenarioIn(assertion.file, result.situation)).assert?.(assertion.seen, expect);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** As the run itself will put it down. */
function failed(result: CellResult, { message }: Error): CellResult {
  return { ...result, verdict: 'fail', why: `the scenario's own assertion failed: ${message}` };
}

function tell(result: CellResult, context: TestContext): void {
  const why = `${result.why}\nrerun: ${result.rerun}`;
  switch (result.verdict) {
    case 'pass':
      break;
    case 'fail':
      expect.fail(why);
      break;
    case 'inconclusive':
      throw new Inconclusive(why);
    case 'unspecified':
    case 'unsupported':
      context.skip(`${result.verdict}: ${result.why}`);
  }
}

async function scenarioIn(file: string, id: string): Promise<Scenario> {
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: Scenario | Scenario[] };
  const found = [module.default].flat().find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`${file} no longer defines the scenario "${id}"`);
  return found;
}

async function describeForAllure(cell: CellCase): Promise<void> {
  const { result, situationTitle, variantTitle, page, attachments } = cell;
  const { expected, observed } = result;
  await allure.labels(
    { name: 'epic', value: result.policy },
    { name: 'feature', value: result.feature },
    { name: 'story', value: result.situation },
    { name: 'tag', value: result.verdict },
    { name: 'policy', value: result.policy },
    { name: 'situation', value: result.situation },
    { name: 'variant', value: result.variant },
    { name: 'server', value: result.server },
  );
  await allure.parameter('server', result.server);
  await allure.parameter('policy', result.policy);
  await allure.parameter('situation', result.situation);
  await allure.parameter('variant', result.variant);
  await allure.description(
    [
      `${situationTitle}. Variant: ${variantTitle}.`,
      `Verdict: **${result.verdict}**${result.why === null ? '' : `: ${result.why}`}`,
      `Expected ${expected.outcome} (${expected.claims.join(', ') || 'no claim'}); observed ${observed.outcome}, final ${observed.status ?? 'none'}.`,
      `Rerun: \`${result.rerun}\``,
    ].join('\n\n'),
  );
  await allure.link(page, 'call beside its control', 'report');
  if (result.verdict !== 'fail' && result.verdict !== 'inconclusive') return;
  for (const { name, contentType, file } of attachments) await allure.attachmentPath(name, file, { contentType });
}
