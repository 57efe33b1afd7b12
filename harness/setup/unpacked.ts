/** Programs that no release of Debian has: their packages are unpacked, not installed. */
import { fileURLToPath } from 'node:url';
import { LabError } from '../errors.ts';
import { aptInstall, installRights, run, tail } from './apt.ts';
import { findExecutable } from './find-tool.ts';
import { type Program, unpackedFolder } from './programs.ts';

const UNPACK = fileURLToPath(new URL('unpack.sh', import.meta.url));
const TIMEOUT_MS = 600_000;

/**
 * Unpacks the program and everything that it needs from Debian's unreleased suite: some 250 MB and a minute.
 *
 * @throws {LabError} with the end of what it printed, and what to do
 */
export async function unpack(program: Program): Promise<void> {
  const { title, executables, debianPackage, unreleased = '', variable } = program;
  await mmdebstrap(`${title} cannot be had: no release of Debian has it, and to unpack it from ${unreleased} there is`);
  const command = ['sh', UNPACK, executables[0] ?? '', debianPackage, unreleased, unpackedFolder(program) ?? ''];
  const { status, output } = await run(command, TIMEOUT_MS);
  if (status === 0) return;
  throw new LabError(
    `${title} could not be unpacked from Debian's ${unreleased} (${command.join(' ')} ended with ${status}):\n${tail(output)}\n` +
      `Mend what it says (network, mirror, disk), or name a ${title} of your own with ${variable}.`,
  );
}

/** @param without what cannot be done without it, up to "there is". @throws {LabError} */
export async function mmdebstrap(without: string): Promise<string> {
  const found = await findExecutable(['mmdebstrap']);
  if (found !== null) return found;
  const rights = await installRights();
  if (rights === 'root' || rights === 'sudo') {
    await aptInstall(['mmdebstrap'], rights);
    const installed = await findExecutable(['mmdebstrap']);
    if (installed !== null) return installed;
  }
  throw new LabError(`${without} no mmdebstrap here. Install it (Debian, Ubuntu: apt-get install mmdebstrap).`);
}
