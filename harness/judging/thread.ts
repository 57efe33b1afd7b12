/** The judging thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemTrouble } from '../errors.ts';
import { Judging, type JudgingOptions } from './judging.ts';
import type { Answer, Question } from './thread-messages.ts';
import { unpack } from './wire-pack.ts';

const judging = new Judging(workerData as JudgingOptions);
let turn: Promise<void> = Promise.resolve();

parentPort?.on('message', (question: Question) => {
  // One after the other: a batch is read as its record stands when it is asked for.
  turn = turn.then(async () => {
    try {
      const answer = await answerTo(question);
      if (answer !== null) parentPort?.postMessage(answer);
    } catch (error) {
      const why = systemTrouble(error) ?? (error as Error).stack ?? String(error);
      parentPort?.postMessage({ answer: 'error', why } satisfies Answer);
    }
  });
});

async function answerTo(question: Question): Promise<Answer | null> {
  switch (question.ask) {
    case 'take':
      judging.take(unpack(question.records), question.filed, question.tenancies);
      return null;
    case 'open':
      return { answer: 'open', keys: judging.stillOpen(question.placed) };
    case 'callers': {
      const { messages, placed, nowEpochMs } = question;
      return { answer: 'callers', windowEndEpochMs: judging.takeCallers(unpack(messages), placed, nowEpochMs) };
    }
    case 'read':
      return { answer: 'read', judged: await judging.read(question.batch, question.record) };
    case 'finish':
      return { answer: 'finish', finished: judging.finish() };
  }
}
