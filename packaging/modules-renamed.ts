import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text with `.js` for `.ts` in every quoted path of a module that was built: `new URL('thread.ts', import.meta.url)`,
 * imports of declarations, the command of an image. A path goes from the file's own folder, or from the root.
 *
 * @param root Has the modules that were built.
 */
export function modulesRenamed(text: string, folder: string, root: string): string {
  return text.replaceAll(/(['"`])([\w./-]+)\.ts\1/g, (whole, quote: string, path: string) => {
    const isBuilt = [folder, root].some((from) => existsSync(join(from, `${path}.js`)));
    return isBuilt ? `${quote}${path}.js${quote}` : whole;
  });
}
