import type { Demand } from '../model/as-sent.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Transport } from '../model/words.ts';

export type Outcome = CellResult['observed']['outcome'];

/** A cell as the judge sees it: what was planned, what was seen, what its control saw, what the oracle demands. */
export interface Case {
  readonly scenario: Scenario;
  /** That of the server and its phones: what is sent over UDP may be lost. @default udp */
  readonly transport?: Transport;
  /** Header lines that the server was to get, as they must appear on the wire. */
  readonly planned: readonly string[];
  /** Those that the caller was to send to a B2BUA. @default `planned` */
  readonly plannedAtCaller?: readonly string[] | undefined;
  /** Header lines that the caller's CANCEL was to carry. @default none */
  readonly onCancel?: readonly string[] | undefined;
  readonly seen: Observation;
  /** What was seen of the control; null when the case is itself a control. */
  readonly control: Observation | null;
  readonly expected: Demand;
}
