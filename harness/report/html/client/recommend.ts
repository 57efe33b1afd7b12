/** Which header an INVITE needs, from what this run has proven. Pure. */
import { ANSWER_STATES, type WhichAnswer, type WhichData, type WhichRow } from '../page-data.ts';

/** What is asked, as indexes of {@link WhichData}: none of them empty. */
export interface Asked {
  readonly features: readonly number[];
  readonly columns: readonly number[];
}

export interface Recommendation {
  readonly row: WhichRow;
  /** Those that were asked for where it is proven to do what is asked. */
  readonly proven: readonly number[];
  readonly notProven: readonly number[];
}

type AnswerState = (typeof ANSWER_STATES)[number];

export function stateOf(answer: WhichAnswer, feature: number): AnswerState {
  return ANSWER_STATES[answer.features[feature]?.[0] ?? -1] ?? 'not-asked';
}

/**
 * Headers that are proven to do what is asked on at least one of the servers, those that do on most first; of these what some
 * source describes, then what does least beside. Nothing is among them that silences the callee's own phone, or that was not
 * seen to let it ring.
 */
export function recommended({ rows }: Pick<WhichData, 'rows'>, { features, columns }: Asked): Recommendation[] {
  const extra = ({ row, proven }: Recommendation): number =>
    proven.reduce((sum, column) => {
      const answer = row.answers[column] ?? null;
      if (answer === null) return sum;
      return (
        sum + answer.features.filter((_, at) => !features.includes(at) && stateOf(answer, at) === 'kept-out').length
      );
    }, 0);
  return rows
    .map((row) => ({
      row,
      proven: columns.filter((column) => doesAsAsked(row.answers[column] ?? null, features)),
      notProven: columns.filter((column) => !doesAsAsked(row.answers[column] ?? null, features)),
    }))
    .filter(({ proven }) => proven.length > 0)
    .toSorted(
      (a, b) =>
        b.proven.length - a.proven.length ||
        Number(b.row.isDescribed) - Number(a.row.isDescribed) ||
        a.row.lines.length - b.row.lines.length ||
        extra(a) - extra(b),
    );
}

/** What a server cannot do to any call needs no header; but some feature must be seen to be kept out. */
function doesAsAsked(answer: WhichAnswer | null, features: readonly number[]): boolean {
  if (answer === null) return false;
  const states = features.map((feature) => stateOf(answer, feature));
  const [silenced, asked] = answer.phone;
  return (
    states.includes('kept-out') &&
    states.every((state) => state === 'kept-out' || state === 'unsupported') &&
    asked > 0 &&
    silenced === 0
  );
}

/** Whether a header is seen not to do what is asked: a feature takes the call all the same, or the phone is silent. */
export function isRefuted(answer: WhichAnswer | null, features: readonly number[]): boolean {
  if (answer === null) return false;
  const [silenced] = answer.phone;
  return silenced > 0 || features.some((at) => ['not-kept-out', 'mixed'].includes(stateOf(answer, at)));
}

/** Whether a server is proven to take no notice of a header. */
export function isIgnored({ features, phone: [silenced, asked] }: WhichAnswer): boolean {
  const states = features.map(([state]) => ANSWER_STATES[state] ?? 'not-asked');
  return (
    states.includes('not-kept-out') &&
    states.every((state) => state === 'not-kept-out' || state === 'unsupported' || state === 'not-asked') &&
    asked > 0 &&
    silenced === 0
  );
}
