import { captureOf } from '../../../evidence/capture.ts';
import { cellFiles } from '../../../evidence/cell-files.ts';
import { type PacketContents, packetPage } from '../../../evidence/packet.ts';
import { zipOf } from '../../../evidence/zip.ts';
import { element } from './element.ts';
import { page } from './load-data.ts';

/** Buttons that hand a cell out as files. Nothing leaves the page: a file is made of what the page has. */
export function exportButtons(given: Omit<PacketContents, 'runStartedAt' | 'run' | 'claims'>): HTMLElement {
  const { cell, ladderSvg, ladderText } = given;
  const { id, programs, servers } = page.run;
  const whole: PacketContents = {
    ...given,
    runStartedAt: page.startedAt,
    run: { id, programs, server: servers[cell.server] ?? cell.server },
    claims: page.claims.filter((claim) => cell.expected.claims.includes(claim.id)),
  };
  const name = [cell.policy, cell.situation, cell.variant]
    .join('.')
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, 150);
  return element(
    'div',
    { class: 'exports' },
    downloadButton('For the vendor (html)', `${name}.html`, 'text/html;charset=utf-8', () => packetPage(whole)),
    downloadButton('Both calls as pcapng', `${name}.pcapng`, 'application/x-pcapng', () => captureOf(whole)),
    downloadButton('All of it (zip)', `${name}.zip`, 'application/zip', () => zipOf(cellFiles(whole))),
    downloadButton('Ladder as SVG', `${name}.svg`, 'image/svg+xml', () => ladderSvg),
    downloadButton('Ladder as text', `${name}.txt`, 'text/plain;charset=utf-8', () => ladderText),
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
