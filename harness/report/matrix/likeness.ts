import type { Likeness, RunRows } from '../../model/results.ts';
import { likenessSentence, speaking } from '../likeness.ts';
import { visible } from '../visible.ts';
import { type Paint, wrap } from './text.ts';

/** Cells that are named; the page has them all. */
const NAMED = 4;

/** Which policy a live server behaves like, and what speaks against each; nothing of other servers. */
export function likenessLines({ run }: Pick<RunRows, 'run'>, columns: number, paint: Paint): string[] {
  const { behavesLike } = run;
  if (behavesLike === undefined) return [];
  const each = behavesLike.every((one) => speaking(one) === 0) ? [] : behavesLike;
  return [
    ...wrap(likenessSentence(behavesLike), columns).map(paint.bold),
    ...each.flatMap((one) => wrap(lineOf(one), columns)),
  ];
}

function lineOf(likeness: Likeness): string {
  const { policy, agrees, against } = likeness;
  const named = against.slice(0, NAMED).map((id) => visible(id.split('/').slice(2, 4).join('/')));
  const more = against.length > NAMED ? ` and ${against.length - NAMED} more` : '';
  const contrary = against.length === 0 ? 'nothing against it' : `against it ${named.join(', ')}${more}`;
  return `${policy}: ${agrees} of ${speaking(likeness)}, ${contrary}`;
}
