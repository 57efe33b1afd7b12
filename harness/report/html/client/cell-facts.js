import { element } from './element.js';
import { page } from './load-data.js';
import { proofChecks } from './proof.js';

const PROOF_TITLES = {
  inconclusive: 'What did not hold',
  unsupported: 'What did not hold',
  fail: 'Why this can be believed',
};
const CHECK_SIGNS = { true: '✓', false: '✕', null: '–' };
const CHECK_WORDS = { true: 'holds', false: 'does not hold', null: 'not needed' };

/** Each question that is asked before a verdict, and what was seen. */
export function checklist(cell, control) {
  const items = proofChecks(cell, control).map(({ holds, what, seen }) =>
    element(
      'li',
      { class: holds === null ? 'idle' : holds ? 'held-true' : 'held-false' },
      element('span', { class: 'sign', 'aria-hidden': 'true' }, CHECK_SIGNS[String(holds)]),
      element('span', { class: 'unseen' }, `${CHECK_WORDS[String(holds)]}: `),
      element('span', {}, what, element('small', {}, seen)),
    ),
  );
  const title = PROOF_TITLES[cell.verdict] ?? 'Why this can be believed';
  return element('section', { class: 'proof' }, element('h3', {}, title), element('ul', {}, ...items));
}

/** What was demanded beside what was seen. */
export function comparison({ feature, expected, observed, control }) {
  const callee = {
    rings: observed.calleeRang,
    answers: observed.legs.some((leg) => leg.role === 'phone' && leg.answered),
    silent: !observed.calleeRang,
  };
  const rows = [
    [
      feature,
      expected.outcome,
      observed.outcome,
      expected.outcome === 'unspecified' ? null : expected.outcome === observed.outcome,
    ],
    [
      "callee's own phone",
      expected.callee,
      observed.calleeRang ? 'rang' : 'did not ring',
      expected.callee === 'unspecified' ? null : callee[expected.callee],
    ],
    [
      'final response',
      expected.statuses.join(' or ') || 'unspecified',
      String(observed.status ?? 'none'),
      expected.statuses.length === 0 ? null : expected.statuses.includes(observed.status),
    ],
    [
      'mailbox',
      '',
      observed.notifications.map((entry) => entry.kind.replace('-', ' ')).join(', ') || 'nothing new',
      null,
    ],
    ...(control === null ? [] : [['control', '', control.outcome, null]]),
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

function comparisonRow([name, demanded, seen, agrees]) {
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

/** The claims that demand it, with their sources. */
export function claimList(ids) {
  if (ids.length === 0) return null;
  const items = ids.map((id) => {
    const claim = page.claims.find((row) => row.id === id);
    if (claim === undefined) return element('li', {}, element('code', {}, id));
    const source = /^https?:\/\/\S+$/i.test(claim.url)
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

export function legTable(legs) {
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

export function rerun({ rerun: command, trace }) {
  const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it and copy';
    }
  });
  return element(
    'section',
    {},
    element('h3', {}, 'Run it again'),
    element('div', { class: 'rerun' }, element('pre', { class: 'command' }, command), button),
    // A single file may be anywhere; the trace is not beside it then.
    page.single ? null : element('p', { class: 'quiet' }, 'Messages: ', element('a', { href: trace }, trace)),
  );
}
