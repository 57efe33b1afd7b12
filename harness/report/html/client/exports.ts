import { type CellEvidence, capture, cellFiles } from '../../../evidence/cell-files.ts';
import { zipOf } from '../../../evidence/zip.ts';
import type { Message } from '../../../ladder/message.ts';
import { element } from './element.ts';
import { page } from './load-data.ts';

/** Buttons that hand a cell out as files. Nothing leaves the page: a file is made of what the page has. */
export function exportButtons(given: Omit<CellEvidence, 'runStartedAt'>): HTMLElement {
  const { cell, control, messages, controlMessages, ladderSvg, ladderText } = given;
  const { startedAt: runStartedAt } = page;
  const name = [cell.policy, cell.situation, cell.variant]
    .join('.')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 150);
  const pcapButton = (label: string, ending: string, of: readonly Message[], whose: typeof control): HTMLElement =>
    downloadButton(label, `${name}.${ending}`, 'application/vnd.tcpdump.pcap', () => capture(of, whose, runStartedAt));
  return element(
    'div',
    { class: 'exports' },
    downloadButton('All of it (zip)', `${name}.zip`, 'application/zip', () =>
      zipOf(cellFiles({ ...given, runStartedAt })),
    ),
    downloadButton('Ladder as SVG', `${name}.svg`, 'image/svg+xml', () => ladderSvg),
    downloadButton('Ladder as text', `${name}.txt`, 'text/plain;charset=utf-8', () => ladderText),
    pcapButton('Call as pcap', 'pcap', messages, cell),
    controlMessages === null ? null : pcapButton('Control as pcap', 'control.pcap', controlMessages, control),
  );
}

function downloadButton(label: string, file: string, type: string, make: () => BlobPart): HTMLElement {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([make()], { type }));
    const link = element('a', { href: url, download: file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  return button;
}
