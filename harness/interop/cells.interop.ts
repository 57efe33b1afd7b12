/** One vitest test per cell: reports the verdict that it has, for Allure. */

import * as allure from 'allure-js-commons/sync';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import { OUTCOME_WORDS } from '../model/words.ts';
import type { CellCase } from './cell-case.ts';

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

function tell({ verdict, why, rerun }: CellCase, context: TestContext): void {
  const said = `${why}\nrerun: ${rerun}`;
  switch (verdict) {
    case 'pass':
      break;
    case 'fail':
      expect.fail(said);
      break;
    case 'inconclusive':
      throw new Inconclusive(said);
    case 'unspecified':
    case 'unsupported':
      context.skip(`${verdict}: ${why}`);
  }
}

function describeForAllure(cell: CellCase): void {
  const { server, policy, situation, feature, variant, verdict, why, rerun, expected, observed } = cell;
  allure.labels(
    { name: 'epic', value: policy },
    { name: 'feature', value: feature },
    { name: 'story', value: situation },
    { name: 'tag', value: verdict },
    { name: 'policy', value: policy },
    { name: 'situation', value: situation },
    { name: 'variant', value: variant },
    { name: 'server', value: server },
  );
  for (const [name, value] of Object.entries({ server, policy, situation, variant })) allure.parameter(name, value);
  // As HTML: rendering Markdown was a quarter of the time that the page takes.
  allure.descriptionHtml(
    [
      `${text(cell.situationTitle)}. Variant: ${text(cell.variantTitle)}.`,
      `Verdict: <strong>${verdict}</strong>${why === null ? '' : `: ${text(why)}`}`,
      `Expected ${OUTCOME_WORDS[expected.outcome]} (${text(expected.claims.join(', ')) || 'no claim'}); observed ${OUTCOME_WORDS[observed.outcome]}, final ${observed.status ?? 'none'}.`,
      // Of every cell, it would be as much again as all the rest of Allure's page, which has a link to ours.
      ...cell.checks.map(text),
      `Rerun: <code>${text(rerun)}</code>`,
    ]
      .map((paragraph) => `<p>${paragraph}</p>\n`)
      .join(''),
  );
  allure.link(cell.page, 'call beside its control', 'report');
  for (const { name, contentType, file } of cell.attachments) allure.attachmentPath(name, file, { contentType });
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function text(value: string): string {
  return value.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
