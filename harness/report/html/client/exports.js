import { element } from './element.js';

/**
 * Buttons that hand a cell's ladder out as files. Nothing leaves the page: a file is made of what the page has.
 *
 * @param {{cell: object, control: object | null, messages: object[], controlMessages: object[] | null, ladderSvg: string, ladderText: string}} input
 * @returns {HTMLElement}
 */
export function exportButtons({ cell, ladderSvg, ladderText }) {
  const name = [cell.policy, cell.situation, cell.variant]
    .join('.')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 150);
  return element(
    'div',
    { class: 'exports' },
    downloadButton('Ladder as SVG', `${name}.svg`, 'image/svg+xml', ladderSvg),
    downloadButton('Ladder as text', `${name}.txt`, 'text/plain;charset=utf-8', ladderText),
  );
}

function downloadButton(label, file, type, content) {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = element('a', { href: url, download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}
