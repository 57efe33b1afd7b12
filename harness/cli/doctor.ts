import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { applicationText } from '../callers/application/describe.ts';
import { LabError, systemTrouble } from '../errors.ts';
import { IN_CHECKOUT, WORK_ROOT } from '../place.ts';
import { freeBytes, megabytes, neededBytes } from '../results/room.ts';
import { installCommand } from '../setup/apt.ts';
import { type Finding, findExecutable, findTool, untestedVersion } from '../setup/find-tool.ts';
import { dockerEngine, LOOPBACK_SAMPLE, loopbackTrouble, npmPackages, openFilesLimit } from '../setup/machine.ts';
import { PROGRAMS, type ToolName } from '../setup/programs.ts';
import { packagesHere } from '../setup/tools.ts';
import { parseCaller, processCaller } from './caller-option.ts';
import { keepingItsLog } from './kept-log.ts';
import { nearestFolder, whyNotWritable } from './writable.ts';

const DOCTOR_HELP = `Usage: ./ringfence doctor [--report DIR] [--caller "command:PATH ARGS"] [--server "command:PATH ARGS"]

Says what is installed, what is missing, and the one command that fixes it; whether loopback is up, and whether the folders
that a run writes to can be written and have room: with --report, the one that you will name to the run. Changes nothing.
With --caller, a calling application of yours is asked what it is, see docs/callers.md; with --server, a server of yours,
see docs/own-server.md.
Exit status: 0 when \`./ringfence run\` can work, 3 when it cannot.
`;

/** One line of the table. Only `missing` keeps a run from working. */
export interface Check {
  readonly subject: string;
  readonly state: 'ok' | 'warning' | 'missing' | 'absent';
  readonly seen: string;
}

const PACKAGE_ROOT = new URL('../../', import.meta.url);
/** Kamailio, SIPp and the endpoints of a full matrix together stay far below it. */
const ENOUGH_OPEN_FILES = 1024;
/** A run of one cell needs 80 (measured). */
const FEWEST_OPEN_FILES = 80;
/** Of the usual matrix. */
const CELLS = 2400;
const NEEDED_TO_RUN: readonly ToolName[] = ['sipp', 'kamailio'];

/** `./ringfence doctor`. @returns 0 when `run` can work here, 3 when not */
export async function doctorCommand(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      caller: { type: 'string' },
      server: { type: 'string' },
      report: { type: 'string' },
    },
  });
  if (values.help === true) {
    process.stdout.write(DOCTOR_HELP);
    return 0;
  }
  const caller = values.caller === undefined ? [] : [await checkCaller(values.caller)];
  const server = values.server === undefined ? [] : [await checkServer(values.server)];
  const names = Object.keys(PROGRAMS) as ToolName[];
  const findings = new Map(await Promise.all(names.map(async (name) => [name, await findTool(name)] as const)));
  const checks: Check[] = [
    { subject: 'Node.js', state: 'ok', seen: `${process.versions.node} (${process.execPath})` },
    ...(IN_CHECKOUT ? [await checkPackages()] : []), // else npm has seen to them
    ...[...findings].map(([name, finding]) => checkProgram(name, finding)),
    await checkLoopback(),
    await checkOpenFiles(),
    await checkFolder('report', resolve(values.report ?? join(WORK_ROOT, 'reports'))),
    await checkFolder('temporary files', tmpdir()),
    await checkRoom(resolve(values.report ?? join(WORK_ROOT, 'reports'))),
    { subject: 'cores', state: 'ok', seen: String(availableParallelism()) },
    await checkDocker(),
    ...caller,
    ...server,
  ];
  process.stdout.write(renderChecks(checks));

  const canRun = checks.every(({ state }) => state !== 'missing');
  process.stdout.write(canRun ? '\n./ringfence run can work here.\n' : '\n./ringfence run cannot work here yet.\n');
  if (!canRun && findings.get('sipp')?.state === 'found') {
    process.stdout.write('A live server (--server sip:HOST:PORT) needs SIPp alone: it can be tested.\n');
  }
  const advice = await remedy(findings, canRun);
  if (advice !== null) process.stdout.write(`${advice}\n`);
  return canRun ? 0 : 3;
}

export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  const line = ({ subject, state, seen }: Check): string =>
    `${subject.padEnd(width)}  ${state.padEnd('warning'.length)}  ${seen}\n`;
  return checks.map(line).join('');
}

/** A program that only the tests need, when absent, leaves `run` able to work. */
export function checkProgram(name: ToolName, finding: Finding): Check {
  const { title: subject, neededFor, unreleased } = PROGRAMS[name];
  const lost = NEEDED_TO_RUN.includes(name) ? 'missing' : 'absent';
  if (finding.state === 'missing') {
    const unpacked = unreleased === undefined ? '' : `; what needs it unpacks it from Debian's ${unreleased}`;
    return { subject, state: lost, seen: `not found; needed for: ${neededFor}${unpacked}` };
  }
  if (finding.state === 'broken') {
    const said = finding.why.split('\n').at(-1) ?? '';
    return { subject, state: lost, seen: `${finding.path} does not say its version: ${said}` };
  }
  const warning = untestedVersion(name, finding.version);
  const seen = `${finding.version} (${finding.path})`;
  return warning === null ? { subject, state: 'ok', seen } : { subject, state: 'warning', seen: `${seen}: ${warning}` };
}

async function checkPackages(): Promise<Check> {
  const installed = await npmPackages(PACKAGE_ROOT);
  const seen = {
    all: 'installed, with those of the tests',
    production: 'installed; those of the tests come with the first ./ringfence test',
    none: 'not installed for this package-lock.json; the next ./ringfence run fetches them',
  };
  return { subject: 'npm packages', state: installed === null ? 'absent' : 'ok', seen: seen[installed ?? 'none'] };
}

async function checkLoopback(): Promise<Check> {
  const trouble = await loopbackTrouble();
  return trouble === null
    ? { subject: 'loopback', state: 'ok', seen: `${LOOPBACK_SAMPLE} can be listened on` }
    : { subject: 'loopback', state: 'missing', seen: `${trouble}; the lab needs all of 127.0.0.0/8` };
}

async function checkOpenFiles(): Promise<Check> {
  const limit = await openFilesLimit();
  const seen = limit === null ? 'unlimited or unknown' : `${limit} per process`;
  if (limit === null || limit >= ENOUGH_OPEN_FILES) return { subject: 'open files', state: 'ok', seen };
  const state = limit < FEWEST_OPEN_FILES ? 'missing' : 'warning';
  return { subject: 'open files', state, seen: `${seen}; raise it: ulimit -n ${ENOUGH_OPEN_FILES}` };
}

async function checkFolder(subject: string, dir: string): Promise<Check> {
  const why = await whyNotWritable(dir);
  if (why === null) return { subject, state: 'ok', seen: `${dir} can be written` };
  return { subject, state: 'missing', seen: systemTrouble(why) ?? String(why) };
}

async function checkRoom(dir: string): Promise<Check> {
  const subject = 'disk space';
  const needed = neededBytes({ bytes: 0, cells: 0, cellsToCome: CELLS });
  const free = await freeBytes(await nearestFolder(dir));
  const seen = `${megabytes(free)} free for the report`;
  if (free >= needed) return { subject, state: 'ok', seen };
  return { subject, state: 'warning', seen: `${seen}; a whole matrix of ${CELLS} calls wants ${megabytes(needed)}` };
}

async function checkDocker(): Promise<Check> {
  const engine = await dockerEngine();
  return 'version' in engine
    ? { subject: 'Docker engine', state: 'ok', seen: `${engine.version} (not needed by the process runtime)` }
    : { subject: 'Docker engine', state: 'absent', seen: `${engine.absent} (not needed by the process runtime)` };
}

/** @throws {UsageError} unless it names a program of this machine */
async function checkCaller(text: string): Promise<Check> {
  const subject = 'caller';
  const choice = parseCaller(text);
  try {
    const application = await keepingItsLog('ringfence-doctor-', (logDir) => processCaller(choice, logDir));
    return { subject, state: 'ok', seen: application === null ? 'SIPp' : applicationText(application) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { subject, state: 'missing', seen: error.message }; // which names its log
  }
}

/** @throws {UsageError} unless it names a program of this machine */
async function checkServer(text: string): Promise<Check> {
  // It is the doctor who says that packages are missing: only this needs any.
  const { askServer, parseOwnCommand } = await import('./server-option.ts');
  const { serverText } = await import('../servers/own/own-server.ts');
  const subject = 'server';
  const choice = parseOwnCommand(text);
  try {
    const description = await askServer(choice, (line) => void process.stderr.write(`${line}\n`));
    return { subject, state: 'ok', seen: serverText(description) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { subject, state: 'missing', seen: error.message }; // which names its log
  }
}

/** The one command that installs all that is missing; null when nothing is. */
async function remedy(findings: ReadonlyMap<ToolName, Finding>, canRun: boolean): Promise<string | null> {
  const missing = [...findings]
    .filter(([name, { state }]) => state === 'missing' && PROGRAMS[name].unreleased === undefined)
    .map(([name]) => name);
  if (missing.length === 0) return null;
  if ((await findExecutable(['apt-get'])) !== null) {
    const packages = (await Promise.all(missing.map((name) => packagesHere(name)))).flat();
    return `${canRun ? 'For all the tests as well' : 'To install what is missing'}: ${installCommand(packages)}`;
  }
  const titles = missing.map((name) => PROGRAMS[name].title).join(', ');
  return `This system has no apt-get: install ${titles} with its own package manager.`;
}
