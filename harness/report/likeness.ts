import type { Likeness } from '../model/results.ts';

/** Which policy a live server behaves like, in one sentence without a full stop. */
export function likenessSentence(behavesLike: readonly Likeness[]): string {
  const [best] = behavesLike;
  if (best === undefined || behavesLike.every((each) => speaking(each) === 0)) {
    return 'Which policy it behaves like is not known: no proven cell tells policies apart';
  }
  const alike = behavesLike.filter(
    ({ agrees, against }) => against.length === best.against.length && agrees === best.agrees,
  );
  const names = new Intl.ListFormat('en').format(alike.map(({ policy }) => policy));
  const inHowMany = best.against.length === 0 ? 'all' : `${best.agrees} of the`;
  return `Behaves like ${names}, in ${inHowMany} ${speaking(best)} cells that tell policies apart`;
}

/** Cells that speak for it or against it. */
export function speaking({ agrees, against }: Likeness): number {
  return agrees + against.length;
}
