import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError, UsageError } from '../../harness/errors.ts';
import { costOf } from '../cost/cost.ts';
import { type Column, measureInTurn } from './in-turn.ts';
import { type Provenance, provenance } from './machine.ts';
import { type Checkout, lacks, type Part, parts, type Sizes } from './parts.ts';
import { readRecorded, writeRecorded } from './previous.ts';
import { type Numbers, PARTS, type PartId, rowsOf } from './rows.ts';
import { missedTargets, table } from './table.ts';

export interface SuiteOptions extends Sizes {
  /** Of each part that is measured repeatedly; the median is told. */
  readonly runs: number;
  /** Empty: all. */
  readonly only: readonly PartId[];
  /** Another checkout, measured in turn with this one; null: the recorded numbers stand in for it. */
  readonly against: string | null;
  readonly withinMs: number;
  /** Keep the numbers as those of the previous release: of `against` where there is one, else of this version. */
  readonly record: boolean;
  /** Called with what is under way; a line each. */
  readonly say: (line: string) => void;
}

export interface SuiteReport {
  readonly measured: Provenance;
  readonly runs: number;
  /** 1-minute load before the first measurement. */
  readonly loadBefore: number;
  readonly own: Column;
  /** The same, of the checkout it was measured against or as recorded; null when there is neither. */
  readonly previous: (Pick<Column, 'numbers' | 'notMeasured' | 'remarks'> & { readonly measured: Provenance }) | null;
  readonly measuredInTurn: boolean;
  /** Targets, a sentence each. */
  readonly missed: readonly string[];
  /** {@link SuiteReport}, for people. */
  readonly text: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PREVIOUS_FILE = join(ROOT, 'bench', 'previous.json');
const FETCH_LIMIT_MS = 600_000;
/** Of a machine that has other things to do. */
const BUSY_LOAD = 0.5;

/**
 * Measures everything, part after part, beside the previous release.
 * @throws {UsageError} when there is no checkout to measure against
 */
export async function benchAll(options: SuiteOptions): Promise<SuiteReport> {
  const { runs, against, record, say } = options;
  const chosen = Object.entries(parts(options)) as [PartId, Part][];
  const wanted = options.only.length === 0 ? chosen : chosen.filter(([id]) => options.only.includes(id));
  if (record && wanted.length < PARTS.length)
    throw new UsageError('--record keeps the numbers of all parts: leave --part out');
  const otherDir = against === null ? null : otherCheckout(against);
  const recorded = otherDir === null ? await readRecorded(PREVIOUS_FILE) : null;
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  const loadBefore = loadavg()[0] ?? 0;
  try {
    const self = await openCheckout('this', ROOT, dir);
    const other = otherDir === null ? null : await openCheckout('previous', otherDir, dir);
    const checkouts = other === null ? [self] : [self, other];
    const minutes = estimateMinutes(wanted, recorded?.numbers ?? {}, runs, checkouts);
    say(`takes about ${minutes} min: ${wanted.map(([id]) => id).join(', ')}`);
    const columns = await measureInTurn({
      parts: wanted,
      checkouts,
      runs,
      dir,
      withinMs: options.withinMs,
      onMeasured: say,
    });
    const own = columns.get(self) as Column;
    const measured = await provenance(ROOT);
    const inTurn = other === null ? undefined : columns.get(other);
    const previous = inTurn === undefined ? recorded : { ...inTurn, measured: await provenance(otherDir ?? ROOT) };
    const missed = missedTargets(
      wanted.map(([id]) => id),
      own,
    );
    const report = { measured, runs, loadBefore, own, previous, measuredInTurn: inTurn !== undefined, missed };
    if (record) {
      await keep(inTurn === undefined ? report : { ...report, own: inTurn, measured: previous?.measured ?? measured });
      say(`recorded in ${PREVIOUS_FILE}`);
    }
    return { ...report, text: textOf(wanted, report) };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function keep(told: Told): Promise<void> {
  const { measured, runs, own } = told;
  const { numbers, notMeasured } = own;
  return writeRecorded(PREVIOUS_FILE, { measured, runs, numbers, notMeasured, remarks: conditions(told) });
}

/** @throws {UsageError} */
function otherCheckout(dir: string): string {
  const absolute = resolve(dir);
  if (existsSync(join(absolute, 'ringfence')) && existsSync(join(absolute, 'package.json'))) return absolute;
  throw new UsageError(`--against ${dir}: there is no ringfence in it; name the folder of another checkout`);
}

/** A first start may fetch packages, which is not what is to be measured: it takes place here. */
async function openCheckout(name: Checkout['name'], dir: string, scratch: string): Promise<Checkout> {
  const command = join(dir, 'ringfence');
  const start = async (...args: string[]) => {
    const first = { command, args, dir: join(scratch, `first-${name}-${args[0]}`), timeoutMs: FETCH_LIMIT_MS };
    const { exit, lines } = await costOf(first);
    if (exit.code !== 0)
      throw new LabError(`${command} ${args.join(' ')} ended with ${exit.code}; it said:\n${exit.logTail}`);
    return lines;
  };
  await start('bench', '--help');
  const help = await start('run', '--help');
  return { name, dir, runOptions: new Set(help.flatMap(({ text }) => /^ +(--[a-z-]+)/.exec(text)?.[1] ?? [])) };
}

/** What the recorded numbers let expect; a part without any takes what it usually does. */
export function estimateMinutes(
  wanted: readonly (readonly [PartId, Pick<Part, 'repeated' | 'usualSeconds' | 'needs'>])[],
  numbers: Numbers,
  runs: number,
  checkouts: readonly Checkout[],
): number {
  const seconds = wanted.map(([id, part]) => {
    const known = id === 'matrix' || id === 'bare' || id === 'selection' ? numbers[`${id}.seconds`] : undefined;
    const able = checkouts.filter((checkout) => lacks(part, checkout) === null).length;
    return (known ?? part.usualSeconds) * (part.repeated ? runs : 1) * able;
  });
  return Math.ceil(seconds.reduce((sum, each) => sum + each, 0) / 60);
}

type Told = Omit<SuiteReport, 'text'>;

/** What must be known to believe the numbers. */
function conditions({ own, loadBefore }: Pick<Told, 'own' | 'loadBefore'>): string[] {
  return [
    ...(loadBefore >= BUSY_LOAD ? [`not quiet before the first measurement: load ${loadBefore.toFixed(1)}`] : []),
    ...own.remarks,
  ];
}

const COUNTED: Readonly<Record<string, string>> = {
  'control group': 'CPU time is that of a control group: every process counts, also daemons and killed ones',
  '/proc': 'CPU time was read from /proc five times a second, for want of a control group: a lower bound',
  nothing: 'CPU time and memory were not measured: this system has no /proc',
};

/** `0.1.0 (c948d26), 2026-11-26T21:00Z` */
function nameOf({ version, commit, measuredAt }: Provenance): string {
  return `${version} (${commit ?? 'no commit'}), ${measuredAt.slice(0, 16)}Z`;
}

function textOf(wanted: readonly (readonly [PartId, Part])[], report: Told): string {
  const { measured, previous, own, runs, measuredInTurn } = report;
  const how = measuredInTurn ? 'in turn with this one' : 'as recorded';
  const notes = conditions(report);
  return [
    `this: ${nameOf(measured)}, Node ${measured.node.slice(1)}, median of ${runs}`,
    `machine: ${measured.machine}, load before ${report.loadBefore.toFixed(1)}`,
    ...(previous === null ? ['previous: none is recorded'] : [`previous: ${nameOf(previous.measured)}, ${how}`]),
    ...(previous !== null && previous.measured.machine !== measured.machine
      ? [`  on another machine (${previous.measured.machine}): ratios say little, measure with --against`]
      : []),
    ...own.countedBy.map((by) => COUNTED[by] ?? by),
    '',
    table(wanted, own, previous),
    '',
    ...reasons('this', own.notMeasured, wanted),
    ...reasons('previous', previous?.notMeasured ?? {}, wanted),
    ...(notes.length === 0 ? ['the machine was quiet'] : notes),
    ...(previous?.remarks.length
      ? ['of the previous numbers:', ...previous.remarks.map((remark) => `  ${remark}`)]
      : []),
    ...(report.missed.length === 0 ? ['all targets met'] : report.missed.map((sentence) => `missed: ${sentence}`)),
  ].join('\n');
}

/** One for each part, where all its rows lack a number for the same reason. */
function reasons(
  name: string,
  notMeasured: Column['notMeasured'],
  wanted: readonly (readonly [PartId, Part])[],
): string[] {
  const told = wanted.flatMap(([part]) =>
    rowsOf(part).flatMap(({ id }) => (notMeasured[id] === undefined ? [] : [`${part}: ${notMeasured[id]}`])),
  );
  return [...new Set(told)].map((reason) => `not measured, ${name}: ${reason}`);
}
