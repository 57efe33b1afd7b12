/** The process that judges. */
import { flushCompileCache } from 'node:module';
import { LabError } from '../errors.ts';
import { answerEach } from '../processes/answering.ts';
import { Judging } from './judging.ts';
import type { Answer, Question } from './judging-messages.ts';
import { unpack } from './wire-pack.ts';

let judging: Judging | null = null;

// One after the other: a batch is read as its record stands when it is asked for.
answerEach(answerTo);

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
      return judging.stillOpen(question.placed);
    case 'callers':
      return judging.takeCallers(unpack(question.messages), question.placed, question.nowEpochMs);
    case 'read':
      return judging.read(question.batch, question.record);
    case 'finish':
      flushCompileCache(); // Node writes it at an orderly end, which nobody waits for
      return judging.finish();
  }
}
