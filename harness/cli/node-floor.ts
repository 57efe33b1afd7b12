import { LabError } from '../errors.ts';

/**
 * npm installs the package for an older Node.js as well, with a warning. There it would end in a SyntaxError, because
 * `await using` is none of its words.
 *
 * @param running e.g. `24.21.0` @param engines as package.json has it, e.g. `>=24.15` @throws {LabError}
 */
export function requireNode(running: string, engines: string): void {
  const floor = engines.replace('>=', '');
  const [major = 0, minor = 0] = running.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = floor.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new LabError(
    `Ringfence needs Node.js ${floor} or newer, and this is ${running} (${process.execPath}). Install one, or fetch it for this command alone:\n` +
      `  npx --package=node@${wantedMajor} --package=ringfence ringfence help`,
  );
}
