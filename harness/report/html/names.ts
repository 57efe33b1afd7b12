import type { CellRow } from '../../model/results.ts';
import { visible } from '../visible.ts';

/** Where a cell is in the page: its id as a fragment, so that a cell can be linked to. */
export function cellHref(id: string): string {
  return `#${visible(id).split('/').map(encodeURIComponent).join('/')}`;
}

/** File of a group: the number keeps names apart that are alike once they are safe. */
export function dataFile(key: string, index: number): string {
  const name = key.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
  return `data/${index}-${name}.js`;
}

/** `voicemail-busy` under the heading `voicemail` is `busy`. */
export function shortSituation({ situation, feature }: Pick<CellRow, 'situation' | 'feature'>): string {
  const featureWords = feature.split('-');
  const words = situation.split('-');
  const shared = words.findIndex((word, index) => featureWords[index]?.startsWith(word) !== true);
  return shared <= 0 ? situation : words.slice(shared).join('-');
}
