import { LabError } from '../errors.ts';
import { aptHas, aptInstall, type InstallRights, installCommand, installRights } from './apt.ts';
import { type Finding, type FindOptions, findPart, findTool, type Tool, untestedVersion } from './find-tool.ts';
import { PARTS, type Part, type PartName, PROGRAMS, type Program, packagesOf, type ToolName } from './programs.ts';
import { unpack } from './unpacked.ts';

type Packaged = (debianPackage: string) => Promise<boolean>;

/** Where each program is, and in which version. */
export type Tools<Name extends ToolName> = Readonly<Record<Name, Tool>> & {
  /** One sentence each; empty when all versions are tested ones. */
  readonly warnings: readonly string[];
};

/** Programs that are needed, and how they may be had. */
export interface EnsureToolsOptions<Name extends ToolName> extends FindOptions {
  readonly need: readonly Name[];
  /** @default none */
  readonly parts?: readonly PartName[];
  /** Told, in one line, before anything is installed. */
  readonly say: (line: string) => void;
  /** @default installRights() */
  readonly rights?: () => Promise<InstallRights>;
  /** @default aptInstall */
  readonly install?: (packages: readonly string[], rights: 'root' | 'sudo') => Promise<void>;
  /** Whether this system has the package. @default aptHas */
  readonly packaged?: Packaged;
  /** @default findPart */
  readonly hasPart?: (part: Part) => Promise<boolean>;
  /** Of a program that no release of Debian has. @default unpack */
  readonly unpack?: (program: Program) => Promise<void>;
}

/**
 * Finds the programs, or installs them from Debian or Ubuntu packages where this user may.
 *
 * @throws {LabError} naming what is missing or does not start, and the one command that fixes it
 */
export async function ensureTools<const Name extends ToolName>(
  options: EnsureToolsOptions<Name>,
): Promise<Tools<Name>> {
  const { need, say } = options;
  let findings = await findAll(need, options);
  const lacking = missingOf(findings);
  const { packaged = aptHas } = options;
  const unreleased = await inNoRelease(lacking, packaged);
  for (const name of unreleased) {
    const { title, debianPackage, unreleased: suite } = PROGRAMS[name];
    say(`unpacking ${title} (${debianPackage}) of Debian's ${suite}, which no release has: some 250 MB, once`);
    await (options.unpack ?? unpack)(PROGRAMS[name]);
  }
  const missing: Lacking[] = [
    ...(await Promise.all(
      lacking.filter((name) => !unreleased.includes(name)).map((name) => wholeProgram(name, packaged)),
    )),
    ...(await lackingParts(options)),
  ];
  if (missing.length > 0) {
    const rights = await (options.rights ?? installRights)();
    if (rights === 'no-apt' || rights === 'by-hand') throw new LabError(cannotInstall(missing, rights));
    const packages = missing.flatMap((each) => each.packages);
    say(`installing ${titles(missing)} (${packages.join(', ')}) from this system's packages`);
    await (options.install ?? aptInstall)(packages, rights);
  }
  if (lacking.length > 0) findings = await findAll(need, options);
  const [part] = await lackingParts(options);
  if (part !== undefined) {
    throw new LabError(
      `${part.title} is still not found after installing ${part.packages.join(', ')}; is it in an unusual folder?`,
    );
  }

  const tools: Partial<Record<ToolName, Tool>> = {};
  const warnings: string[] = [];
  for (const [name, finding] of findings) {
    const { path, version } = usable(name, finding);
    tools[name] = { path, version };
    const warning = untestedVersion(name, version);
    if (warning !== null) warnings.push(warning);
  }
  return { ...(tools as Record<Name, Tool>), warnings };
}

async function findAll(
  names: readonly ToolName[],
  { folders, timeoutMs }: FindOptions,
): Promise<(readonly [ToolName, Finding])[]> {
  const options = { ...(folders && { folders }), ...(timeoutMs !== undefined && { timeoutMs }) };
  return Promise.all(names.map(async (name) => [name, await findTool(name, options)] as const));
}

function missingOf(findings: readonly (readonly [ToolName, Finding])[]): ToolName[] {
  return findings.filter(([, { state }]) => state === 'missing').map(([name]) => name);
}

async function inNoRelease(names: readonly ToolName[], packaged: Packaged): Promise<ToolName[]> {
  const wanted = names.filter((name) => PROGRAMS[name].unreleased !== undefined);
  const known = await Promise.all(wanted.map((name) => packaged(PROGRAMS[name].debianPackage)));
  return wanted.filter((_name, index) => known[index] === false);
}

function usable(name: ToolName, finding: Finding): Tool {
  if (finding.state === 'found') return finding;
  const { title, debianPackage } = PROGRAMS[name];
  if (finding.state === 'missing') {
    throw new LabError(`${title} is still not found after installing ${debianPackage}; is it in an unusual folder?`);
  }
  throw new LabError(
    `${title}: ${finding.path} does not say its version, so it cannot be relied on. It said:\n${finding.why}\n` +
      `Reinstall it (Debian, Ubuntu: sudo apt-get install --reinstall ${packagesOf(name).join(' ')}), or take it out of PATH.`,
  );
}

interface Lacking {
  readonly title: string;
  readonly packages: readonly string[];
}

async function wholeProgram(name: ToolName, packaged: Packaged): Promise<Lacking> {
  return { title: PROGRAMS[name].title, packages: await packagesHere(name, packaged) };
}

/** All packages that bring the program to this system. */
export async function packagesHere(name: ToolName, packaged: Packaged = aptHas): Promise<readonly string[]> {
  const { smallerPackage } = PROGRAMS[name];
  return smallerPackage !== undefined && (await packaged(smallerPackage)) ? [smallerPackage] : packagesOf(name);
}

async function lackingParts({
  parts = [],
  hasPart = findPart,
}: Pick<EnsureToolsOptions<ToolName>, 'parts' | 'hasPart'>): Promise<Lacking[]> {
  const wanted = parts.map((name) => PARTS[name]);
  const there = await Promise.all(wanted.map(hasPart));
  return wanted
    .filter((_part, index) => there[index] === false)
    .map(({ title, debianPackage }) => ({ title, packages: [debianPackage] }));
}

function cannotInstall(missing: readonly Lacking[], rights: 'no-apt' | 'by-hand'): string {
  if (rights === 'by-hand') {
    const packages = missing.flatMap((each) => each.packages);
    return `${titles(missing)} not installed, and this user may not install packages. Type this once:\n  ${installCommand(packages)}`;
  }
  return `${titles(missing)} not found in PATH or /usr/sbin, and this system has no apt-get. Install ${titles(missing)} \
with this system's package manager, then try again.`;
}

function titles(missing: readonly Lacking[]): string {
  return missing.map(({ title }) => title).join(' and ');
}
