import { ladderOf } from '../../../ladder/model.ts';
import type { Ladder } from '../../../ladder/rows.ts';
import type { CellResult } from '../../../model/results.ts';
import { OUTCOME_WORDS } from '../../../model/words.ts';
import type { PageCell, PageMessages } from '../page-data.ts';
import { type Child, element } from './element.ts';
import { ladderView, type ShownFlow } from './ladder-view.ts';

/**
 * A call beside its control.
 *
 * @param control null: the call is one itself. An error: it is not here, and why.
 */
export function flows(
  model: Ladder,
  flow: PageCell,
  control: PageCell | Error | null,
  headerNames: readonly string[],
): HTMLElement {
  const controlFlow = control instanceof Error ? null : control;
  const twinMessages = controlFlow?.messages ?? null;
  const own = pane(
    control === null ? 'This call, a control' : 'This call',
    outcomeText(flow.cell.observed),
    ladderView(model, 'own', shown(flow), { headerNames, twinMessages }),
  );
  if (control === null) return flowGrid('flows one', model, own);
  const other =
    control instanceof Error
      ? pane('Its control', '', element('p', { role: 'alert' }, control.message))
      : pane(
          'Its control: the same call without the headers',
          outcomeText(control.cell.observed),
          ladderView(model, 'control', shown(control), { headerNames, twinMessages: flow.messages }),
        );
  return flowGrid('flows', model, own, other);
}

export function shown({ cell, messages, left }: PageCell): ShownFlow {
  return { cell, messages, left, trace: cell.trace };
}

/** Of a cell that was called several times: each call that went otherwise, beside the one that the result is of. */
export function otherCalls(flow: PageCell, headerNames: readonly string[]): HTMLElement | null {
  const { repeats } = flow.cell;
  if (repeats === undefined) return null;
  const { count, agreed, others } = repeats;
  if (agreed) return element('p', { class: 'quiet repeats' }, `Called ${count} times, each time with the same result.`);
  return element(
    'section',
    { class: 'repeats' },
    element(
      'h3',
      {},
      element('span', { class: 'badge unsteady' }, 'unsteady'),
      ` Of ${count} calls not all went the same way`,
    ),
    ...others.flatMap((other, index) => otherCall(flow, other, headerNames, flow.others?.[index])),
  );
}

type Other = NonNullable<CellResult['repeats']>['others'][number];

/** Nothing but its messages is on record: neither its legs nor its window are drawn. */
function otherCall(
  flow: PageCell,
  { attempt, verdict, outcome, status, why, trace }: Other,
  headerNames: readonly string[],
  record: PageMessages = { messages: [], left: 0 },
): HTMLElement[] {
  const { feature, expected, observed } = flow.cell;
  const inner = observed.arrivals === undefined ? {} : { arrivals: [] };
  const cell = { verdict, feature, expected, observed: { outcome, legs: [], notifications: [], ...inner } };
  const otherFlow: ShownFlow = { cell, ...record, trace };
  const model = ladderOf(flow, otherFlow, `call ${attempt}`);
  return [
    element(
      'p',
      { class: `verdict-line ${verdict}` },
      `Call ${attempt}: `,
      element('span', { class: `badge ${verdict}` }, verdict),
      why === null ? '' : ` ${why}`,
    ),
    flowGrid(
      'flows',
      model,
      pane(
        'This call',
        outcomeText(flow.cell.observed),
        ladderView(model, 'own', shown(flow), { headerNames, twinMessages: otherFlow.messages }),
      ),
      pane(
        `Call ${attempt} of the same cell`,
        outcomeText({ outcome, status }),
        ladderView(model, 'control', otherFlow, { headerNames, twinMessages: flow.messages }),
      ),
    ),
  ];
}

/** The title, the heads, the slots and what is left over are lines of one grid for both sides. */
export function flowGrid(words: string, model: Ladder, ...panes: readonly HTMLElement[]): HTMLElement {
  const made = element('div', { class: words }, ...panes);
  made.style.setProperty('--lines', String(model.slots.length + 3));
  return made;
}

export function pane(title: string, outcome: string, ...content: readonly Child[]): HTMLElement {
  return element(
    'section',
    { 'aria-label': title },
    element('h3', {}, title, element('small', {}, outcome)),
    ...content,
  );
}

export function outcomeText({ outcome, status }: Pick<CellResult['observed'], 'outcome' | 'status'>): string {
  return `${OUTCOME_WORDS[outcome]}, final ${status ?? 'none'}`;
}

const SIGNS: readonly (readonly [name: string, sign: string, words: string])[] = [
  ['wrong', '✕', 'must not come, or was to come and did not'],
  ['ghost', '┄', 'did not come'],
  ['rings', '', 'rings'],
  ['talks', '', 'talks'],
  ['waits', '', 'a wait of the server'],
  ['', '◆', 'canary'],
  ['', '✉', 'voice mail took the call'],
  ['', '↻', 'sent again'],
];

export function ladderLegend(): HTMLElement {
  const items = SIGNS.map(([name, sign, words]) =>
    element('span', {}, element('i', { class: `sign ${name}` }, sign), ` ${words}`),
  );
  return element(
    'p',
    { class: 'ladder-legend' },
    ...items,
    'Keys: ↑ ↓ along a call, ← → to its twin, Enter opens, Esc closes.',
  );
}
