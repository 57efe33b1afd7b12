import { messageOf } from './element.ts';
import { fillWith } from './load-data.ts';

/** Answers of a large run that are folded: their tables are loaded when they are opened. */
export function watchAnswers(): void {
  for (const place of document.querySelectorAll<HTMLElement>(':is(#answer, #policies) [data-part]')) {
    place.parentElement?.addEventListener(
      'toggle',
      async () => {
        try {
          await fillWith(place);
        } catch (error) {
          place.textContent = messageOf(error);
        }
      },
      { once: true },
    );
  }
}
