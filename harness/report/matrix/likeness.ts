import type { Likeness, RunRows } from '../../model/results.ts';
import { serverTitle } from '../grid.ts';
import { likenessSentence, speaking } from '../likeness.ts';
import { visible } from '../visible.ts';
import { type Paint, wrap } from './text.ts';

/** Cells that are named; the page has them all. */
const NAMED = 4;

/** Which policy each live server behaves like, and what speaks against each; nothing of other servers. */
export function likenessLines(results: Pick<RunRows, 'run'>, columns: number, paint: Paint): string[] {
  return Object.entries(results.run.behavesLike ?? {}).flatMap(([server, behavesLike]) => {
    const each = behavesLike.every((one) => speaking(one) === 0) ? [] : behavesLike;
    const sentence = `${serverTitle(results, server)} ${likenessSentence(behavesLike)}`;
    return [...wrap(visible(sentence), columns).map(paint.bold), ...each.flatMap((one) => wrap(lineOf(one), columns))];
  });
}

function lineOf(likeness: Likeness): string {
  const { policy, agrees, against } = likeness;
  const named = against.slice(0, NAMED).map((id) => visible(id.split('/').slice(2, 4).join('/')));
  const more = against.length > NAMED ? ` and ${against.length - NAMED} more` : '';
  const contrary = against.length === 0 ? 'nothing against it' : `against it ${named.join(', ')}${more}`;
  return `${policy}: ${agrees} of ${speaking(likeness)}, ${contrary}`;
}
