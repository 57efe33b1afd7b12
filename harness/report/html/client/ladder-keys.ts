import { elementOf } from './element.ts';

/** What opens a message of a ladder. */
const MESSAGE_BUTTON = '.ladder button[data-index]';

/**
 * Opening and walking through the messages of the ladders inside `root`: a click opens a message and its twin in the
 * other call; up and down go along a call, left and right to the twin. One listener for all.
 */
export function watchLadders(root: HTMLElement): void {
  root.addEventListener('click', ({ target }) => {
    const button = buttonAt(target);
    if (button !== null) toggle(button);
  });
  root.addEventListener('keydown', (event) => {
    const button = buttonAt(event.target);
    const step = STEPS_OF_KEY[event.key];
    if (button === null || step === undefined) return;
    event.preventDefault();
    step(button)?.focus();
  });
}

function buttonAt(target: EventTarget | null): HTMLButtonElement | null {
  return elementOf(target)?.closest<HTMLButtonElement>(MESSAGE_BUTTON) ?? null;
}

/** Closes every open message. False when there was none. */
export function closeMessages(root: HTMLElement): boolean {
  const open = [...root.querySelectorAll<HTMLButtonElement>('.ladder button[aria-expanded="true"]')];
  for (const button of open) show(button, false);
  return open.length > 0;
}

function toggle(button: HTMLButtonElement): void {
  const open = button.getAttribute('aria-expanded') !== 'true';
  show(button, open);
  const twin = twinOf(button);
  if (open && twin !== null) show(twin, true);
}

function show(button: HTMLButtonElement, open: boolean): void {
  if ((button.getAttribute('aria-expanded') === 'true') === open) return;
  button.dispatchEvent(new CustomEvent('toggle-message', { detail: open }));
}

function twinOf(button: HTMLButtonElement): HTMLButtonElement | null {
  const { twin } = button.dataset;
  if (twin === undefined) return null;
  const own = button.closest('.ladder');
  const ladders = [...(own?.closest('.flows')?.querySelectorAll('.ladder') ?? [])];
  const other = ladders.find((each) => each !== own);
  return other?.querySelector<HTMLButtonElement>(`button[data-index="${Number(twin)}"]`) ?? null;
}

function along(button: HTMLButtonElement, step: number): HTMLButtonElement | null {
  const all = [...(button.closest('.ladder')?.querySelectorAll<HTMLButtonElement>('button[data-index]') ?? [])];
  return all[all.indexOf(button) + step] ?? null;
}

const STEPS_OF_KEY: Readonly<Record<string, (button: HTMLButtonElement) => HTMLButtonElement | null>> = {
  ArrowUp: (button) => along(button, -1),
  ArrowDown: (button) => along(button, 1),
  ArrowLeft: twinOf,
  ArrowRight: twinOf,
};
