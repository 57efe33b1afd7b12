import type { SipAddress } from '../../model/server.ts';

export interface KamailioArguments {
  /** Path of the configuration. */
  readonly config: string;
  /** Where everything that Kamailio writes goes. */
  readonly workDir: string;
  /** Where its sockets go. @default workDir */
  readonly socketDir?: string;
  readonly sip: SipAddress;
  /** Beside UDP. @default tcp */
  readonly stream?: 'tcp' | 'tls';
  /** Where its modules are (`-L`); undefined: the program's own choice. */
  readonly modulesDir: string | undefined;
  /** Defines of the configuration, `NAME` or `NAME=VALUE`. */
  readonly defines: readonly string[];
}

/** What any Kamailio is started with, whatever its configuration. */
export function kamailioArgs(options: KamailioArguments): string[] {
  const { config, workDir, socketDir = workDir, sip, stream = 'tcp', modulesDir, defines } = options;
  return [
    ['-DD', '-E', '-f', config, '-w', workDir, '-Y', socketDir],
    // A transaction takes some 15 kB, and stays 5 s after its end: 128 MiB were full at 700 calls per second (measured). Of
    // what is reserved, the kernel hands out what is used.
    ['-m', '512', '-M', '16', '-b', '8388608'],
    // Its usual allocator searches lists of free pieces: a third of its processor time, with so much memory (measured).
    ['-x', 'tlsf'],
    modulesDir === undefined ? [] : ['-L', modulesDir],
    ['-l', `udp:${sip.host}:${sip.port}`, '-l', `${stream}:${sip.host}:${sip.port}`],
    defines.flatMap((define) => ['-A', define]),
  ].flat();
}
