/** The inside of a process that `AskedChild` has started. */
import { LabError, systemTrouble } from '../errors.ts';

/** `number` is null where no answer is waited for. */
export interface Asked<Question> {
  readonly number: number | null;
  readonly question: Question;
}

export type Answered<Answer> =
  | { readonly kind: 'answer'; readonly number: number; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly number: number; readonly why: string }
  | { readonly kind: 'failed-when-told'; readonly why: string };

/** Answers one question after the other, in the order in which they were asked, whatever each takes. Ends with its parent. */
export function answerEach<Question, Answer>(answerTo: (question: Question) => Answer | Promise<Answer>): void {
  let turn: Promise<void> = Promise.resolve();
  process.once('disconnect', () => process.exit(0));
  process.on('message', (asked: Asked<Question>) => {
    turn = turn.then(async () => tell(await answered(asked, answerTo)));
  });
}

async function answered<Question, Answer>(
  { number, question }: Asked<Question>,
  answerTo: (question: Question) => Answer | Promise<Answer>,
): Promise<Answered<Answer> | null> {
  try {
    const answer = await answerTo(question);
    return number === null ? null : { kind: 'answer', number, answer };
  } catch (error) {
    const why = error instanceof LabError ? error.message : (systemTrouble(error) ?? withStack(error));
    return number === null ? { kind: 'failed-when-told', why } : { kind: 'failed', number, why };
  }
}

function tell(answer: Answered<unknown> | null): void {
  if (answer !== null) process.send?.(answer, () => {}); // a parent that is gone is told of by `disconnect`
}

/** A defect of ours: where it is. */
function withStack(error: unknown): string {
  return (error as Error).stack ?? String(error);
}
