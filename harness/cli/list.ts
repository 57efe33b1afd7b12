import { parseArgs } from 'node:util';
import { claims, everyRow, everySituation, scenarios, sets } from '../../scenarios/index.ts';
import { UsageError } from '../errors.ts';
import { headerLines } from '../model/header-lines.ts';
import { POLICIES, POLICY_TITLES } from '../model/words.ts';
import { loadUserFiles } from '../plan/user-files.ts';
import { LIVE_FORM } from '../servers/live.ts';
import { OWN_SERVER_PAGE } from '../servers/own/contract.ts';
import { SERVERS } from '../servers/registry.ts';
import { unknownWord } from '../unknown-word.ts';
import { claimsStory } from './list-claims.ts';
import { withConfig } from './with-config.ts';

const LIST_HELP = `Usage: ./ringfence list [situations|variants|policies|servers|claims]... [--scenarios DIR]... [--report DIR]

Everything that has an id, with its title; --scenarios adds the files of a folder of yours. Of claims, also what the post and the
comment say that the project stems from, sentence by sentence: what exercises it, and on which policies it holds, by
their demands or, with --report, in a run.
`;

/** `./ringfence list [situations|variants|policies|servers|claims]`: everything that has an id. */
export async function listCommand(args: string[]): Promise<number> {
  const { values, positionals } = await withConfig(args, ['scenarios'], optionsOf);
  if (values.help === true) {
    process.stdout.write(LIST_HELP);
    return 0;
  }
  const user = await loadUserFiles(values.scenarios ?? [], { scenarios: everySituation, variants: everyRow });
  const sections: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    situations: [
      ...[...scenarios, ...user.scenarios].map(({ id, title, feature }): [string, string] => [
        id,
        `${title} (${feature})`,
      ]),
      ...Object.entries(sets).flatMap(([set, { situations }]) =>
        situations.map(({ id, title }): [string, string] => [id, `${title} (--set ${set})`]),
      ),
    ],
    variants: [...everyRow, ...user.variants].map((each) => [each.id, oneLine(headerLines(each)) || each.title]),
    policies: POLICIES.map((id) => [id, POLICY_TITLES[id]]),
    servers: [
      ...SERVERS.map(({ id, title }): [string, string] => [id, title]),
      ['command:PATH', `a program of yours, or image:REF, started for the run: ${OWN_SERVER_PAGE}`],
      [LIVE_FORM, 'one that somebody else runs, with the accounts of a file: docs/live-server.md'],
    ],
    claims: claims.map(({ id, statement, source }) => [id, `${statement} [${source.title}]`]),
  };
  for (const name of positionals) {
    if (!Object.hasOwn(sections, name)) {
      throw unknownWord('list', name, Object.keys(sections));
    }
  }
  const asked = Object.entries(sections).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  if (values.report !== undefined && asked.every(([name]) => name !== 'claims')) {
    throw new UsageError('--report is about claims: ./ringfence list claims --report DIR');
  }
  for (const [name, rows] of asked) {
    if (name === 'claims') process.stdout.write(await claimsStory(values.report ?? null));
    const width = Math.max(...rows.map(([id]) => id.length));
    process.stdout.write(`${name}\n${rows.map(([id, text]) => `  ${id.padEnd(width)}  ${text}`).join('\n')}\n\n`);
  }
  return 0;
}

function optionsOf(args: string[]) {
  const options = {
    scenarios: { type: 'string', multiple: true },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  return parseArgs({ args, allowPositionals: true, options });
}

function oneLine(lines: readonly string[]): string {
  return lines.map((line) => line.replaceAll('\r\n', '\\r\\n').replaceAll('\t', '\\t')).join(' + ');
}
