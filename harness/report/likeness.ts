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
  const inHowMany = best.against.length === 0 ? 'all' : `${best.agrees} of the`;
  return `behaves like ${names}, in ${inHowMany} ${speaking(best)} cells that tell policies apart`;
}

/** Cells that speak for it or against it. */
export function speaking({ agrees, against }: Likeness): number {
  return agrees + against.length;
}
