/** Where Ringfence lies: in a checkout, or in the package, in somebody's `node_modules`. The package has the same folders, built. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What has `harness/`, `scenarios/` and `containers/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Sources are run as they are; only the package is built. */
export const IN_CHECKOUT = import.meta.url.endsWith('.ts');

/** What has `reports/`: the checkout, as ever; of the package, the folder of whoever uses it. */
export const WORK_ROOT = IN_CHECKOUT ? PACKAGE_ROOT : process.cwd();

/** For what is fetched once and serves all projects of this user: the next `npm ci` removes what is in `node_modules`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ringfence');
}
