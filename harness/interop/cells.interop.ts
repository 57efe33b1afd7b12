/** One vitest test per cell: reports the verdict that it has, for Allure. */

import * as allure from 'allure-js-commons/sync';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import type { CellCase } from './cell-case.ts';
import { factsOf, saidOf } from './cell-facts.ts';

/** Nothing was proven. Not an AssertionError, so that reports say "broken", not "failed". */
class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

const cases = inject('cellCases');
const caseOf = new Map(cases.map((each) => [each.id, each]));

for (const [policy, ofPolicy] of Map.groupBy(cases, (each) => each.policy)) {
  describe(policy, () => {
    for (const [situation, ofSituation] of Map.groupBy(ofPolicy, (each) => each.situation)) {
      describe(situation, () => {
        for (const { id, variant } of ofSituation) test(variant, { meta: { cell: id } }, testCell);
      });
    }
  });
}

/** One function for all: vitest reads the parameters of each that it is given out of its source. */
function testCell(context: TestContext): void {
  const { meta } = context.task;
  const cell = caseOf.get(meta.cell ?? '');
  if (cell === undefined) throw new Error(`there is no case for the cell ${meta.cell}`);
  describeForAllure(cell);
  tell(cell, context);
}

function tell(cell: CellCase, context: TestContext): void {
  switch (cell.verdict) {
    case 'pass':
      break;
    case 'fail':
      expect.fail(saidOf(cell));
      break;
    case 'inconclusive':
      throw new Inconclusive(saidOf(cell));
    case 'unspecified':
    case 'unsupported':
      context.skip(saidOf(cell));
  }
}

function describeForAllure(cell: CellCase): void {
  const { labels, parameters, description, link } = factsOf(cell);
  allure.labels(...labels);
  for (const { name, value } of parameters) allure.parameter(name, value);
  allure.descriptionHtml(description);
  allure.link(link.url, link.name, link.type);
  for (const { name, contentType, file } of cell.attachments) allure.attachmentPath(name, file, { contentType });
}
