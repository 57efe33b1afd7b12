import { element } from './element.ts';

/** Puts a text on the clipboard, where the browser lets it. */
export function copyButton(text: string): HTMLElement {
  const button = element('button', { type: 'button', class: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it and copy';
    }
  });
  return button;
}
