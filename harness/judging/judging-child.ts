/** The process that judges: answers one question after the other. Ends with its parent. */
import { flushCompileCache } from 'node:module';
import { LabError, systemTrouble } from '../errors.ts';
import { Judging } from './judging.ts';
import type { Answer, Question } from './judging-messages.ts';
import { unpack } from './wire-pack.ts';

let judging: Judging | null = null;
let turn: Promise<void> = Promise.resolve();

process.once('disconnect', () => process.exit(0));
process.on('message', (question: Question) => {
  // One after the other: a batch is read as its record stands when it is asked for.
  turn = turn.then(async () => {
    try {
      const answer = await answerTo(question);
      if (answer !== null) process.send?.(answer);
    } catch (error) {
      const why = systemTrouble(error) ?? (error as Error).stack ?? String(error);
      process.send?.({ answer: 'error', why } satisfies Answer);
    }
  });
});

async function answerTo(question: Question): Promise<Answer | null> {
  if (question.ask === 'open') {
    judging = new Judging(question.options);
    return null;
  }
  if (judging === null) throw new LabError(`asked for ${question.ask} before anything was to be judged`);
  switch (question.ask) {
    case 'take':
      judging.take(unpack(question.records), question.filed, question.tenancies);
      return null;
    case 'still-open':
      return { answer: 'still-open', keys: judging.stillOpen(question.placed) };
    case 'callers': {
      const { messages, placed, nowEpochMs } = question;
      return { answer: 'callers', windowEndEpochMs: judging.takeCallers(unpack(messages), placed, nowEpochMs) };
    }
    case 'read':
      return { answer: 'read', judged: await judging.read(question.batch, question.record) };
    case 'finish':
      flushCompileCache(); // Node writes it at an orderly end, which nobody waits for
      return { answer: 'finish', finished: judging.finish() };
  }
}
