import type { Likeness } from '../model/results.ts';

/** Which policy a live server behaves like, as a predicate: `behaves like ms-sipre, in all 42 cells that tell policies apart`. */
export function likenessSentence(behavesLike: readonly Likeness[]): string {
  const [best] = behavesLike;
  if (best === undefined || behavesLike.every((each) => speaking(each) === 0)) {
    return 'does not show which policy it behaves like: no proven cell tells policies apart';
  }
  const alike = behavesLike.filter(
    ({ agrees, against }) => against.length === best.against.length && agrees === best.agrees,
  );
  const names = new Intl.ListFormat('en').format(alike.map(({ policy }) => policy));
  const all = speaking(best);
  const where =
    all === 1
      ? 'the one cell that tells'
      : `${best.agrees === all ? 'all' : `${best.agrees} of the`} ${all} cells that tell`;
  return `behaves like ${names}, in ${where} policies apart`;
}

/** Cells that speak for it or against it. */
export function speaking({ agrees, against }: Likeness): number {
  return agrees + against.length;
}
