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

/** The lab could not be brought up or did not hold: a program is missing, a port is taken, a server died. */
export class LabError extends HarnessError {
  readonly code = 'RINGFENCE_LAB';
  readonly exitStatus = 3;
}
