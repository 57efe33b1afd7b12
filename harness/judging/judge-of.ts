import type { Judge } from './judged-run.ts';
import type { JudgingOptions } from './judging.ts';

/**
 * To begin a process takes as much processor time as to judge a hundred calls (docs/decisions.md). So few, judged at one go, keep
 * phones waiting for some 25 ms.
 */
const FEW_CALLS = 30;

/**
 * Who judges a run: few calls in this process, more of them in one of its own, beside which phones have this one to themselves.
 *
 * @param calls planned, over all repeats
 */
export async function judgeOf(calls: number, options: JudgingOptions): Promise<Judge & AsyncDisposable> {
  if (calls <= FEW_CALLS) {
    const { Judging } = await import('./judging.ts');
    return new Judging(options);
  }
  const { JudgingProcess } = await import('./judging-process.ts');
  return new JudgingProcess({ ...options, calls });
}
