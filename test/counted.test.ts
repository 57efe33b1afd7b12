import { expect, it } from 'vitest';
import { counted } from '../harness/counted.ts';

it('says of what there is one, and how many there are of the rest', () => {
  expect([0, 1, 2400].map((count) => counted(count, 'cell'))).toEqual(['0 cells', '1 cell', '2,400 cells']);
  expect([1, 3].map((count) => counted(count, 'answer is', 'answers are'))).toEqual(['1 answer is', '3 answers are']);
});
