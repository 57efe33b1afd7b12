/** What files of a user's own repository are written with: the types, and for editors what may stand where. Values pass unchanged. */
import type { Config } from './model/config.ts';
import type { HeaderVariant, Scenario } from './model/scenario.ts';

/** The default export of a scenario file. */
export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}

/** Rows of the matrix: `export const variants = defineHeaders([...])`. */
export function defineHeaders(rows: readonly HeaderVariant[]): readonly HeaderVariant[] {
  return rows;
}

/** The default export of `ringfence.config.ts`. */
export function defineConfig(config: Config): Config {
  return config;
}
