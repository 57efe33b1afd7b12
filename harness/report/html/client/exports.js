import { cellFiles } from './cell-files.js';
import { element } from './element.js';
import { page } from './load-data.js';
import { pcapOf } from './pcap.js';
import { zipOf } from './zip.js';

/**
 * Buttons that hand a cell out as files. Nothing leaves the page: a file is made of what the page has.
 *
 * @param {{cell: object, control: object | null, messages: object[], controlMessages: object[] | null, ladderSvg: string, ladderText: string}} input
 * @returns {HTMLElement}
 */
export function exportButtons(input) {
  const { cell, messages, controlMessages, ladderSvg, ladderText } = input;
  const name = [cell.policy, cell.situation, cell.variant]
    .join('.')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 150);
  // Records count from the call's INVITE; the run's start stands for the day.
  const startEpochMs = Date.parse(page.startedAt) || 0;
  const pcap = (of) => () => pcapOf(of, startEpochMs);
  return element(
    'div',
    { class: 'exports' },
    downloadButton('All of it (zip)', `${name}.zip`, 'application/zip', () =>
      zipOf(cellFiles({ ...input, startEpochMs })),
    ),
    downloadButton('Ladder as SVG', `${name}.svg`, 'image/svg+xml', () => ladderSvg),
    downloadButton('Ladder as text', `${name}.txt`, 'text/plain;charset=utf-8', () => ladderText),
    downloadButton('Call as pcap', `${name}.pcap`, 'application/vnd.tcpdump.pcap', pcap(messages)),
    controlMessages === null
      ? null
      : downloadButton(
          'Control as pcap',
          `${name}.control.pcap`,
          'application/vnd.tcpdump.pcap',
          pcap(controlMessages),
        ),
  );
}

function downloadButton(label, file, type, make) {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([make()], { type }));
    const link = element('a', { href: url, download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}
