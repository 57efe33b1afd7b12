import type { ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Check, conclusionOf } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import { forkOwn } from '../processes/own-child.ts';

/** What the process of the assertions is asked. */
export interface AssertionQuestion {
  readonly file: string;
  readonly situation: string;
  readonly seen: Observation;
}

/** `failed`: it threw. `broke-off`: before it came to a finding. `not-run`: there was nothing to run. */
export type AssertionAnswer =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed' | 'broke-off' | 'not-run'; readonly message: string };

const CHILD = fileURLToPath(new URL('assertions-child.ts', import.meta.url));

/** For vitest to load and an assertion to come to an end, on a machine that does other things. */
const WITHIN_MS = 60_000;

/**
 * The assertions of scenarios, with vitest's `expect`, as a part of the verdict: what does not hold fails its cell. They run in
 * a process of their own, because they are somebody else's code: one that never returns, or takes its process with it, leaves
 * cells unproven and no more. Without any, there is no process.
 */
export class Assertions implements AsyncDisposable {
  readonly #files: ReadonlyMap<string, string>;
  readonly #withinMs: number;
  readonly #child: ChildProcess | null;
  readonly #answers: AsyncIterator<unknown> | null;
  #gone: string | null = null;

  /** @param files Situation id -> the module that has its scenario, absolute path. */
  constructor(files: ReadonlyMap<string, string>, withinMs = WITHIN_MS) {
    this.#files = files;
    this.#withinMs = withinMs;
    if (files.size === 0) {
      this.#child = null;
      this.#answers = null;
      return;
    }
    this.#child = forkOwn(CHILD, { serialization: 'advanced' });
    const ended = new AbortController();
    this.#child.once('error', () => ended.abort()).once('exit', () => ended.abort());
    this.#answers = on(this.#child, 'message', { signal: ended.signal });
  }

  /** The results, with what the assertions of their scenarios make of those that passed. Never rejects. */
  async applied(
    results: readonly CellResult[],
    seenOf: ReadonlyMap<string, Observation>,
  ): Promise<readonly CellResult[]> {
    if (this.#child === null) return results;
    const applied: CellResult[] = [];
    for (const result of results) applied.push(await this.#applied(result, seenOf.get(result.id)));
    return applied;
  }

  /** Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child?.connected) this.#child.disconnect(); // it ends with that
  }

  async #applied(result: CellResult, seen: Observation | undefined): Promise<CellResult> {
    const file = this.#files.get(result.situation);
    if (file === undefined || seen === undefined || result.verdict !== 'pass') return result;
    const answer = await this.#ask({ file, situation: result.situation, seen });
    const checks = [...(result.checks ?? []), assertionCheck(answer)];
    return { ...result, checks, ...conclusionOf(checks) };
  }

  async #ask(question: AssertionQuestion): Promise<AssertionAnswer> {
    if (this.#gone !== null) return { kind: 'not-run', message: this.#gone };
    let overdue = false;
    const deadline = setTimeout(() => {
      overdue = true;
      this.#child?.kill('SIGKILL');
    }, this.#withinMs);
    try {
      this.#child?.send(question, () => {}); // a child that is gone tells so by its end
      const { value } = (await this.#answers?.next()) ?? {};
      return (value as [AssertionAnswer])[0];
    } catch {
      const how = this.#child?.exitCode ?? this.#child?.signalCode ?? 'no start';
      this.#gone = overdue
        ? `one of ${question.situation} did not come to an end within ${this.#withinMs} ms`
        : `the process of the assertions ended with ${how}`;
      return { kind: 'not-run', message: this.#gone };
    } finally {
      clearTimeout(deadline);
    }
  }
}

function assertionCheck(answer: AssertionAnswer): Check {
  switch (answer.kind) {
    case 'held':
      return { id: 'assertion', holds: true, seen: 'it was run, and did not throw' };
    case 'failed':
      return { id: 'assertion', holds: false, seen: `the scenario's own assertion failed: ${answer.message}` };
    case 'broke-off':
      return { id: 'assertion-ran', holds: false, seen: `the scenario's own assertion broke off: ${answer.message}` };
    case 'not-run':
      return {
        id: 'assertion-ran',
        holds: false,
        seen: `the scenario's own assertion was not run: ${answer.message}`,
      };
  }
}
