import { counted } from '../../../../counted.ts';
import { ladderOf } from '../../../../ladder/model.ts';
import type { LadderCell } from '../../../../ladder/rows.ts';
import type { LabCall, LabState } from '../../../../watch/told.ts';
import { byId, element, elementOf } from '../element.ts';
import { watchLadders } from '../ladder-keys.ts';
import { ladderView } from '../ladder-view.ts';
import { Told } from './told.ts';

/** Nothing is demanded of these calls, and nothing judged: what came is drawn. */
const UNJUDGED: LadderCell = {
  verdict: 'unspecified',
  feature: 'missed-call-notification',
  trap: 'missed-call-inbox',
  expected: { outcome: 'unspecified', claims: [], callee: 'unspecified', statuses: [] },
  observed: { outcome: 'unknown', legs: [], notifications: [] },
};

const headerNames = JSON.parse(byId('data', HTMLScriptElement).text) as readonly string[];
const doing = byId('doing', HTMLElement);
const calls = byId('calls', HTMLElement);
const place = byId('call', HTMLElement);
/** The call that is there, with how many messages. */
let shown = { call: null as number | null, messages: -1 };

const told = new Told<LabState>(show, 'The lab does not answer: it has ended.');
watchLadders(place);
calls.addEventListener('click', ({ target }) => {
  const number = elementOf(target)?.closest<HTMLElement>('button[data-call]')?.dataset.call;
  if (number !== undefined) told.look(Number(number));
});
told.look(null);

function show({ calls: all, messages, left, call }: LabState): void {
  const [latest] = all;
  const saying = latest === undefined ? 'Waiting for a call.' : `Call ${latest.number}: ${outcomeOf(latest)}.`;
  if (doing.textContent !== saying) doing.textContent = saying;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.call : undefined;
  calls.replaceChildren(...all.map((each) => callButton(each, each.number === call)));
  if (focused !== undefined) calls.querySelector<HTMLElement>(`[data-call="${focused}"]`)?.focus();
  const current = all.find(({ number }) => number === call);
  if (current === undefined || (shown.call === call && shown.messages === current.messages)) return;
  const isSame = shown.call === call;
  shown = { call, messages: current.messages };
  redraw(isSame, () => place.replaceChildren(ladderFor(current, messages, left)));
}

function callButton({ number, began, status, messages, startedAt }: LabCall, isShown: boolean): HTMLElement {
  const time = new Date(startedAt).toLocaleTimeString('en-GB');
  return element(
    'button',
    { type: 'button', 'data-call': String(number), 'aria-pressed': String(isShown) },
    `${number}  ${began.replace(/ SIP\/2\.0$/, '')}`,
    element('small', {}, `${time}, ${status ?? 'goes on'}, ${counted(messages, 'message')}`),
  );
}

function outcomeOf({ status, began }: LabCall): string {
  return status === null ? `${began.replace(/ SIP\/2\.0$/, '')}, it goes on` : `final response ${status}`;
}

function ladderFor({ number, callId }: LabCall, messages: LabState['messages'], left: number): HTMLElement {
  const flow = { cell: UNJUDGED, messages, left, trace: 'not kept' };
  const model = ladderOf(flow, null);
  const made = element(
    'div',
    { class: 'flows one' },
    element(
      'section',
      { 'aria-label': `Call ${number}` },
      element('h3', {}, `Call ${number}`, element('small', {}, callId)),
      ladderView(model, 'own', flow, { headerNames, twinMessages: null }),
    ),
  );
  made.style.setProperty('--lines', String(model.slots.length + 3));
  return made;
}

/** What was open stays so, and what had the focus has it: the ladder is drawn anew with each message. */
function redraw(isSame: boolean, draw: () => void): void {
  const open = [...place.querySelectorAll<HTMLElement>('button[aria-expanded="true"]')].map(indexOf);
  const focused = document.activeElement instanceof HTMLElement ? indexOf(document.activeElement) : undefined;
  draw();
  if (!isSame) return;
  for (const index of open) buttonOf(index)?.dispatchEvent(new CustomEvent('toggle-message', { detail: true }));
  buttonOf(focused)?.focus();
}

function indexOf({ dataset }: HTMLElement): string | undefined {
  return dataset.index;
}

function buttonOf(index: string | undefined): HTMLElement | null {
  return index === undefined ? null : place.querySelector<HTMLElement>(`button[data-index="${index}"]`);
}
