import { defineConfig } from 'vitest/config';
import { TRIED_BY } from './scope.ts';

/** For mutants only, which Stryker tries in a copy of the project: a module keeps no state from one test file to the next. */
export default defineConfig({
  test: {
    include: [...TRIED_BY],
    setupFiles: ['bench/mutation/same-properties.ts'],
    isolate: true,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
