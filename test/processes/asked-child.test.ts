import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { AskedChild } from '../../harness/processes/asked-child.ts';
import type { Question } from './fixtures/answers.ts';

const FIXTURE = fileURLToPath(new URL('fixtures/answers.ts', import.meta.url));

async function asked(test: (child: AskedChild<Question, readonly string[]>) => Promise<void>): Promise<void> {
  const child = new AskedChild<Question, readonly string[]>('the process of tests', FIXTURE);
  try {
    await test(child);
  } finally {
    await child.kill();
  }
}

const refused = (message: string | RegExp) =>
  expect.toSatisfy((error: unknown) => error instanceof LabError && new RegExp(message).test(error.message));
const failure = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'answered',
    (error: unknown) => error,
  );

describe.concurrent('a process that is asked', () => {
  it('answers one after the other, however long one takes, and hears what it is only told', () =>
    asked(async (child) => {
      const slow = child.ask({ does: 'answers', name: 'slow', afterMs: 200 });
      child.tell({ does: 'answers', name: 'told' });
      const quick = child.ask({ does: 'answers', name: 'quick' });
      expect(await slow).toEqual(['slow']);
      expect(await quick).toEqual(['slow', 'told', 'quick']);
    }));

  it.for([
    ['fails', '^there is no lab$'],
    ['has a defect', '^TypeError: no function\n +at .*answers\\.ts:'],
    ['meets a full disk', '^write failed: no space is left there \\(ENOSPC\\); free some'],
  ] as const)('that %s says so of that question alone', ([does, message]) =>
    asked(async (child) => {
      const [first, second] = [failure(child.ask({ does })), child.ask({ does: 'answers', name: 'next' })];
      expect(await first).toEqual(refused(message));
      expect(await second).toEqual(['', 'next']);
    }),
  );

  it('answers nothing any more after it failed at what it was told', () =>
    asked(async (child) => {
      child.tell({ does: 'fails' });
      const next = failure(child.ask({ does: 'answers' }));
      expect(await next).toEqual(refused('^the process of tests failed: there is no lab$'));
      expect(await failure(child.ask({ does: 'answers' }))).toBe(await next);
    }));

  it('and ends tells so to everybody who waits, and to whoever asks later', () =>
    asked(async (child) => {
      const both = [failure(child.ask({ does: 'ends' })), failure(child.ask({ does: 'answers' }))];
      const gone = refused('^the process of tests ended with 7$');
      expect(await Promise.all(both)).toEqual([gone, gone]);
      expect(await failure(child.ask({ does: 'answers' }))).toEqual(gone);
    }));

  it('and is not done in time is ended, for the reason that is told first', () =>
    asked(async (child) => {
      await child.ask({ does: 'answers' });
      const late = failure(child.ask({ does: 'never answers' }, { withinMs: 50, what: 'the call' }));
      const overdue = refused('^the call did not come to an end within 50 ms$');
      expect(await late).toEqual(overdue);
      await child.kill();
      expect(await failure(child.ask({ does: 'answers' }))).toEqual(overdue);
    }));

  it('and is dismissed ends by itself', () =>
    asked(async (child) => {
      const waiting = failure(child.ask({ does: 'never answers' }));
      child.dismiss();
      expect(await waiting).toEqual(refused('^the process of tests ended with 0$'));
    }));
});
