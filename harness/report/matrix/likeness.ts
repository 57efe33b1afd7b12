import type { Likeness, RunRows } from '../../model/results.ts';
import { visible } from '../visible.ts';
import { type Paint, wrap } from './text.ts';

/** Cells that are named; results.json has them all. */
const NAMED = 4;

/** Which policy a live server behaves like, and what speaks against each. */
export function likenessLines({ run }: Pick<RunRows, 'run'>, columns: number, paint: Paint): string[] {
  const { behavesLike } = run;
  if (behavesLike === undefined) return [];
  const [best] = behavesLike;
  if (best === undefined || behavesLike.every((each) => total(each) === 0)) {
    return wrap('Which policy it behaves like is not known: no proven cell tells policies apart', columns).map(
      paint.bold,
    );
  }
  const alike = behavesLike.filter(
    ({ agrees, against }) => against.length === best.against.length && agrees === best.agrees,
  );
  return [
    ...wrap(
      `Behaves like ${alike.map(({ policy }) => policy).join(' and ')}, in ${best.against.length === 0 ? 'all' : `${best.agrees} of the`} ${total(best)} cells that tell policies apart`,
      columns,
    ).map(paint.bold),
    ...behavesLike.flatMap((each) => wrap(lineOf(each), columns)),
  ];
}

function lineOf(likeness: Likeness): string {
  const { policy, agrees, against } = likeness;
  const named = against.slice(0, NAMED).map((id) => visible(id.split('/').slice(2, 4).join('/')));
  const more = against.length > NAMED ? ` and ${against.length - NAMED} more` : '';
  const contrary = against.length === 0 ? 'nothing against it' : `against it ${named.join(', ')}${more}`;
  return `${policy}: ${agrees} of ${total(likeness)}, ${contrary}`;
}

/** Cells that speak for it or against it. */
function total({ agrees, against }: Likeness): number {
  return agrees + against.length;
}
