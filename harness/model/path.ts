/** What each path of a call does with the variant's header lines. */
import type { Path } from './words.ts';

export interface LinesOnTheWay {
  /** In the caller's own INVITE. */
  readonly caller: readonly string[];
  /** In the INVITE that the server gets: the same one, or that of the B2BUA's leg. */
  readonly server: readonly string[];
}

export function linesOnTheWay(path: Path, lines: readonly string[]): LinesOnTheWay {
  switch (path) {
    case 'direct':
    case 'b2bua-copy':
      return { caller: lines, server: lines };
    case 'b2bua-set':
      return { caller: [], server: lines };
    case 'b2bua-drop':
      return { caller: lines, server: [] };
  }
}

/** Whether the server is asked anything by the header of a call on this path. */
export function headerArrives(path: string): boolean {
  return path !== 'b2bua-drop';
}
