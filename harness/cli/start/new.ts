import { parseArgs } from 'node:util';
import { UsageError } from '../../errors.ts';
import { unknownWord } from '../../unknown-word.ts';
import { type Repository, repositoryIn } from './repository.ts';
import { accounts, caller, header, scenario, serverProgram } from './templates.ts';
import { type NewFile, writeNew } from './write-new.ts';

const NEW_HELP = `Usage: ./ringfence new scenario|header|server|caller NAME

Adds one to your repository, ready to be run and to be changed. NAME is its id: lower-case letters, digits, single hyphens.

  scenario  a situation, in the first folder of your configuration's scenarios
  header    a row of the matrix, there as well
  server    in servers/: a program that starts a server for each run, on Kamailio (docs/own-server.md), and the accounts
            of one that somebody else runs (docs/live-server.md). Remove the one that yours is not
  caller    an application that places the calls, on drachtio-srf, in callers/; see docs/callers.md

Exit status: 0 written; 2 usage error, or it is there.
`;

interface Made {
  readonly files: readonly NewFile[];
  readonly next: string;
}

const KINDS: Readonly<Record<string, (id: string, repository: Repository) => Promise<Made>>> = {
  scenario: async (id, { scenarios, extension }) => ({
    files: [{ path: `${scenarios}/${id}.${extension}`, text: await scenario(id) }],
    next: `npx ringfence run --situation ${id} --variant none`,
  }),
  header: async (id, { scenarios, extension }) => ({
    files: [{ path: `${scenarios}/${id}.${extension}`, text: await header(id) }],
    next: `npx ringfence run --variant ${id}`,
  }),
  server: async (id) => ({
    files: [
      { path: `servers/${id}.sh`, text: await serverProgram(id), isProgram: true },
      { path: `servers/${id}.yaml`, text: await accounts(id) },
    ],
    next: `npx ringfence doctor --server command:servers/${id}.sh
Or, of a server that runs: say in servers/${id}.yaml what is there, then npx ringfence run --server sip:HOST:PORT --accounts servers/${id}.yaml --plan`,
  }),
  caller: async (id, { extension }) => ({
    files: [
      {
        path: `callers/${id}.${extension}`,
        text: await caller(id, `callers/${id}.${extension}`),
        isProgram: true,
      },
    ],
    next: `npm install drachtio-srf, then npx ringfence doctor --caller command:callers/${id}.${extension}`,
  }),
};

/** `./ringfence new KIND NAME`. @throws {UsageError} */
export async function newCommand(args: string[], folder: string = process.cwd()): Promise<number> {
  const options = { help: { type: 'boolean', short: 'h' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  if (values.help === true) {
    process.stdout.write(NEW_HELP);
    return 0;
  }
  const [kind = '', id = '', surplus] = positionals;
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (make === undefined) throw unknownWord('kind', kind, Object.keys(KINDS));
  if (surplus !== undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    throw new UsageError(
      `new ${kind} takes one NAME of lower-case letters, digits and single hyphens, e.g. night-service, not "${positionals.slice(1).join(' ')}"`,
    );
  }
  const repository = await repositoryIn(folder);
  const made = await make(id, repository);
  const said = await writeNew(folder, made.files);
  if (said.every((line) => line.startsWith('kept'))) {
    const paths = made.files.map(({ path }) => path).join(' and ');
    throw new UsageError(
      `${paths} ${said.length > 1 ? 'are' : 'is'} there already: choose another name, or remove what is there`,
    );
  }
  process.stdout.write(`${said.join('\n')}\nNext: ${made.next}\n`);
  return 0;
}
