import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { LabError } from '../errors.ts';
import { findExecutable } from './find-tool.ts';
import { shellWord } from './shell-word.ts';

const APT_INSTALL = fileURLToPath(new URL('apt-install.sh', import.meta.url));

/** How packages can be installed here: at once, or by whom. `no-apt`: not a Debian-like system. */
export type InstallRights = 'root' | 'sudo' | 'by-hand' | 'no-apt';

/** `sudo -n true` succeeds only where sudo asks for no password. */
export async function installRights(folders?: readonly string[], uid = process.getuid?.()): Promise<InstallRights> {
  if ((await findExecutable(['apt-get'], folders)) === null) return 'no-apt';
  if (uid === 0) return 'root';
  const sudo = await findExecutable(['sudo'], folders);
  if (sudo === null) return 'by-hand';
  const passwordless = await new Promise<boolean>((resolve) => {
    execFile(sudo, ['-n', 'true'], { timeout: 5_000 }, (error) => resolve(error === null)).stdin?.end();
  });
  return passwordless ? 'sudo' : 'by-hand';
}

/** By the lists that are here: they may be old, or none. */
export async function aptHas(debianPackage: string): Promise<boolean> {
  const { status, output } = await run(['apt-cache', 'madison', debianPackage], 60_000);
  return status === 0 && output.trim() !== '';
}

/** The one command that installs these Debian packages and leaves no service running. */
export function installCommand(packages: readonly string[]): string {
  return `sudo sh ${shellWord(APT_INSTALL)} ${packages.join(' ')}`;
}

/**
 * Installs Debian packages; no service of theirs is left running, or started at boot.
 *
 * @throws {LabError} with the end of apt's output
 */
export async function aptInstall(
  packages: readonly string[],
  rights: 'root' | 'sudo',
  /** @default 600_000 */
  timeoutMs = 600_000,
): Promise<void> {
  const command = [...(rights === 'sudo' ? ['sudo', '-n'] : []), 'sh', APT_INSTALL, ...packages];
  const { status, output } = await run(command, timeoutMs);
  if (status === 0) return;
  throw new LabError(
    `apt-get could not install ${packages.join(', ')} (${command.join(' ')} ended with ${status}):\n${tail(output)}\n` +
      'Fix what it says (network, mirror, disk), then try again.',
  );
}

/** Both outputs together, at most their last 8,000 characters. */
export function run(
  command: readonly string[],
  timeoutMs: number,
): Promise<{ status: number | string; output: string }> {
  const [program = 'sh', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let output = '';
    const keep = (text: string): void => {
      output = (output + text).slice(-8_000);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ status: error.message, output }));
    child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'nothing', output }));
  });
}

export function tail(output: string): string {
  return output.trim().split('\n').slice(-8).join('\n');
}
