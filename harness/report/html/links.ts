import { visible } from '../visible.ts';

/** What the matrix is narrowed to; the names are those of the form's fields and of the address. */
export interface Filter {
  readonly policy?: string;
  readonly server?: string;
  readonly transport?: string;
  readonly feature?: string;
  readonly variant?: string;
  readonly verdict?: string;
}

/** `?policy=ms-sipre&feature=voicemail#matrix`: the matrix, filtered; works in a new tab too. */
export function filterHref(filter: Filter): string {
  const query = Object.entries(filter).map(([name, value]) => `${name}=${encodeURIComponent(visible(value))}`);
  return `?${query.join('&')}#matrix`;
}
