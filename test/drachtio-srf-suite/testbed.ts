import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { type StartedProcess, startProcess } from '../../harness/processes/process.ts';
import { NameServer } from './name-server.ts';
import { ScratchCopy, type SuiteHost } from './scratch-copy.ts';

const SIP_PORT = 5060; // of every host, each on an address of its own
const CONTROL_PORT = 9022;
const SECRET = 'only-for-this-suite';
const READY_WITHIN_MS = 15_000;
/** The two servers: names in the suite's configuration, last octets in its network. */
const UNDER_TEST = { name: 'drachtio-sut', octet: '10' };
const SECOND = { name: 'drachtio-uas', octet: '19' };
/** A host that a test starts by itself, see `sipp-helper.cjs`. */
const STARTED_BY_TEST = { name: 'sipp-uas-b-teardown', octet: '30' };

export interface TapRun {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly passed: number;
  readonly failed: number;
  /** Everything the test file printed. */
  readonly output: string;
}

/** The suite's test network for one of its test files, on loopback addresses of its own: servers, SIPp hosts, names. */
export class Testbed implements AsyncDisposable {
  readonly #network: string;
  readonly #file: string;
  readonly #copy: ScratchCopy;
  readonly #resources: AsyncDisposableStack;

  private constructor(network: string, file: string, copy: ScratchCopy, resources: AsyncDisposableStack) {
    this.#network = network;
    this.#file = file;
    this.#copy = copy;
    this.#resources = resources;
  }

  /** @param file of the suite, e.g. `uas.js`; only the hosts that it speaks to are started */
  static async start(file: string): Promise<Testbed> {
    await using resources = new AsyncDisposableStack();
    const block = resources.use(await allocateAddresses([]));
    const network = block.network.replace('.0/24', '');
    const copy = resources.use(await ScratchCopy.make(network));
    const names = new Map([...copy.hosts, STARTED_BY_TEST].map(({ name, octet }) => [name, `${network}.${octet}`]));
    const { address } = resources.use(await NameServer.start(names, { host: `${network}.2` }));
    const needed = await copy.hostsOf(file);
    const servers = needed.some(({ name }) => name === SECOND.name) ? [UNDER_TEST, SECOND] : [UNDER_TEST];
    for (const { name, octet } of servers) {
      const addresses = [
        '--sip',
        `${network}.${octet}:${SIP_PORT}`,
        '--control',
        `${network}.${octet}:${CONTROL_PORT}`,
      ];
      await startServer(resources, join(copy.dir, `${name}.log`), [
        ...addresses,
        '--dns',
        `${address.host}:${address.port}`,
      ]);
    }
    await Promise.all(needed.map((host) => startSipp(resources, copy.dir, network, host)));
    return new Testbed(network, file, copy, resources.move());
  }

  /** Runs the test file in a process of its own. */
  async run(timeoutMs: number): Promise<TapRun> {
    const control = [UNDER_TEST, SECOND].map(({ name, octet }) => [
      name,
      { host: `${this.#network}.${octet}`, port: CONTROL_PORT, secret: SECRET },
    ]);
    const logFile = join(this.#copy.dir, `${this.#file}.tap`);
    const tape = this.#resources.use(
      await startProcess({
        command: process.execPath,
        args: [join('test', this.#file)],
        cwd: this.#copy.dir,
        env: {
          ...process.env,
          NODE_ENV: 'test',
          NODE_CONFIG_DIR: join(this.#copy.dir, 'config'),
          NODE_CONFIG: JSON.stringify(Object.fromEntries(control)),
          SUITE_NETWORK: this.#network,
        },
        logFile,
      }),
    );
    const timer = setTimeout(() => void tape.stop(), timeoutMs);
    const { code, signal } = await tape.exited.finally(() => clearTimeout(timer));
    const output = `${await readFile(logFile, 'utf8')}\n# ended with code ${code}, signal ${signal}`;
    return { exitCode: code, passed: count(output, /^ok \d+/gm), failed: count(output, /^not ok \d+/gm), output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

async function startServer(resources: AsyncDisposableStack, logFile: string, args: readonly string[]): Promise<void> {
  const server = resources.use(
    await startProcess({
      command: process.execPath,
      args: [join(import.meta.dirname, 'serve.ts'), ...args],
      cwd: import.meta.dirname,
      env: { ...process.env, RINGFENCE_SECRET: SECRET },
      logFile,
    }),
  );
  await ready(server, async () => /\S/.test(server.logTail()));
}

async function startSipp(
  resources: AsyncDisposableStack,
  dir: string,
  network: string,
  { name, octet, script }: SuiteHost,
): Promise<void> {
  if (!script) return;
  const own = `${network}.${octet}`;
  const addresses = ['-i', own, '-p', String(SIP_PORT), '-ci', own, '-mi', own];
  const sipp = resources.use(
    await startProcess({
      command: 'sipp',
      args: ['-sf', join(dir, 'test', 'scenarios', script), ...addresses, '-nostdin', '-timeout', '180s'],
      cwd: dir,
      logFile: join(dir, `${name}.log`),
    }),
  );
  await ready(sipp, async () => (await readFile('/proc/net/udp', 'utf8')).includes(procNetUdp(own, SIP_PORT)));
}

async function ready(program: StartedProcess, isReady: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(
    async () => {
      if (await isReady()) return;
      throw new Error(
        `${program.command} is ${program.running ? 'not ready' : 'gone'}; its log ends:\n${program.logTail()}`,
      );
    },
    { timeout: READY_WITHIN_MS, interval: 20 },
  );
  if (!program.running) throw new Error(`${program.command} ended at once; its log ends:\n${program.logTail()}`);
}

/** A local address as `/proc/net/udp` writes it: little-endian hexadecimal. */
function procNetUdp(host: string, port: number): string {
  const octets = host.split('.').toReversed();
  const address = octets.map((octet) => hex(Number(octet), 2)).join('');
  return `${address}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}
