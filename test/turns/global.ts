import { availableParallelism } from 'node:os';
import type { TestProject } from 'vitest/node';
import { serveTurns } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly turns: string;
  }
}

/** Of the whole project: at most as many files as it has workers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const most = project.config.maxWorkers;
  const turns = await serveTurns({ always: Math.min(availableParallelism() + 1, most), most });
  project.provide('turns', turns.path);
  return async () => {
    await turns[Symbol.asyncDispose]();
  };
}
