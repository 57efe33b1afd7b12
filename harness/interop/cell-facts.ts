/** What Allure is told of a cell, whoever tells it: its vitest test, or nobody's test. Pure. */
import type { Label, Link, Parameter } from 'allure-js-commons';
import { OUTCOME_WORDS } from '../model/words.ts';
import type { CellCase } from './cell-case.ts';

export interface CellFacts {
  readonly labels: Label[];
  readonly parameters: Parameter[];
  /** HTML: rendering Markdown was a quarter of the time that the page takes. */
  readonly description: string;
  readonly link: Link;
}

export function factsOf(cell: CellCase): CellFacts {
  const { server, policy, situation, feature, variant, verdict, why, rerun, expected, observed } = cell;
  const paragraphs = [
    `${text(cell.situationTitle)}. Variant: ${text(cell.variantTitle)}.`,
    `Verdict: <strong>${verdict}</strong>${why === null ? '' : `: ${text(why)}`}`,
    `Expected ${OUTCOME_WORDS[expected.outcome]} (${text(expected.claims.join(', ')) || 'no claim'}); observed ${OUTCOME_WORDS[observed.outcome]}, final ${observed.status ?? 'none'}.`,
    // Of every cell, it would be as much again as all the rest of Allure's page, which has a link to ours.
    ...cell.checks.map(text),
    `Rerun: <code>${text(rerun)}</code>`,
  ];
  return {
    labels: [
      { name: 'epic', value: policy },
      { name: 'feature', value: feature },
      { name: 'story', value: situation },
      { name: 'tag', value: verdict },
      { name: 'policy', value: policy },
      { name: 'situation', value: situation },
      { name: 'variant', value: variant },
      { name: 'server', value: server },
    ],
    parameters: Object.entries({ server, policy, situation, variant }).map(([name, value]) => ({ name, value })),
    description: paragraphs.map((paragraph) => `<p>${paragraph}</p>\n`).join(''),
    link: { url: cell.page, name: 'call beside its control', type: 'report' },
  };
}

/** What is said of a cell that did not pass. */
export function saidOf({ verdict, why, rerun }: CellCase): string {
  switch (verdict) {
    case 'unspecified':
    case 'unsupported':
      return `${verdict}: ${why}`;
    default:
      return `${why}\nrerun: ${rerun}`;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function text(value: string): string {
  return value.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
