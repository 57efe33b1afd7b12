/**
 * Errors mean that we could not look; what a call did, however badly, is a result.
 * Each carries the exit status that the command line ends with (see README, "Exit codes").
 */
export abstract class HarnessError extends Error {
  abstract readonly code: string;
  abstract readonly exitStatus: 2 | 3;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The caller asked for something that cannot be: an unknown id, a bad scenario file. Names file and line where there is one. */
export class UsageError extends HarnessError {
  readonly code = 'RINGFENCE_USAGE';
  readonly exitStatus = 2;
}

/** The lab could not be brought up or did not hold: a program is missing, a port is taken, a server died. */
export class LabError extends HarnessError {
  readonly code = 'RINGFENCE_LAB';
  readonly exitStatus = 3;
}

/** What the system refused for a reason that lies with the machine: what that is, and what to do. */
const SYSTEM_TROUBLES: Readonly<Record<string, readonly [means: string, remedy: string]>> = {
  ENOSPC: ['no space is left there', 'free some, or have the report elsewhere with --report'],
  EDQUOT: ['the quota of disk space is used up', 'free some, or have the report elsewhere with --report'],
  EROFS: ['the file system is read-only', 'have the report elsewhere with --report, temporary files with TMPDIR'],
  EACCES: ['this user may not', 'change its permissions, or name another place: --report, TMPDIR, XDG_CACHE_HOME'],
  EPERM: ['this user may not', 'change its permissions, or name another place: --report, TMPDIR, XDG_CACHE_HOME'],
  EMFILE: ['this process may open no more files', 'raise the limit: ulimit -n 1024'],
  ENFILE: ['this machine may open no more files', 'end other programs, or raise fs.file-max (sysctl)'],
  ENOMEM: ['no memory is left', 'end other programs, or give this one more'],
  EAGAIN: ['no more processes may be started', 'end other programs, or raise the limit: ulimit -u'],
  ENETUNREACH: ['no network leads there', 'bring the loopback interface up: ip link set lo up'],
  ENETDOWN: ['the network interface is down', 'bring the loopback interface up: ip link set lo up'],
  EADDRNOTAVAIL: ['this machine has no such address', 'all of 127.0.0.0/8 must be on the loopback interface'],
};

/** @returns what was attempted, what was seen and what to do, in one sentence; null where the machine is not to blame */
export function systemTrouble(error: unknown): string | null {
  const { code = '', syscall = '', path, address, port } = Object(error) as NodeJS.ErrnoException & Endpoint;
  const [means, remedy] = SYSTEM_TROUBLES[code] ?? [];
  if (means === undefined) return null;
  const place = path ?? (address === undefined ? undefined : `${address}${port === undefined ? '' : `:${port}`}`);
  const attempted = [syscall.replace(/^spawn .*/, 'spawn'), place].filter((word) => (word ?? '') !== '').join(' ');
  return `${attempted === '' ? 'a system call' : attempted} failed: ${means} (${code}); ${remedy}`;
}

/** Of errors of sockets. */
interface Endpoint {
  readonly address?: string;
  readonly port?: number;
}
