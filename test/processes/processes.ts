/** What is running on this machine, read from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { vi } from 'vitest';

/** A zombie has ended: it only waits for its parent to take note. */
export function isRunning(pid: number): boolean {
  return stat(pid) !== undefined;
}

/** Running members of a process group. */
export function groupMembers(group: number): number[] {
  return pids().filter((pid) => stat(pid)?.group === group);
}

export function childrenRunning(parent: number, program: string): number[] {
  return pids().filter((pid) => stat(pid)?.parent === parent && commandLine(pid).includes(program));
}

/** All that it has started, and what these have. */
export function descendants(parent: number): number[] {
  return childrenRunning(parent, '').flatMap((child) => [child, ...descendants(child)]);
}

/** For what comes at once where nothing else runs: a busy machine takes its time. */
export const WAIT_MS = 30_000;

export async function untilGone(processes: readonly number[], timeoutMs = WAIT_MS): Promise<void> {
  await vi.waitFor(
    () => {
      const left = processes.filter(isRunning);
      if (left.length > 0) throw new Error(`still running after ${timeoutMs} ms: ${left.map(commandLine).join(' | ')}`);
    },
    { timeout: timeoutMs, interval: 20 },
  );
}

/** `ip:port` of every UDP and listening TCP socket of a process. */
export function listeningAddresses(pid: number): string[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`)));
  return ['udp', 'udp6', 'tcp', 'tcp6'].flatMap((protocol) => {
    const rows = read(`/proc/net/${protocol}`).trim().split('\n').slice(1);
    const sockets = rows.map((row) => row.trim().split(/\s+/));
    const open = sockets.filter(([, , , state]) => protocol.startsWith('udp') || state === '0A');
    return open.filter((socket) => own.has(`socket:[${socket[9]}]`)).map(([, local = '']) => address(local));
  });
}

/** From the kernel's hexadecimal, host byte order. */
function address(local: string): string {
  const [host = '', port = ''] = local.split(':');
  const bytes =
    host
      .match(/../g)
      ?.map((byte) => Number.parseInt(byte, 16))
      .toReversed() ?? [];
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // closed while we looked
  }
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function stat(pid: number): { parent: number; group: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const [state, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return text === '' || state === 'Z' || state === 'X' ? undefined : { parent: Number(parent), group: Number(group) };
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
