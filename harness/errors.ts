import { closest, distance } from 'fastest-levenshtein';

/**
 * Errors mean that we could not look; what a call did, however badly, is a result.
 * Each carries the exit status that the command line ends with (see README, "Exit codes").
 */
export abstract class HarnessError extends Error {
  abstract readonly code: string;
  abstract readonly exitStatus: 2 | 3;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The caller asked for something that cannot be: an unknown id, a bad scenario file. Names file and line where there is one. */
export class UsageError extends HarnessError {
  readonly code = 'RINGFENCE_USAGE';
  readonly exitStatus = 2;
}

/**
 * A word that nobody knows.
 *
 * @param kind what it was to be: `policy`, `command`
 * @param known all that there is; the one that was probably meant is named first
 */
export function unknownWord(kind: string, word: string, known: readonly string[]): UsageError {
  const meant = known.length === 0 ? undefined : closest(word, known);
  // Two letters changed places, or a third of them wrong; more is no slip of the pen.
  const near = meant !== undefined && distance(word, meant) <= Math.max(2, meant.length / 3);
  const hint = near ? `did you mean "${meant}"? ` : '';
  return new UsageError(`unknown ${kind} "${word}"; ${hint}there is: ${known.join(', ')}`);
}

/** The lab could not be brought up or did not hold: a program is missing, a port is taken, a server died. */
export class LabError extends HarnessError {
  readonly code = 'RINGFENCE_LAB';
  readonly exitStatus = 3;
}
