/** The engine that a pipeline starts for itself, in a network of its own here: it must leave no trace of itself. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findExecutable } from '../../../harness/setup/find-tool.ts';

const SCRIPT = fileURLToPath(new URL('../../../.ci/docker-engine', import.meta.url));
const NOBODY = 65_534;
const TIMEOUT_MS = 300_000;

// Of a pipeline that runs these tests: its engine is not for them to end.
const { DOCKER_HOST: _host, RINGFENCE_CI_ENGINE: _engine, ...env } = process.env;
// Its standard input is a socket, which bash takes for a remote login, and reads the start-up file of somebody who is not its user.
const bash = (script: string, over: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {}) =>
  promisify(execFile)('bash', ['--norc', '-c', script, 'bash', SCRIPT], { env, timeout: TIMEOUT_MS, ...over });

/** What an engine leaves in the network, the mounts and the processes of where it ran. */
const TRACES = `
traces() {
  cut -d: -f1 /proc/net/dev
  for tables in iptables ip6tables; do $tables-save | grep -E '^-|DOCKER' || true; done
  cat /proc/sys/net/ipv4/ip_forward
  sed -E 's/^[^ ]+ ([^ ]+) .*/mount \\1/' /proc/self/mounts
}`;
const isMount = (line: string): boolean => line.startsWith('mount ');

describe('.ci/docker-engine', () => {
  it('starts an engine where none answers, and ends it without a trace', { timeout: TIMEOUT_MS }, async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can start an engine');
    context.skip((await findExecutable(['dockerd'])) === null, 'docker.io is not installed');
    context.skip((await findExecutable(['ip'])) === null, 'no ip command, which takes the bridge away');
    const networks = await promisify(execFile)('unshare', ['-n', '-m', 'true']).catch((error: Error) => error);
    context.skip(networks instanceof Error, 'no network namespace can be made here');
    const { stdout } = await promisify(execFile)(
      'unshare',
      ['-n', '-m', '--propagation', 'private', 'bash', '-euc', `${TRACES}${SESSION}`, 'bash', SCRIPT],
      { env, timeout: TIMEOUT_MS },
    );
    const [before = [], during = [], after = []] = stdout.split('--\n').map((part) => part.trimEnd().split('\n'));
    expect(during).toEqual([
      'docker engine: started one for this run',
      expect.stringMatching(/^\d+\.\d+/),
      'docker engine: one answers already',
    ]);
    expect(after.filter((line) => !isMount(line))).toEqual([
      ...before.filter((line) => !isMount(line)),
      'ended',
      'gone',
    ]);
    // Some may be gone: whoever removes a folder, anywhere on this machine, removes what is mounted there.
    expect(after.filter(isMount).filter((line) => !before.includes(line))).toEqual([]);
  });

  it('uses one that answers, and does not end it', async () => {
    const docker = 'docker() { echo 28.0.0; }; export -f docker; timeout() { shift; "$@"; }; export -f timeout';
    const { stdout } = await bash(`${docker}; "$1" start; "$1" stop`);
    expect(stdout).toBe("echo 'docker engine: one answers already'\n");
  });

  it('says in one line why there is none, and ends with 3', async (context) => {
    const root = process.getuid?.() === 0;
    const noDocker = 'docker() { return 1; }; export -f docker; timeout() { shift; "$@"; }; export -f timeout';
    const readable = await bash('cat "$1"', root ? { uid: NOBODY, gid: NOBODY } : {}).catch(() => null);
    context.skip(readable === null, 'another user may not read this checkout');
    const ended = bash(`${noDocker}; "$1" start`, root ? { uid: NOBODY, gid: NOBODY } : {});
    await expect(ended).rejects.toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'no Docker engine: none answers, and only root could start one\n',
    });
  });
});

const SESSION = `
trap '"$1" stop' EXIT
ip link set lo up
traces
echo --
eval "$("$1" start)"
docker version --format '{{.Server.Version}}'
eval "$("$1" start)"
dir=$RINGFENCE_CI_ENGINE
echo --
"$1" stop
"$1" stop
traces
ps -eo args | grep -F "$dir" | grep -v grep || echo ended
[ -e "$dir" ] || echo gone
`;
