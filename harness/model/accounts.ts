/** Accounts on the server under test: what a call needs, what it gets, and how a server lends those that it has. */
import type { PolicyId, RoutingList, SubscriberSettings, Waits } from './scenario.ts';

/** Somebody whom the server knows, or sends calls to. */
export interface Account {
  /** User part of its address of record, as the server writes it: `bob`, `1001`, `+442079460123`. */
  readonly user: string;
  /**
   * Domain of its address of record; null: the account is outside of the server, at the lab's own endpoint for it (a forward
   * target, a mobile phone), and the server knows where that is or is told by {@link Subscriber.lists}.
   */
  readonly domain: string | null;
  /** Digest password that its phone REGISTERs with; null: it has no phone that registers. */
  readonly password: string | null;
}

/** An account of the callee's, and of everybody whom its rules name. Its users are nobody else's while the call has it. */
export interface AccountSet {
  /** Inside of the server's domain. */
  readonly callee: Account & { readonly domain: string; readonly password: string };
  /** One for each list of the callee's settings. */
  readonly members: Readonly<Partial<Record<RoutingList, Account>>>;
  /** How long the server waits for this callee: windows and timers are reckoned with it. */
  readonly waits: Waits;
}

/** What a call needs accounts for. */
export interface AccountsNeed {
  /**
   * `call`: a cell's, given back when its window is closed. `canary`: of a call that is made again and again, and never given
   * back: a canary that shared the account of a call could not close its window.
   */
  readonly for: 'call' | 'canary';
  readonly policy: PolicyId;
  /** The callee's. Its lists say whom else there must be an account for. */
  readonly settings: SubscriberSettings;
  /** These waits and no others: calls are held against each other, and one of them went by these; null: any. */
  readonly waits: Waits | null;
}

/** What whoever calls answers a challenge with (RFC 3261 22.2, 22.3). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Lends accounts that are there and cannot be made. */
export interface Lender {
  /** They were made for this run: nobody else has a phone there, and nobody needs them afterwards. */
  readonly isOurs?: true;
  /**
   * Why no set will ever do, as one clause that begins with `it`; null: one will, sooner or later. Asked before the first
   * call, and always answered the same.
   */
  lacks(need: AccountsNeed): string | null;
  /** A set that nobody has; it stays the borrower's until it is given back. null: all that would do are lent. */
  lend(need: AccountsNeed): AccountSet | null;
  /** Its accounts may be lent again. @param set as it was lent */
  giveBack(set: AccountSet): void;
}
