import { availableParallelism } from 'node:os';
import type { TestProject } from 'vitest/node';
import { serveTurns, type TurnServer } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly turns: string;
  }
}

/** One for all projects of a run, which ask for it one after the other. */
const shared = globalThis as { turnsOfAll?: { readonly server: Promise<TurnServer>; projects: number } };

/** At most as many files as there are workers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const most = project.config.maxWorkers;
  const always = Math.min(availableParallelism() + 1, most);
  shared.turnsOfAll ??= { server: serveTurns({ always, most }), projects: 0 };
  const turns = shared.turnsOfAll;
  turns.projects += 1;
  project.provide('turns', (await turns.server).path);
  return async () => {
    turns.projects -= 1;
    if (turns.projects > 0) return;
    delete shared.turnsOfAll;
    await (await turns.server)[Symbol.asyncDispose]();
  };
}
