import { counted } from '../../../counted.ts';
import { askedOf, NO_CHECKS, signOf } from '../../../evidence/checks.ts';
import { messagesCommand } from '../../../evidence/messages-command.ts';
import type { Check, CheckId } from '../../../model/checks.ts';
import type { CellResult, Verdict } from '../../../model/results.ts';
import { FEATURE_NAMES, GLOSSARY, OUTCOME_WORDS } from '../../../model/words.ts';
import { isWebAddress } from '../page-data.ts';
import { copyButton } from './copy.ts';
import { type Child, element } from './element.ts';
import { page } from './load-data.ts';

const PROOF_TITLES: Readonly<Partial<Record<Verdict, string>>> = {
  inconclusive: 'What did not hold',
  unsupported: 'What did not hold',
  fail: 'Why this can be believed',
};
/** Each question that was asked before the verdict, and what was seen. */
export function checklist({ verdict, checks }: CellResult): HTMLElement {
  return element(
    'section',
    { class: 'proof' },
    element('h3', {}, PROOF_TITLES[verdict] ?? 'Why this can be believed'),
    checks === undefined
      ? element('p', { class: 'quiet' }, `${NO_CHECKS.charAt(0).toUpperCase()}${NO_CHECKS.slice(1)}.`)
      : element(
          'details',
          // On a telephone it is longer than the screen, and the first that does not hold is the reason above.
          matchMedia('(max-width: 860px)').matches ? {} : { open: true },
          element('summary', {}, countsText(checks)),
          element('ul', {}, ...checks.map(checkItem)),
          element(
            'details',
            { class: 'quiet' },
            element('summary', {}, `What ${GLOSSARY.map(([word]) => word).join(', ')} mean`),
            element(
              'ul',
              { class: 'words' },
              ...GLOSSARY.map(([word, means]) => element('li', {}, element('b', {}, word), `: ${means}`)),
            ),
          ),
        ),
  );
}

/** `17 hold, 2 do not matter here`. */
function countsText(checks: readonly Check[]): string {
  const of = (wanted: boolean | null): number => checks.filter(({ holds }) => holds === wanted).length;
  const parts = [
    ['does not hold', 'do not hold', of(false)],
    ['holds', 'hold', of(true)],
    ['does not matter here', 'do not matter here', of(null)],
  ] as const;
  return parts.flatMap(([one, several, count]) => (count === 0 ? [] : counted(count, one, several))).join(', ');
}

function checkItem(check: Check): HTMLElement {
  const { holds, seen } = check;
  const [shown, words] =
    holds === null ? ['idle', 'does not matter'] : holds ? ['held-true', 'holds'] : ['held-false', 'does not hold'];
  return element(
    'li',
    { class: shown },
    element('span', { class: 'sign', 'aria-hidden': 'true' }, signOf(check)),
    element('span', { class: 'unseen' }, `${words}: `),
    element('span', {}, askedOf(check), element('small', {}, seen)),
  );
}

/** What was demanded beside what was seen, and whether the judge says that they agree. */
export function comparison({ feature, expected, observed, control, proof, checks = [] }: CellResult): HTMLElement {
  // Of a call that was never placed, nothing was seen: not even that a phone did not ring.
  const placed = proof?.startedAt !== null;
  const seen = (what: string): string => (placed ? what : OUTCOME_WORDS.unknown);
  const held = (wanted: CheckId): boolean | null => checks.find(({ id }) => id === wanted)?.holds ?? null;
  const rows: readonly ComparisonRow[] = [
    [feature, OUTCOME_WORDS[expected.outcome], OUTCOME_WORDS[observed.outcome], held('expectation')],
    [
      "callee's own phone",
      expected.callee,
      seen(observed.calleeRang ? 'rang' : 'did not ring'),
      expected.callee === 'unspecified' ? null : held('over-blocking'),
    ],
    [
      'final response',
      expected.statuses.join(' or ') || 'unspecified',
      seen(String(observed.status ?? 'none')),
      held('status'),
    ],
    [
      'mailbox',
      '',
      seen(observed.notifications.map((entry) => entry.kind.replace('-', ' ')).join(', ') || 'nothing new'),
      null,
    ],
    ...(control === null ? [] : [['control', '', OUTCOME_WORDS[control.outcome], null] as const]),
  ];
  const table = element(
    'table',
    { class: 'comparison' },
    element('caption', {}, 'Expected and observed'),
    element(
      'thead',
      {},
      element('tr', {}, ...['', 'expected', 'observed', ''].map((text) => element('th', { scope: 'col' }, text))),
    ),
    element('tbody', {}, ...rows.map(comparisonRow)),
  );
  return element('section', {}, element('h3', {}, 'Expected and observed'), table);
}

/** `agrees`: null where nothing was demanded, or nothing can be said of it. */
type ComparisonRow = readonly [name: string, demanded: string, seen: string, agrees: boolean | null];

function comparisonRow([name, demanded, seen, agrees]: ComparisonRow): HTMLElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', {}, demanded),
    element('td', {}, seen),
    element(
      'td',
      { class: agrees === false ? 'wrong' : 'right' },
      agrees === null ? '' : agrees ? '✓ agrees' : '✕ differs',
    ),
  );
}

/** What became of the call, and who says that it had to. */
export function passSentence({ feature, expected, observed, control }: CellResult): Child[] {
  const seen = OUTCOME_WORDS[observed.outcome];
  const sources = [...new Map(expected.claims.map((id) => sourceOf(id))).values()];
  const says = expected.claims.map((id) => page.claims.find((row) => row.id === id)?.source ?? id);
  const proof =
    observed.outcome === 'suppressed' && control?.outcome === 'engaged' ? ' Without the header it was not.' : '';
  return [
    `${seen.charAt(0).toUpperCase()}${seen.slice(1)} of ${FEATURE_NAMES[feature]}, as `,
    ...(sources.length === 0
      ? ['expected']
      : sources.flatMap((source, at) => [at === 0 ? '' : at === sources.length - 1 ? ' and ' : ', ', source])),
    sources.length === 0 ? '' : new Set(says).size === 1 ? ' says' : ' say',
    `.${proof}`,
  ];
}

function sourceOf(id: string): readonly [source: string, shown: Child] {
  const claim = page.claims.find((row) => row.id === id);
  if (claim === undefined) return [id, id];
  const { source, url, statement } = claim;
  if (!isWebAddress(url)) return [source, source];
  return [source, element('a', { href: url, title: statement, rel: 'noopener noreferrer', target: '_blank' }, source)];
}

/** The claims that demand it, with their sources. */
export function claimList(ids: readonly string[]): HTMLElement | null {
  if (ids.length === 0) return null;
  const items = ids.map((id) => {
    const claim = page.claims.find((row) => row.id === id);
    if (claim === undefined) return element('li', {}, element('code', {}, id));
    const source = isWebAddress(claim.url)
      ? element('a', { href: claim.url, rel: 'noopener noreferrer', target: '_blank' }, claim.source)
      : claim.source;
    return element(
      'li',
      {},
      claim.statement,
      element('span', { class: 'src' }, element('code', {}, id), ' · ', source, ` · ${claim.evidence}`),
    );
  });
  return element('section', { class: 'says' }, element('h3', {}, 'Who says so'), element('ul', {}, ...items));
}

export function legTable(legs: CellResult['observed']['legs']): HTMLElement | null {
  if (legs.length === 0) return null;
  const rows = legs.map(({ role, user, startMs, endMs, rang, result, status }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, role),
      ...[
        user,
        `${Math.round(startMs)} to ${endMs === null ? 'the end' : Math.round(endMs)} ms`,
        rang ? 'rang' : '',
        result,
        String(status ?? ''),
      ].map((text) => element('td', {}, text)),
    ),
  );
  return element(
    'section',
    {},
    element('h3', {}, 'Legs'),
    element('div', { class: 'scroll' }, element('table', { class: 'plain legs' }, element('tbody', {}, ...rows))),
  );
}

export function rerun({ id, rerun: command, trace }: CellResult): HTMLElement {
  return element(
    'section',
    {},
    element('h3', {}, 'Run it again'),
    element('div', { class: 'rerun' }, element('pre', { class: 'command' }, command), copyButton(command)),
    // A page that was made to be sent alone may be anywhere; traces/ is not beside it then.
    page.alone ? null : element('p', { class: 'quiet' }, 'Messages: ', element('code', {}, messagesCommand(id, trace))),
  );
}
