/**
 * The contract of `results.json`: the run writes it, every report reads it and nothing else.
 * Its JSON Schema is `reports/schema/results.schema.json`; change both together and raise the version.
 */

import type { Check } from './checks.ts';
import type { Leg, Notification, Observation } from './observation.ts';
import type { Feature, PolicyId, Trap } from './scenario.ts';

export const RESULTS_VERSION = 'ringfence-results/2';

export const VERDICTS = ['pass', 'fail', 'inconclusive', 'unsupported', 'unspecified'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the oracle demands of a cell. Empty `statuses` means: no source says. */
export interface Expectation {
  readonly outcome: 'engaged' | 'suppressed' | 'unspecified';
  /** Ids of the claims that say so; empty only when everything is unspecified. */
  readonly claims: readonly string[];
  /** Over-blocking: what the callee's own phone must do. */
  readonly callee: 'rings' | 'answers' | 'silent' | 'unspecified';
  /** Final responses to the caller that the sources allow. */
  readonly statuses: readonly number[];
  /** What the sources say of the traps that the situation is not about; one that is left out, nobody speaks of. */
  readonly elsewhere?: Readonly<Partial<Record<Trap, ElsewhereFate>>>;
}

export interface ElsewhereFate {
  readonly outcome: 'engaged' | 'suppressed';
  readonly claims: readonly string[];
}

/**
 * Why the record may be believed: the window in which absence is claimed, and the canaries on both sides. Milliseconds
 * since the call's INVITE. Reports draw it; the verdict has been made of it already.
 */
export interface Proof {
  /** When the INVITE left, ISO 8601; null if it never did. */
  readonly startedAt: string | null;
  readonly windowEndMs: number;
  /** null: the window was never closed by a canary. */
  readonly windowClosedMs: number | null;
  readonly slackMs: number;
  /** How late the lab itself was during the call. */
  readonly lateMs: number;
  readonly canary: Observation['canary'];
  /** Header lines of the variant found in the INVITE on record. */
  readonly headersSent: readonly string[];
  /** The server's waits for this subscriber, one after the other. */
  readonly timersMs: { readonly total: number; readonly user: number; readonly team2: number };
  /** What went wrong on our side, phones that did not register included. */
  readonly troubles: readonly string[];
  /** What came to an endpoint in this window and names no call; absent when everything does. */
  readonly strays?: Observation['strays'];
}

/** Its messages have a line of their own in `traces/`, found by the cell. */
export interface EarlierCall {
  /** When the INVITE left, ISO 8601; null if it never did. */
  readonly startedAt: string | null;
  readonly lateMs: number;
  readonly why: string;
}

/** A call of a cell that went otherwise than the one that its result is of. */
export interface OtherResult {
  /** From 1, in the order of the calls. */
  readonly attempt: number;
  readonly verdict: Verdict;
  readonly outcome: 'engaged' | 'suppressed' | 'unknown';
  readonly status: number | null;
  readonly calleeRang: boolean;
  readonly why: string | null;
  /** As {@link CellResult.trace}. */
  readonly trace: string;
}

export interface CellResult {
  /** `server/policy/situation/variant/transport/path`, e.g. `kamailio/ms-sipre/voicemail-busy/none/udp/direct`. */
  readonly id: string;
  readonly server: string;
  readonly policy: PolicyId;
  readonly situation: string;
  readonly feature: Feature;
  /** The endpoint that tells engaged from suppressed. Absent in results of version 1. */
  readonly trap?: Trap;
  readonly variant: string;
  readonly transport: 'udp' | 'tcp';
  readonly path: 'direct';
  readonly verdict: Verdict;
  readonly expected: Expectation;
  readonly observed: {
    readonly outcome: 'engaged' | 'suppressed' | 'unknown';
    /** Final response to the caller. */
    readonly status: number | null;
    readonly calleeRang: boolean;
    readonly legs: readonly Leg[];
    readonly notifications: readonly Notification[];
  };
  /** The cell's control; null for a control itself. */
  readonly control: { readonly id: string; readonly outcome: 'engaged' | 'suppressed' | 'unknown' } | null;
  /** Absent in files of older runs. */
  readonly proof?: Proof;
  /** One sentence when the verdict is not `pass`; null when it is. */
  readonly why: string | null;
  /** All that was asked before the verdict, in order; `why` is what the first says that does not hold. Absent in files of older runs. */
  readonly checks?: readonly Check[];
  /** The lab was too late for this cell, which is all that may be wrong with it; absent where it was not. */
  readonly late?: true;
  /** Earlier calls of this cell that proved nothing because the lab was late, oldest first; absent when there are none. */
  readonly earlier?: readonly EarlierCall[];
  /**
   * Of a cell that was called several times. Not `agreed`: it is unsteady, and `others` has one call for each different
   * way in which it went, by verdict, outcome, status and ringing.
   */
  readonly repeats?: { readonly count: number; readonly agreed: boolean; readonly others: readonly OtherResult[] };
  readonly durationMs: number;
  /** The command that runs this cell (and its control) alone. */
  readonly rerun: string;
  /**
   * Where the call's messages are, relative to results.json: `traces/calls-1.jsonl#bytes=FIRST-LAST`, a line of that file, an
   * object with `cell` and `messages` (SeenMessage). Of version 0.1.0, `traces/<...>.json`: a file with an array of them.
   * Empty before they are kept.
   */
  readonly trace: string;
}

/**
 * What reports on a whole run need of each cell: small enough for a hundred thousand of them in memory. Every
 * {@link CellResult} is one; the rest of it is read when somebody looks at the cell.
 */
export interface CellRow
  extends Pick<
    CellResult,
    | 'id'
    | 'server'
    | 'policy'
    | 'situation'
    | 'feature'
    | 'trap'
    | 'variant'
    | 'transport'
    | 'path'
    | 'verdict'
    | 'expected'
    | 'control'
    | 'why'
    | 'late'
    | 'repeats'
    | 'durationMs'
    | 'rerun'
    | 'trace'
  > {
  readonly observed: Pick<CellResult['observed'], 'outcome' | 'status' | 'calleeRang'> & {
    readonly legs: readonly Pick<Leg, 'role'>[];
  };
  /** How many earlier calls; absent when there are none. */
  readonly earlier?: { readonly length: number };
}

/** Whether a claim held on a policy, from the cells that it speaks of. */
export interface ClaimResult {
  readonly claim: string;
  readonly policy: PolicyId;
  readonly held: 'holds' | 'does-not-hold' | 'not-settled';
  /** Ids of cells that speak against it (or, not settled, that are missing or inconclusive). */
  readonly cells: readonly string[];
}

export interface RunResults {
  readonly schema: typeof RESULTS_VERSION;
  readonly run: {
    readonly id: string;
    /** ISO 8601. */
    readonly startedAt: string;
    readonly durationMs: number;
    readonly ringfence: string;
    readonly node: string;
    /** Who placed the calls, e.g. SIPp 3.6.1. */
    readonly caller: { readonly id: string; readonly name: string; readonly version: string };
    /** `process and docker`: merged from runs of both. */
    readonly runtime: 'process' | 'docker' | 'process and docker';
    readonly servers: Readonly<Record<string, { readonly name: string; readonly version: string }>>;
    /** The user agent under test as the callees' own phones; absent when those were Ringfence's. */
    readonly ua?: { readonly id: string; readonly name: string; readonly version: string };
    /** `complete`, or why the run ended early; finished cells are kept all the same. */
    readonly ended: 'complete' | 'cancelled' | 'failed';
    /** What failed, when it did. */
    readonly trouble: string | null;
    /** What a reader must know of how the evidence was had; absent when there is nothing to say. */
    readonly warnings?: readonly string[];
    /** Parts of one selection that are in here, such as `2/4`; absent when the selection is whole. */
    readonly shards?: readonly string[];
  };
  readonly situations: readonly {
    readonly id: string;
    readonly title: string;
    readonly feature: Feature;
    readonly kind: string;
  }[];
  readonly variants: readonly {
    readonly id: string;
    readonly title: string;
    readonly kind: string;
    readonly headers: readonly string[];
  }[];
  readonly claims: readonly {
    readonly id: string;
    readonly statement: string;
    readonly source: string;
    readonly url: string;
    readonly evidence: string;
  }[];
  readonly claimResults: readonly ClaimResult[];
  readonly cells: readonly CellResult[];
}

/** Everything of a run but its cells. */
export type RunHeader = Omit<RunResults, 'cells'>;

/** A run with as much of its cells as fits into memory at any size. Every {@link RunResults} is one. */
export interface RunRows extends RunHeader {
  readonly cells: readonly CellRow[];
}

/** Whether calls of a cell went different ways: whatever its verdict, that is a finding. */
export function isUnsteady({ repeats }: Pick<CellRow, 'repeats'>): boolean {
  return repeats?.agreed === false;
}
