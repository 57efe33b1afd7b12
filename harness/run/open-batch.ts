import type { CallerRecord } from '../callers/caller.ts';
import type { CallGroup, PlacedCell } from './call-groups.ts';
import type { Registered } from './callees.ts';
import type { CallKey } from './identity.ts';
import type { BatchRecord } from './reader.ts';
import type { Batch } from './work.ts';

/** Calls of a batch that are placed together: all of them, or as many as there are accounts for. Their phones are registered. */
export interface Wave {
  readonly of: OpenBatch;
  readonly placed: readonly PlacedCell[];
  readonly registered: Registered;
}

type GroupRecord = BatchRecord['groups'][number];

/** A batch from its first wave to its being read. */
export class OpenBatch {
  readonly #batch: Batch;
  /** Nobody has prepared these yet. */
  left: readonly PlacedCell[];
  /** No call of it has begun before; null: none has begun. */
  begunEpochMs: number | null = null;
  readonly #placed: PlacedCell[] = [];
  readonly #groups: GroupRecord[] = [];
  readonly #unregistered = new Map<string, string>();
  readonly #stayUntilEpochMs = new Map<CallKey, Registered['stayUntilEpochMs']>();
  readonly #troubles = new Map<string, ReadonlySet<string>>();
  #wavesOpen = 0;
  #isRead = false;

  constructor(batch: Batch, left: readonly PlacedCell[]) {
    this.#batch = batch;
    this.left = left;
  }

  /** These are prepared now. */
  begin(placed: readonly PlacedCell[]): void {
    const keys = new Set(placed.map(({ key }) => key));
    this.left = this.left.filter(({ key }) => !keys.has(key));
    this.#wavesOpen += 1;
  }

  /** They could not be placed. */
  drop(): void {
    this.#wavesOpen -= 1;
  }

  /** The windows of a wave are closed. */
  end(
    { placed, registered }: Wave,
    groups: readonly CallGroup[],
    callers: readonly Omit<CallerRecord, 'messages'>[],
  ): void {
    this.#wavesOpen -= 1;
    this.#placed.push(...placed);
    for (const [index, { calls }] of groups.entries()) {
      const { trouble = null, clockTrouble = null, thrown = [], died = false } = callers[index] ?? {};
      this.#groups.push({ keys: calls.map(({ key }) => key), trouble, clockTrouble, thrown, died });
    }
    for (const [user, answer] of registered.unregistered) this.#unregistered.set(user, answer);
    for (const { key } of placed) this.#stayUntilEpochMs.set(key, registered.stayUntilEpochMs);
    for (const [text, users] of registered.troubles) {
      this.#troubles.set(text, users.union(this.#troubles.get(text) ?? new Set()));
    }
  }

  /**
   * What is on record of it, once; null while calls of it are under way or still to come.
   *
   * @param isLast no more of it will be placed
   */
  record(isLast: boolean): {
    readonly batch: Batch;
    readonly record: Pick<BatchRecord, 'placed' | 'groups' | 'unregistered' | 'stayUntilEpochMs' | 'troubles'>;
  } | null {
    const isWhole = this.#wavesOpen === 0 && (isLast || this.left.length === 0);
    if (!isWhole || this.#isRead || this.#placed.length === 0) return null;
    this.#isRead = true;
    const placed = this.#placed;
    return {
      // With lent accounts a cell has its own waits.
      batch: { ...this.#batch, cells: placed.map(({ cell }) => cell) },
      record: {
        placed,
        groups: this.#groups,
        unregistered: this.#unregistered,
        stayUntilEpochMs: this.#stayUntilEpochMs,
        troubles: [...this.#troubles].map(([text, users]) => ({ text, users, atEpochMs: 0 })),
      },
    };
  }
}
