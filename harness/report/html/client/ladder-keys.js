/**
 * Opening and walking through the messages of the ladders inside `root`: a click opens a message and its twin in the
 * other call; up and down go along a call, left and right to the twin. One listener for all.
 */
export function watchLadders(root) {
  root.addEventListener('click', ({ target }) => {
    const button = target.closest('.ladder button[data-index]');
    if (button !== null) toggle(button);
  });
  root.addEventListener('keydown', (event) => {
    const button = event.target.closest?.('.ladder button[data-index]');
    if (button === null || button === undefined) return;
    const next = STEPS_OF_KEY[event.key]?.(button);
    if (next === undefined) return;
    event.preventDefault();
    next?.focus();
  });
}

/** Closes every open message. False when there was none. */
export function closeMessages(root) {
  const open = [...root.querySelectorAll('.ladder button[aria-expanded="true"]')];
  for (const button of open) show(button, false);
  return open.length > 0;
}

function toggle(button) {
  const open = button.getAttribute('aria-expanded') !== 'true';
  show(button, open);
  const twin = twinOf(button);
  if (open && twin !== null) show(twin, true);
}

function show(button, open) {
  if ((button.getAttribute('aria-expanded') === 'true') === open) return;
  button.dispatchEvent(new CustomEvent('toggle-message', { detail: open }));
}

function twinOf(button) {
  const { twin } = button.dataset;
  if (twin === undefined) return null;
  const own = button.closest('.ladder');
  const other = [...own.closest('.flows').querySelectorAll('.ladder')].find((each) => each !== own);
  return other?.querySelector(`button[data-index="${Number(twin)}"]`) ?? null;
}

function along(button, step) {
  const all = [...button.closest('.ladder').querySelectorAll('button[data-index]')];
  return all[all.indexOf(button) + step] ?? null;
}

const STEPS_OF_KEY = {
  ArrowUp: (button) => along(button, -1),
  ArrowDown: (button) => along(button, 1),
  ArrowLeft: twinOf,
  ArrowRight: twinOf,
};
