/** Borrows accounts for calls from a server that lends them, and gives them back when nothing can come of the calls any more. */
import { LabError } from '../errors.ts';
import type { AccountSet, AccountsNeed, Lender } from '../model/accounts.ts';
import type { PolicyId, SubscriberSettings, Waits } from '../model/scenario.ts';
import { nowEpochMs } from '../now.ts';
import type { Cell } from '../plan/plan.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Tenancy } from './directory.ts';
import type { CallKey } from './identity.ts';
import { tenancyOf } from './lodger.ts';

export class Lodging {
  readonly #lender: Lender;
  /** By control's id: calls that are held against each other go by the same waits. */
  readonly #waitsOf = new Map<string, Waits>();
  readonly #current = new Map<CallKey, Tenancy>();
  #changes: Tenancy[] = [];
  /** Sets that calls have and will give back. */
  #out = 0;
  #changed = Promise.withResolvers<void>();

  constructor(lender: Lender) {
    this.#lender = lender;
  }

  /**
   * As many of these as there are accounts for; waits until there are for one. Empty when `signal` ends the waiting.
   *
   * @throws {LabError} when no account will ever come back
   */
  async lend(wanted: readonly PlacedCell[], signal: AbortSignal): Promise<PlacedCell[]> {
    for (;;) {
      const lodged = signal.aborted ? [] : this.borrow(wanted);
      if (lodged.length > 0 || signal.aborted) return lodged;
      if (this.#out === 0) {
        throw new LabError(
          `no account is left for ${wanted[0]?.cell.id}: calls that never ended have those that would do. End these calls on the server, or give it more accounts.`,
        );
      }
      await this.#changed.promise;
    }
  }

  /** As many of these as there are accounts for at this moment. */
  borrow(wanted: readonly PlacedCell[]): PlacedCell[] {
    return wanted.flatMap((each) => this.#borrow(each) ?? []);
  }

  /** Nothing can come of these calls any more. */
  giveBack(placed: readonly PlacedCell[]): void {
    for (const { key, lent } of placed) {
      if (lent === undefined) continue;
      this.leave(key);
      this.#lender.giveBack(lent);
      this.#out -= 1;
    }
    this.#tellChanged();
  }

  /** These calls go on and on: whoever had their accounts would hear of them, so nobody gets them. */
  abandon(placed: readonly PlacedCell[]): void {
    this.#out -= placed.filter(({ lent }) => lent !== undefined).length;
    this.#tellChanged();
  }

  /** A set that is not given back; null: there is none that nobody has. */
  keep(need: AccountsNeed): AccountSet | null {
    return this.#lender.lacks(need) === null ? this.#lender.lend(need) : null;
  }

  /** @returns as {@link Lender.lacks} */
  lacks(cell: Cell): string | null {
    return this.#lender.lacks(needOf(cell, null));
  }

  /** From now on messages that name these accounts are of that call. */
  enter(key: CallKey, lent: AccountSet): void {
    const tenancy = tenancyOf(key, lent, nowEpochMs());
    this.#current.set(key, tenancy);
    this.#changes.push(tenancy);
  }

  leave(key: CallKey): void {
    const tenancy = this.#current.get(key);
    if (tenancy === undefined) return;
    this.#current.delete(key);
    this.#changes.push({ ...tenancy, untilEpochMs: nowEpochMs() });
  }

  /** What has begun or ended since the last time. */
  take(): Tenancy[] {
    return this.#changes.splice(0);
  }

  /** Whoever waits looks again. */
  #tellChanged(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** The run was ended: nobody waits any longer. */
  end(): void {
    this.#tellChanged();
  }

  #borrow({ cell, key }: PlacedCell): PlacedCell | null {
    const family = cell.control ?? cell.id;
    const lent = this.#lender.lend(needOf(cell, this.#waitsOf.get(family) ?? null));
    if (lent === null) return null;
    this.#waitsOf.set(family, lent.waits);
    this.#out += 1;
    this.enter(key, lent);
    return { cell: withWaits(cell, lent.waits), key, lent };
  }
}

/** What a canary needs. */
export function canaryNeed(policy: PolicyId, settings: SubscriberSettings): AccountsNeed {
  return { for: 'canary', policy, settings, waits: null };
}

function needOf({ policy, scenario }: Cell, waits: Waits | null): AccountsNeed {
  return { for: 'call', policy, settings: scenario.subscriber, waits };
}

/** The situation as it comes about with these accounts. */
function withWaits(cell: Cell, waits: Waits): Cell {
  const { scenario } = cell;
  const { totalMs, userMs, team2Ms } = scenario.subscriber.waits;
  if (waits.totalMs === totalMs && waits.userMs === userMs && waits.team2Ms === team2Ms) return cell;
  return { ...cell, scenario: { ...scenario, subscriber: { ...scenario.subscriber, waits } } };
}
