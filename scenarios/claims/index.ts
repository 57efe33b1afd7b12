import type { Claim } from '../../harness/model/scenario.ts';
import { blog2012 } from './blog-2012.ts';
import { comment2013 } from './comment-2013.ts';
import { microsoft } from './microsoft.ts';
import { msSipreRouting } from './ms-sipre-routing.ts';
import { msSipreSensitivity } from './ms-sipre-sensitivity.ts';
import { refusals } from './refusals.ts';
import { responseGroup } from './response-group.ts';
import { standards } from './standards.ts';

/** Who says so: the two seed sources first, then what confirms, contradicts or explains them. */
export const claims: readonly Claim[] = [
  ...blog2012,
  ...comment2013,
  ...msSipreSensitivity,
  ...msSipreRouting,
  ...microsoft,
  ...responseGroup,
  ...standards,
  ...refusals,
];
