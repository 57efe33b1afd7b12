/** One vitest test per cell: reports the verdict that it has, for Allure. */
import { readFileSync } from 'node:fs';
import * as allure from 'allure-js-commons';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import { checkLines } from '../evidence/checks.ts';
import type { CellResult } from '../model/results.ts';
import type { CellCase } from './cell-case.ts';

/** Nothing was proven. Not an AssertionError, so that reports say "broken", not "failed". */
class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

const cases = JSON.parse(readFileSync(inject('cellCases'), 'utf8')) as CellCase[];
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
  await describeForAllure(cell);
  tell(cell.result, context);
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
  const wrong = result.verdict === 'fail' || result.verdict === 'inconclusive';
  await allure.description(
    [
      `${situationTitle}. Variant: ${variantTitle}.`,
      `Verdict: **${result.verdict}**${result.why === null ? '' : `: ${result.why}`}`,
      `Expected ${expected.outcome} (${expected.claims.join(', ') || 'no claim'}); observed ${observed.outcome}, final ${observed.status ?? 'none'}.`,
      // Of every cell, it would be as much again as all the rest of Allure's page, which has a link to ours.
      ...(wrong
        ? [
            checkLines(result)
              .map((line) => `- ${line}`)
              .join('\n'),
          ]
        : []),
      `Rerun: \`${result.rerun}\``,
    ].join('\n\n'),
  );
  await allure.link(page, 'call beside its control', 'report');
  if (!wrong) return;
  for (const { name, contentType, file } of attachments) await allure.attachmentPath(name, file, { contentType });
}
