import { expect, it } from 'vitest';
import { judgeOf } from '../../harness/judging/judge-of.ts';
import { Judging } from '../../harness/judging/judging.ts';
import { JudgingProcess } from '../../harness/judging/judging-process.ts';
import { scratch } from '../setup/scratch.ts';

it.for([
  [1, Judging],
  [30, Judging],
  [31, JudgingProcess],
] as const)('%i calls are judged by a %o', async ([calls, kind]) => {
  await using place = await scratch();
  const options = { variants: [], token: 'few', slackMs: 1000, rerunOptions: '', again: 0, reportDir: place.dir };
  await using judge = await judgeOf(calls, { ...options, asserted: new Map() });
  expect(judge).toBeInstanceOf(kind);
  expect((await judge.finish()).results).toEqual([]);
});
