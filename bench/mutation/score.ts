/** Stryker's report and the list of accepted survivors -> a score, and what is left to do. Pure. */

/** The part that we read of a report in the format of mutation-testing-report-schema. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly ReportedMutant[] }>>;
}

interface ReportedMutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Both count from 1; the end is behind the last character. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mutant by what it is and not by where it stands, so that a line added above it changes nothing. */
export interface Mutation {
  /** Relative to the project, with slashes. */
  readonly file: string;
  readonly mutator: string;
  /** Blanks and line breaks joined to one blank. */
  readonly original: string;
  readonly replacement: string;
  /** Of the line that it begins on: tells it from the same text elsewhere in the file. */
  readonly lineText: string;
}

export interface AcceptedSurvivor extends Mutation {
  /** Why no test can, or should, tell it from the original. */
  readonly reason: string;
}

export interface Survivor extends Mutation {
  readonly line: number;
  /** No test runs the place at all. */
  readonly uncovered: boolean;
}

export interface FileScore {
  readonly file: string;
  readonly killed: number;
  readonly survived: number;
  readonly uncovered: number;
  readonly accepted: number;
  /** Could not be tried, e.g. because no test file can be loaded with it. Not part of the score. */
  readonly untried: number;
}

export interface Scores {
  readonly files: readonly FileScore[];
  readonly total: FileScore;
  /** Not on the list, in the order of the files. */
  readonly survivors: readonly Survivor[];
  /** Entries for a file of this report in which nothing like it survives. */
  readonly stale: readonly AcceptedSurvivor[];
}

const KILLED: readonly string[] = ['Killed', 'Timeout'];
const UNCOVERED = 'NoCoverage';
const SURVIVED: readonly string[] = ['Survived', UNCOVERED];

export function scores(report: MutationReport, accepted: readonly AcceptedSurvivor[]): Scores {
  const unused = Map.groupBy(accepted, identity);
  const survivors: Survivor[] = [];
  const files = Object.entries(report.files).map(([file, { source, mutants }]): FileScore => {
    const lines = source.split('\n');
    const alive = mutants
      .filter(({ status }) => SURVIVED.includes(status))
      .map((mutant) => survivor(file, lines, mutant));
    // Of two that read the same, one entry accepts one.
    const open = alive.filter((each) => unused.get(identity(each))?.pop() === undefined);
    survivors.push(...open);
    const uncovered = open.filter((each) => each.uncovered).length;
    const killed = mutants.filter(({ status }) => KILLED.includes(status)).length;
    return {
      file,
      killed,
      survived: open.length - uncovered,
      uncovered,
      accepted: alive.length - open.length,
      untried: mutants.length - killed - alive.length,
    };
  });
  const count = (key: Exclude<keyof FileScore, 'file'>): number => files.reduce((sum, each) => sum + each[key], 0);
  return {
    files,
    total: {
      file: 'all files',
      killed: count('killed'),
      survived: count('survived'),
      uncovered: count('uncovered'),
      accepted: count('accepted'),
      untried: count('untried'),
    },
    survivors,
    stale: [...unused.values()].flat().filter((each) => Object.hasOwn(report.files, each.file)),
  };
}

/** Of the mutants that could be tried and are not accepted; 100 where there are none. */
export function percent({ killed, survived, uncovered }: FileScore): number {
  const all = killed + survived + uncovered;
  return all === 0 ? 100 : (100 * killed) / all;
}

/** One line, for people. */
export function describeSurvivor({ file, line, mutator, original, replacement, uncovered }: Survivor): string {
  const state = uncovered ? 'no test reaches it' : 'survived';
  return `${file}:${line} ${mutator}, ${state}: ${shortened(original)} -> ${shortened(replacement)}`;
}

function survivor(file: string, lines: readonly string[], mutant: ReportedMutant): Survivor {
  const { start, end } = mutant.location;
  const first = lines[start.line - 1] ?? '';
  const between = lines.slice(start.line - 1, end.line).join('\n');
  const cutOff = (lines[end.line - 1] ?? '').length - (end.column - 1);
  return {
    file,
    line: start.line,
    mutator: mutant.mutatorName,
    original: oneLine(between.slice(start.column - 1, between.length - cutOff)),
    replacement: oneLine(mutant.replacement ?? ''),
    lineText: first.trim(),
    uncovered: mutant.status === UNCOVERED,
  };
}

function identity({ file, mutator, original, replacement, lineText }: Mutation): string {
  return JSON.stringify([file, mutator, original, replacement, lineText]);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 60)} ... ${text.slice(-35)}`;
}
