import { fileURLToPath } from 'node:url';
import { type Check, conclusionOf } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import { AskedChild } from '../processes/asked-child.ts';

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
  readonly #child: AskedChild<AssertionQuestion, AssertionAnswer> | null;

  /** @param files Situation id -> the module that has its scenario, absolute path. */
  constructor(files: ReadonlyMap<string, string>, withinMs = WITHIN_MS) {
    this.#files = files;
    this.#withinMs = withinMs;
    this.#child =
      files.size === 0 ? null : new AskedChild('the process of the assertions', CHILD, { serialization: 'advanced' });
  }

  /** The results, with what the assertions of their scenarios make of those that passed. Never rejects. */
  async applied(
    results: readonly CellResult[],
    seenOf: ReadonlyMap<string, Observation>,
  ): Promise<readonly CellResult[]> {
    const child = this.#child;
    if (child === null) return results;
    const applied: CellResult[] = [];
    for (const result of results) applied.push(await this.#applied(result, seenOf.get(result.id), child));
    return applied;
  }

  /** Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.dismiss();
  }

  async #applied(
    result: CellResult,
    seen: Observation | undefined,
    child: AskedChild<AssertionQuestion, AssertionAnswer>,
  ): Promise<CellResult> {
    const { situation } = result;
    const file = this.#files.get(situation);
    if (file === undefined || seen === undefined || result.verdict !== 'pass') return result;
    const answer = await child
      .ask({ file, situation, seen }, { withinMs: this.#withinMs, what: `one of ${situation}` })
      .catch(({ message }: Error): AssertionAnswer => ({ kind: 'not-run', message }));
    const checks = [...(result.checks ?? []), assertionCheck(answer)];
    return { ...result, checks, ...conclusionOf(checks) };
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
