/** One vitest test per cell: reports its verdict, and runs the TypeScript assertion of its scenario. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as allure from 'allure-js-commons';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import type { CellCase } from './cell-case.ts';

/** Nothing was proven. Not an AssertionError, so that reports say "broken", not "failed". */
class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

const cases = JSON.parse(readFileSync(inject('cellCases'), 'utf8')) as CellCase[];

for (const [policy, ofPolicy] of Map.groupBy(cases, (each) => each.result.policy)) {
  describe(policy, () => {
    for (const [situation, ofSituation] of Map.groupBy(ofPolicy, (each) => each.result.situation)) {
      describe(situation, () => {
        for (const cell of ofSituation) {
          test(cell.result.variant, { meta: { cell: cell.result.id } }, async (context) => {
            if (inject('allure')) await describeForAllure(cell);
            await assertCell(cell, context);
          });
        }
      });
    }
  });
}

async function assertCell({ result, assertion }: CellCase, context: TestContext): Promise<void> {
  const why = `${result.why}\nrerun: ${result.rerun}`;
  switch (result.verdict) {
    case 'fail':
      return expect.fail(why);
    case 'inconclusive':
      throw new Inconclusive(why);
    case 'unspecified':
    case 'unsupported':
      return context.skip(`${result.verdict}: ${result.why}`);
    case 'pass':
      if (assertion === null) return;
      try {
        (await scenarioIn(assertion.file, result.situation)).assert?.(assertion.seen, expect);
      } catch (error) {
        context.task.meta.assertionFailed = error instanceof Error ? error.message : String(error);
        throw error;
      }
  }
}

async function scenarioIn(file: string, id: string): Promise<Scenario> {
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: Scenario | Scenario[] };
  const found = [module.default].flat().find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`${file} no longer defines the scenario "${id}"`);
  return found;
}

async function describeForAllure({ result, situationTitle, variantTitle, flow }: CellCase): Promise<void> {
  const { expected, observed } = result;
  await allure.labels(
    { name: 'epic', value: result.policy },
    { name: 'feature', value: result.feature },
    { name: 'story', value: result.situation },
    { name: 'tag', value: result.verdict },
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
  if (result.verdict === 'fail' || result.verdict === 'inconclusive') {
    await allure.attachment('call flow', flow, 'text/plain');
  }
}
