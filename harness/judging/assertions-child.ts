/** The process that scenarios' own assertions run in. */
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { answerEach } from '../processes/answering.ts';
import type { AssertionAnswer, AssertionQuestion } from './assertions.ts';

answerEach(answerTo);

async function answerTo({ file, situation, seen }: AssertionQuestion): Promise<AssertionAnswer> {
  const scenario = await scenarioIn(file, situation).catch((error: Error) => error);
  if (scenario instanceof Error) return { kind: 'not-run', message: scenario.message };
  try {
    await scenario.assert?.(seen, expect);
    return { kind: 'held' };
  } catch (error) {
    if (isDefect(error)) return { kind: 'broke-off', message: `${error.name}: ${error.message}` };
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** A slip of whoever wrote the assertion, or trouble of the machine: it says nothing of the call. */
function isDefect(error: unknown): error is Error {
  const isSlip = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind);
  return isSlip || (error instanceof Error && 'syscall' in error);
}

/** A scenario file has a scenario or a list as its default export; the project's own have lists by name. */
async function scenarioIn(file: string, id: string): Promise<Scenario> {
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const exported = Object.values(module).flat() as Partial<Scenario>[];
  const found = exported.find((each) => each?.id === id);
  if (found === undefined) throw new Error(`${file} no longer defines the scenario "${id}"`);
  return found as Scenario;
}
