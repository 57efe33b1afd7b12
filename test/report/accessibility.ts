import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Serious and critical findings of axe, one line each. */
export async function faultsOf(page: Page): Promise<string[]> {
  // Not addScriptTag: the page's policy would refuse it.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) => nodes
      // A message's name says when, what, from whom to whom; what is seen (time, then what) is in it, but not in one piece.
      .filter(({ target }) => id !== 'label-content-name-mismatch' || !document.querySelector(target.join(' ')).matches('.ladder button[data-index]'))
      .map(({ target, failureSummary }) =>
      impact + ': ' + id + ' at ' + target.join(' ') + ': ' + failureSummary.replaceAll(/\\s+/g, ' '))))`);
}
