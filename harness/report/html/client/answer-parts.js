import { loadData, putMarkup } from './load-data.js';

/** Answers of a large run that are folded: their tables are loaded when they are opened. */
export function watchAnswers() {
  for (const place of document.querySelectorAll('#answer [data-part]')) {
    const details = place.parentElement;
    details.addEventListener(
      'toggle',
      async () => {
        try {
          putMarkup(place, await loadData(place.dataset.part, { keep: false }));
        } catch (error) {
          place.textContent = error.message;
        }
      },
      { once: true },
    );
  }
}
