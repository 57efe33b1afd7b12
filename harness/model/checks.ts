/** What is asked before a verdict is given, and what follows from the answers. */
import type { check } from './cell-schema.ts';
import type { DataOf } from './shapes.ts';
import type { Verdict } from './words.ts';

/**
 * In the order in which they are asked: the first that does not hold decides. First whether we may speak at all, then what the
 * sources demand, then what came of it when the cell had been judged.
 */
export const CHECK_IDS = [
  'playable',
  'lab',
  'invite',
  'final',
  'header-path',
  'played',
  'end',
  'canary-before',
  'canary-after',
  'inner-voicemail',
  'window',
  'strays',
  'control',
  'told',
  'cancel-told',
  'cancel-cause',
  'call-log',
  'application',
  'expectation',
  'elsewhere',
  'other-trap',
  'over-blocking',
  'status',
  'cancel-copied',
  'not-missed',
  'proven',
  'in-time',
  'specified',
  'assertion-ran',
  'assertion',
  'called-again',
  'afterwards',
] as const;
/** What was checked of a cell. */
export type CheckId = (typeof CHECK_IDS)[number];

/** A question and its answer. One that could not be asked is not there. */
export type Check = DataOf<typeof check>;

/** The questions, as statements that hold or do not. A name for every id, so that results need not repeat them. */
export const ASKED: Readonly<Record<CheckId, string>> = {
  playable: 'All that the call takes is there',
  lab: 'The lab itself held',
  invite: 'The call was placed as planned',
  final: 'It came to an end',
  'header-path': 'No header was lost or added on the way',
  played: 'Phone and caller did their part',
  end: 'Who ended it is on record',
  'canary-before': 'The trap was alive before the call',
  'canary-after': 'The trap was alive after the window',
  'inner-voicemail': 'A voice mail inside of the server would have shown itself',
  window: 'Absence was watched to the end',
  strays: 'Whatever came belongs to a call',
  control: 'The control shows what the header is to prevent',
  told: 'What the caller was told agrees with the record',
  expectation: 'The feature did as the sources demand',
  elsewhere: 'The call went nowhere else',
  'other-trap': 'The other feature that this call met did as the sources demand',
  'over-blocking': "The callee's own phone did as the sources demand",
  status: 'It ended with a status that the sources allow',
  'cancel-told': "The server was told the caller's reason for giving up",
  'cancel-cause': "The callee's phone stopped ringing for the reason that the situation is about",
  'call-log': "The phone's own call log says what became of the call",
  'not-missed': 'A phone that was told that somebody else took the call has no missed call in its log',
  'cancel-copied': "The caller's own reason for giving up got to the phone",
  application: 'The application between caller and server did with the call what it is for',
  proven: 'What deviates is proven',
  'in-time': 'The lab was in time',
  specified: 'A source says what must happen',
  'assertion-ran': "The scenario's own assertion was run",
  assertion: "The scenario's own assertion held",
  'called-again': 'The first call was enough',
  afterwards: 'The call came to nobody when its window had been closed',
};

/** What is said of a cell when a check does not hold; any other leaves it `inconclusive`. */
const CONSEQUENCES: Readonly<Partial<Record<CheckId, Verdict>>> = {
  playable: 'unsupported',
  expectation: 'fail',
  elsewhere: 'fail',
  'other-trap': 'fail',
  'over-blocking': 'fail',
  status: 'fail',
  'cancel-copied': 'fail',
  'not-missed': 'fail',
  assertion: 'fail',
  specified: 'unspecified',
};

export interface Conclusion {
  readonly verdict: Verdict;
  /** What the first check that does not hold says; null on `pass`. */
  readonly why: string | null;
}

export function conclusionOf(checks: readonly Check[]): Conclusion {
  const failing = firstFailing(checks);
  return failing === null
    ? { verdict: 'pass', why: null }
    : { verdict: CONSEQUENCES[failing.id] ?? 'inconclusive', why: failing.seen };
}

export function firstFailing(checks: readonly Check[]): Check | null {
  return checks.find(({ holds }) => holds === false) ?? null;
}

/** With one more answer, or another one to the same question. */
export function withCheck(checks: readonly Check[], added: Check): Check[] {
  const at = checks.findIndex(({ id }) => id === added.id);
  return at === -1 ? [...checks, added] : checks.with(at, added);
}
