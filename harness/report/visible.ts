import { visible } from '../evidence/visible.ts';

export { visible };

/** Like {@link visible}, but keeps line breaks. */
export function visibleLines(text: string): string {
  return text.split(/\r?\n/).map(visible).join('\n');
}
