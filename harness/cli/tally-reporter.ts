/**
 * vitest reporter: writes what came of the run, as a {@link Tally}, to the file named by RINGFENCE_TALLY.
 * vitest's own JSON report leaves out why a test was skipped, hooks that failed, and errors outside any test.
 */
import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  /** Tests that failed or did not end, and whatever failed outside a test: a file, a hook, an unhandled rejection. */
  readonly failed: number;
  readonly skipped: number;
  /** One line each: what failed, where. */
  readonly failures: readonly string[];
  /** One line each, with the reason where the test gave one. */
  readonly skips: readonly string[];
}

export function tallyOf(modules: readonly TestModule[], unhandled: readonly Pick<SerializedError, 'message'>[]): Tally {
  let passed = 0;
  const failures: string[] = [];
  const skips: string[] = [];
  for (const module of modules) {
    for (const error of module.errors()) failures.push(line(module.relativeModuleId, error.message));
    for (const suite of module.children.allSuites()) failures.push(...hookFailures(suite));
    for (const test of module.children.allTests()) {
      const { state, note } = outcome(test);
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skips.push(line(nameOf(test), note ?? 'no reason given'));
      else failures.push(line(nameOf(test), note ?? state));
    }
  }
  for (const error of unhandled) failures.push(line('outside any test', error.message));
  return { passed, failed: failures.length, skipped: skips.length, failures, skips };
}

function outcome(test: TestCase): { state: string; note?: string | undefined } {
  const result = test.result();
  if (result.state === 'failed') return { state: 'failed', note: result.errors[0]?.message };
  if (result.state === 'skipped') return { state: 'skipped', note: result.note };
  return result.state === 'pending' ? { state: 'failed', note: 'did not end' } : { state: result.state };
}

function hookFailures(suite: TestSuite): string[] {
  return suite.errors().map(({ message }) => line(`${suite.module.relativeModuleId} > ${suite.fullName}`, message));
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

function line(subject: string, said: string): string {
  return `${subject}: ${said.trim().split('\n', 1)[0] ?? ''}`;
}

/** The tally, and the failure that vitest had to be ended after it. */
function unended(tally: Tally, lingerMs: number): Tally {
  const said = 'does a process that a test started still run?';
  const failure = `vitest did not end within ${lingerMs} ms of its last test: ${said}`;
  return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, failure] };
}

export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const { RINGFENCE_TALLY: file, RINGFENCE_LINGER_MS: linger } = process.env;
    if (file === undefined || linger === undefined)
      throw new Error('only for runVitest(), which says where the tally goes');
    const tally = tallyOf(modules, unhandled);
    writeFileSync(file, JSON.stringify(tally));
    // A process that a test left behind holds its worker's standard error, and vitest waits for that without end.
    const lingerMs = Number(linger);
    setTimeout(() => {
      writeFileSync(file, JSON.stringify(unended(tally, lingerMs)));
      process.kill(process.pid, 'SIGKILL');
    }, lingerMs).unref();
  }
}
