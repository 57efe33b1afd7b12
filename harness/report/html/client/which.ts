/** "Which header do I send?": what is ticked, in the address too, and the answer to it. */
import { type CellPlace, cellId } from '../../../model/cell-id.ts';
import { FEATURE_NAMES } from '../../../model/words.ts';
import { isWebAddress, type WhichAnswer, type WhichData, type WhichRow } from '../page-data.ts';
import { cellHref, queryWith, setAddress } from './address.ts';
import { copyButton } from './copy.ts';
import { byId, type Child, element, messageOf } from './element.ts';
import { loadData, page } from './load-data.ts';
import { type Asked, isIgnored, isRefuted, type Recommendation, recommended, stateOf } from './recommend.ts';

/** Of the form, and of the switch above the table. */
const NAMES = ['out', 'on', 'differ'];
/** Beside the first; the table has them all. */
const OTHERS_SHOWN = 6;
const EFFECTS_SHOWN = 40;

const form = document.getElementById('which');

export function watchWhich(): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('#which input, .sheet input[name="differ"]')];
  let ticked: string | null = null;
  const tick = (): void => {
    const asked = new URLSearchParams(location.search);
    const now = NAMES.map((name) => asked.getAll(name).join(' ')).join('\n');
    // Every cell that is opened is an event, too: what stands above the whole page is not laid out anew for it.
    if (now === ticked) return;
    ticked = now;
    for (const box of boxes) box.checked = asked.getAll(box.name).includes(box.value);
    void show();
  };
  for (const box of boxes) {
    box.addEventListener('change', () => {
      const own = new URLSearchParams(boxes.filter(({ checked }) => checked).map(({ name, value }) => [name, value]));
      setAddress('replaceState', `${location.pathname}${queryWith(NAMES, own)}${location.hash}`);
      ticked = null;
      void show();
    });
  }
  addEventListener('popstate', tick);
  form?.removeAttribute('hidden');
  tick();
}

async function show(): Promise<void> {
  if (form === null) return;
  const place = byId('which-answer', HTMLElement);
  try {
    const ticked = (name: string): string[] =>
      [...form.querySelectorAll<HTMLInputElement>(`input[name="${name}"]:checked`)].map(({ value }) => value);
    const out = ticked('out');
    if (out.length === 0) {
      place.replaceChildren(element('p', { class: 'quiet' }, 'Tick what the call must be kept out of.'));
      return;
    }
    const data = typeof page.which === 'string' ? await loadData<WhichData>(page.which, { keep: true }) : page.which;
    const on = ticked('on');
    const all = data.columns.map((_, index) => index);
    place.replaceChildren(
      ...answer(data, {
        features: data.features.flatMap((feature, at) => (out.includes(feature) ? [at] : [])),
        columns: on.length === 0 ? all : all.filter((at) => data.columns[at]?.blocks.some((id) => on.includes(id))),
      }),
    );
  } catch (error) {
    place.textContent = messageOf(error);
  }
}

function answer(data: WhichData, asked: Asked): Node[] {
  const found = recommended(data, asked);
  const [best] = found;
  const what = list(asked.features.map((at) => featureName(data, at)));
  if (best === undefined) {
    return [
      element(
        'p',
        { class: 'none' },
        element('strong', {}, 'Not proven in this run: '),
        `no header keeps a call out of ${what} on ${asked.columns.length === 1 ? 'it' : 'any of them'} and lets the callee's own phone ring.`,
      ),
    ];
  }
  const { row, proven, notProven } = best;
  const others = found.slice(1).filter((other) => other.proven.length === proven.length);
  const text = row.lines.join('\n');
  return [
    element('div', { class: 'send' }, element('pre', { class: 'command' }, text), copyButton(text)),
    element(
      'p',
      {},
      `Proven in this run to keep a call out of ${what}${onHowMany(proven.length, asked.columns.length)}, and to let the callee's own phone ring.`,
      notProven.length === 0 ? null : element('strong', {}, shortfall(data, best, asked)),
      row.isDescribed ? null : ' No source describes it.',
    ),
    effects(data, best, asked),
    others.length === 0
      ? null
      : element(
          'p',
          { class: 'quiet' },
          others.length === 1 ? 'So does ' : 'So do ',
          ...others
            .slice(0, OTHERS_SHOWN)
            .flatMap(({ row: other }, index): Child[] => [
              index === 0 ? null : ', ',
              element('code', {}, other.lines.join(' + ')),
            ]),
          others.length > OTHERS_SHOWN ? ` and ${others.length - OTHERS_SHOWN} more` : null,
          '.',
        ),
  ].filter((part) => part !== null);
}

function onHowMany(proven: number, asked: number): string {
  if (asked === 1) return '';
  return proven === asked ? ` on all ${asked}` : ` on ${proven} of ${asked}`;
}

/** Where it is seen not to do what is asked, and where that is not known. */
function shortfall(data: WhichData, { row, notProven }: Recommendation, { features }: Asked): string {
  const names = (columns: readonly number[]): string => list(columns.map((at) => data.columns[at]?.name ?? ''));
  const refuted = notProven.filter((at) => isRefuted(row.answers[at] ?? null, features));
  const open = notProven.filter((at) => !refuted.includes(at));
  return [
    refuted.length === 0 ? '' : ` It does not on ${names(refuted)}.`,
    open.length === 0 ? '' : ` Not proven in this run on ${names(open)}.`,
  ].join('');
}

/** What each server does with the header: those that were asked for first. */
function effects(
  data: WhichData,
  { row, proven, notProven }: Recommendation,
  { columns, features }: Asked,
): HTMLElement {
  const rest = data.columns.map((_, index) => index).filter((at) => !columns.includes(at));
  const all = [...proven, ...notProven, ...rest];
  const rows = all
    .slice(0, EFFECTS_SHOWN)
    .map((at) =>
      element(
        'li',
        {},
        element('b', {}, data.columns[at]?.name ?? ''),
        rest.includes(at) ? element('span', { class: 'quiet' }, ' (not asked for)') : null,
        ': ',
        ...effect(data, row, at, features),
      ),
    );
  const left = all.length - rows.length;
  return element(
    'ul',
    { class: 'effects' },
    ...rows,
    left > 0 ? element('li', { class: 'quiet' }, `and ${left} more: see the table`) : null,
  );
}

function effect(data: WhichData, row: WhichRow, column: number, asked: readonly number[]): Child[] {
  const answerThere = row.answers[column] ?? null;
  if (answerThere === null) return ['not proven in this run: it was not sent there'];
  const [silenced, compared, shownBy] = answerThere.phone;
  const block = data.columns[column]?.blocks[0] ?? '';
  const linkTo = (situation: number, text: string): Child =>
    situation === -1 ? text : element('a', { href: cellHref(cellAt(block, row.variant, situation)) }, text);
  const kept = inState(data, answerThere, 'kept-out', linkTo);
  const parts: Child[][] = [
    kept.length === 0 ? [] : ['kept out of ', ...kept],
    ...(['mixed', 'not-kept-out', 'not-proven', 'unsupported'] as const).map((state) => {
      const features = inState(data, answerThere, state, linkTo);
      return features.length === 0 ? [] : [WORDS[state], ...features];
    }),
    silenced > 0
      ? [linkTo(shownBy, `the callee's own phone is not called in ${silenced} of ${compared} situations`)]
      : compared === 0
        ? ["whether the callee's own phone still rings is not proven in this run"]
        : ["the callee's own phone ", linkTo(shownBy, 'is called')],
    isIgnored(answerThere) ? ['harmless there: the call goes as without it'] : [],
  ];
  const failed = answerThere.features.reduce((sum, [, , own]) => sum + own, 0);
  if (failed > 0) parts.push([`against the sources in ${failed} of its calls`]);
  return [
    ...parts.filter((part) => part.length > 0).flatMap((part, index) => [index === 0 ? null : '; ', ...part]),
    '.',
    ...sources(asked.flatMap((at) => answerThere.claims[at] ?? [])),
  ];
}

const WORDS = {
  mixed: 'in some situations out of ',
  'not-kept-out': 'not kept out of ',
  'not-proven': 'not proven in this run: ',
  unsupported: 'it does not have ',
} as const;

function inState(
  data: WhichData,
  answerThere: WhichAnswer,
  state: ReturnType<typeof stateOf>,
  linkTo: (situation: number, text: string) => Child,
): Child[] {
  return data.features
    .map((_, at) => at)
    .filter((at) => stateOf(answerThere, at) === state)
    .flatMap((at, index) => [
      index === 0 ? null : ', ',
      linkTo(answerThere.features[at]?.[1] ?? -1, featureName(data, at)),
    ]);
}

/** Who says of what was asked that it must be so; each leads to where it can be read, or to the claim. */
function sources(ids: readonly string[]): Child[] {
  const claims = ids.flatMap((id) => page.claims.find((claim) => claim.id === id) ?? []);
  const links = [...new Map(claims.map((claim) => [claim.source, claim])).values()].flatMap(
    ({ id, source, url }, index): Child[] => [
      index === 0 ? null : ', ',
      isWebAddress(url)
        ? element('a', { href: url, rel: 'noopener noreferrer', target: '_blank' }, source)
        : element('a', { href: `#claim-${id}` }, source),
    ],
  );
  return links.length === 0 ? [] : [' ', element('span', { class: 'quiet' }, 'Source: ', ...links)];
}

/** @param block `kamailio/ms-sipre/udp/direct` */
function cellAt(block: string, variant: string, situation: number): string {
  return cellId({ ...blockPlace(block), situation: page.situations[situation]?.id ?? '', variant });
}

function blockPlace(block: string): Omit<CellPlace, 'situation' | 'variant'> {
  const [server = '', policy = '', transport = '', path = ''] = block.split('/');
  return { server, policy, transport, path };
}

function featureName({ features }: WhichData, at: number): string {
  const feature = features[at];
  return feature === undefined ? '' : FEATURE_NAMES[feature];
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
