import { ladderOf } from '../../../ladder/model.ts';
import type { Verdict } from '../../../model/results.ts';
import { type PageCell, VERDICT_MARKS } from '../page-data.ts';
import { cellHref } from './address.ts';
import { element } from './element.ts';
import { flowGrid, outcomeText, pane, shown } from './flows.ts';
import { ladderView, type ShownFlow } from './ladder-view.ts';
import { page } from './load-data.ts';

/** The cell's verdict in each run before this one, and in this one; nothing where there is none. */
export function pastRow({ cell, past }: PageCell): HTMLElement | null {
  if (past === undefined) return null;
  const dots = page.earlier.map(({ id, startedAt, href }, index) => {
    const verdict = page.matrix.verdicts[Number(past[index])];
    const words = `${verdict ?? 'not called'} in run ${id}, ${startedAt}`;
    const content = mark(verdict, words);
    return href === null || verdict === undefined
      ? content
      : element('a', { href: `${href}index.html${cellHref(cell.id)}` }, content);
  });
  return element(
    'p',
    { class: 'past' },
    'Earlier runs: ',
    ...dots,
    ' now: ',
    mark(cell.verdict, `${cell.verdict} in this run`),
  );
}

function mark(verdict: Verdict | undefined, words: string): HTMLElement {
  const sign = verdict === undefined ? '·' : VERDICT_MARKS[verdict];
  return element('span', { class: `dot ${verdict ?? 'absent'}`, role: 'img', 'aria-label': words, title: words }, sign);
}

/** A call that went another way in the run before: that one beside this one. */
export function nowAndBefore(flow: PageCell, headerNames: readonly string[]): HTMLElement | null {
  const { before } = flow;
  const run = page.earlier.at(-1);
  if (before === undefined || run === undefined) return null;
  const { cell, messages, left } = before;
  const then: ShownFlow = { cell, messages, left, trace: `${run.href ?? ''}${cell.trace}` };
  const model = ladderOf(flow, then, 'the run before');
  const twin = { headerNames, twinMessages: flow.messages };
  return element(
    'section',
    { class: 'before' },
    element('h3', {}, `Now, and in the run before: ${changed(cell.verdict, flow.cell.verdict)}`),
    cell.why === null ? null : element('p', { class: 'quiet' }, `Before: ${cell.why}`),
    messages.length === 0 ? element('p', { role: 'alert' }, 'The messages of the run before are not on record.') : null,
    flowGrid(
      'flows',
      model,
      pane(
        'This run',
        outcomeText(flow.cell.observed),
        ladderView(model, 'own', shown(flow), { headerNames, twinMessages: messages }),
      ),
      pane(`Run ${run.id}`, outcomeText(cell.observed), ladderView(model, 'control', then, twin)),
    ),
  );
}

function changed(was: string, is: string): string {
  return was === is ? `${is}, observed otherwise` : `${was} → ${is}`;
}
