/** `./ringfence COMMAND`: finds the command, runs it, turns errors into messages and exit statuses. */
import { readFile } from 'node:fs/promises';
import { HarnessError, systemTrouble } from '../errors.ts';
import { IN_CHECKOUT } from '../place.ts';
import { requireNode } from './node-floor.ts';

type Command = (args: string[]) => Promise<number>;

interface Entry {
  readonly does: string;
  readonly load: () => Promise<Command>;
  /** `checkout`: it is about the project's own files. `package`: about those of whoever has installed it. @default both */
  readonly in?: 'checkout' | 'package';
}

/** Loaded on demand: `list` must not wait for vitest. */
const ALL: Readonly<Record<string, Entry>> = {
  run: {
    does: 'place the calls, write the report, print the matrix (the main job)',
    load: async () => (await import('./run.ts')).runCommand,
  },
  init: {
    does: 'write a start into your repository: configuration, scenario, header, pipeline',
    load: async () => (await import('./start/init.ts')).initCommand,
    in: 'package',
  },
  new: {
    does: 'add one to it: `new scenario NAME`, `header`, `server`, `caller`',
    load: async () => (await import('./start/new.ts')).newCommand,
    in: 'package',
  },
  test: {
    does: "the project's own tests",
    load: async () => (await import('./test.ts')).testCommand,
    in: 'checkout',
  },
  list: {
    does: 'situations, variants, policies, servers and claims',
    load: async () => (await import('./list.ts')).listCommand,
  },
  report: {
    does: 'render again from results; several directories are merged',
    load: async () => (await import('./report.ts')).reportCommand,
  },
  packet: {
    does: 'one cell as a page and a capture file, to be sent to who made the server',
    load: async () => (await import('./packet.ts')).packetCommand,
  },
  compare: {
    does: 'what changed between two runs, and whether anything got worse',
    load: async () => (await import('./compare.ts')).compareCommand,
  },
  sabotage: {
    does: 'break server, path and lab on purpose: no proven negative may stay green',
    load: async () => (await import('./sabotage.ts')).sabotageCommand,
  },
  lab: {
    does: 'keep a lab up and print its addresses, for a softphone or a debugger',
    load: async () => (await import('./lab.ts')).labCommand,
  },
  doctor: {
    does: 'what is installed, what is missing, and the one command that fixes it',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  drachtio: {
    does: 'the drachtio-compatible server alone, for any drachtio application',
    load: async () => (await import('./drachtio.ts')).drachtioCommand,
  },
  bench: {
    does: 'measure everything beside the previous release, or one: `bench drachtio`, `matrix`, `report`, `mutation`',
    load: async () => (await import('../../bench/index.ts')).benchCommand,
    in: 'checkout',
  },
};
const ABSENT = IN_CHECKOUT ? 'package' : 'checkout';
const COMMANDS = Object.fromEntries(Object.entries(ALL).filter((entry) => entry[1].in !== ABSENT));

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { does }]) => `  ${name.padEnd(width)}  ${does}`);
  return `Usage: ./ringfence COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\n./ringfence help COMMAND shows the options of one, --version which Ringfence this is.\n`;
}

/**
 * The command that is asked for, as `./ringfence` runs it: errors are told on stderr.
 *
 * @returns the exit status
 */
export async function commandLine(words: readonly string[]): Promise<number> {
  try {
    return await run(words);
  } catch (error) {
    return report(error);
  }
}

async function run([name, ...args]: readonly string[]): Promise<number> {
  const { version, engines } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  requireNode(process.versions.node, engines.node);
  if (name === '--version' || (args.length === 1 && args[0] === '--version')) {
    process.stdout.write(`ringfence ${version}\n`);
    return 0;
  }
  if (name === undefined || HELP.includes(name)) {
    const [about] = args;
    if (about !== undefined) return (await (await commandOf(about)).load())(['--help']);
    process.stdout.write(help());
    return name === undefined ? 2 : 0;
  }
  const command = await (await commandOf(name)).load();
  try {
    return await command(args);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw error;
    const { unknownOption } = await import('./unknown-option.ts');
    throw (await unknownOption(name, error as Error)) ?? error;
  }
}

const HELP = ['help', '--help', '-h'];

async function commandOf(name: string): Promise<Entry> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command;
  // Images have this file without any package, which it needs.
  const { unknownWord } = await import('../unknown-word.ts');
  throw unknownWord('command', name, Object.keys(COMMANDS));
}

/** What we did not foresee is our bug: it keeps its stack and ends like a failed lab, never like a verdict. */
function report(error: unknown): number {
  if (error instanceof HarnessError) {
    process.stderr.write(`ringfence: ${error.message}\n`);
    return error.exitStatus;
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`ringfence: ${(error as Error).message}\n`);
    return 2;
  }
  const trouble = systemTrouble(error);
  if (trouble !== null) {
    process.stderr.write(`ringfence: ${trouble}\n`);
    return 3;
  }
  process.stderr.write(`ringfence: unexpected error, please report it\n${(error as Error).stack ?? String(error)}\n`);
  return 3;
}
