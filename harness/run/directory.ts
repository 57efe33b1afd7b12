/** Which call it is that a message names: by the accounts that calls have at that time, and by what they had before. */
import { plainUser, usersIn } from '../model/user-name.ts';
import { type CallKey, type NamedParty, type Party, partiesNamed } from './identity.ts';
import type { WireMessage } from './wire-log.ts';

/** A call has these accounts, which were others' before and will be others' again. */
export interface Tenancy {
  readonly key: CallKey;
  readonly users: readonly { readonly party: Party; readonly user: string }[];
  readonly fromEpochMs: number;
  /** null: to this day. */
  readonly untilEpochMs: number | null;
}

/** What is known of a Call-ID that was a lent account's. */
interface KnownCall {
  readonly key: CallKey;
  /** The caller's own: whatever has it is of that call. */
  readonly isCallers: boolean;
  /** Of its messages. */
  readonly branches: Set<string> | null;
}

/**
 * Made accounts have the run and the number of the call in their names (`identity.ts`): they are found anywhere in a text, and
 * are the same call's for ever. Lent ones have any name, so they count as users of URIs alone, and only while a call has them.
 */
export class Directory {
  readonly token: string;
  readonly #tenancies = new Map<string, { readonly party: Party; readonly tenancy: Tenancy }[]>();
  /**
   * By Call-ID, to the end of the run: an account that is lent again may hear of an earlier call at any time, of a dialog that
   * was left open for instance, and must not take it for its new one.
   */
  readonly #known = new Map<string, KnownCall>();
  readonly #branches = new Map<string, CallKey>();
  readonly #latest = new Map<CallKey, Tenancy>();

  constructor(token: string) {
    this.token = token;
  }

  /** Whether there are lent accounts. */
  get lends(): boolean {
    return this.#tenancies.size > 0;
  }

  /** Begun, or ended by now: then with the same beginning. The last word counts. */
  note(tenancy: Tenancy): void {
    this.#latest.set(tenancy.key, tenancy);
    for (const { party, user } of tenancy.users) {
      const plain = plainUser(user);
      const own = this.#tenancies.get(plain);
      if (own === undefined) this.#tenancies.set(plain, [{ party, tenancy }]);
      else own.push({ party, tenancy });
    }
  }

  /** Every party that a message named at that moment, each once. */
  named(text: string, atEpochMs: number): NamedParty[] {
    const made = partiesNamed(text, this.token);
    return this.lends ? [...made, ...usersIn(text).flatMap((user) => this.#tenant(user, atEpochMs))] : made;
  }

  /** Whose user that was. */
  ofUser(user: string, atEpochMs: number): NamedParty[] {
    const made = partiesNamed(user, this.token);
    return this.lends ? [...made, ...this.#tenant(plainUser(user), atEpochMs)] : made;
  }

  /** Whoever has the account, or had it last: with `past`. Before anybody had it, it is nobody's. */
  #tenant(plain: string, atEpochMs: number): NamedParty[] {
    const last = this.#tenancies.get(plain)?.findLast(({ tenancy }) => tenancy.fromEpochMs <= atEpochMs);
    if (last === undefined) return [];
    const { key, untilEpochMs } = last.tenancy;
    const past = untilEpochMs !== null && untilEpochMs <= atEpochMs;
    return [{ party: last.party, key, ...(past && { past }) }];
  }

  /** Whether that call had its accounts at that moment. */
  isTenant(key: CallKey, atEpochMs: number): boolean {
    const tenancy = this.#latest.get(key);
    return tenancy !== undefined && tenancy.fromEpochMs <= atEpochMs && atEpochMs < (tenancy.untilEpochMs ?? Infinity);
  }

  /** The caller's word: this is the Call-ID, and this the branch, of that call. */
  rememberCallers({ callId, branch }: WireMessage, key: CallKey): void {
    this.#known.set(callId, { key, isCallers: true, branches: null });
    this.#branches.set(branch, key);
  }

  /** Made accounts say in their names whose they are: nobody need remember more of a call that was read. */
  forgetCallers({ callId, branch }: WireMessage): void {
    if (this.lends) return;
    this.#known.delete(callId);
    this.#branches.delete(branch);
  }

  /** A message of that call, by whatever it was known. */
  remember({ callId, branch }: WireMessage, key: CallKey): void {
    const known = this.#known.get(callId) ?? { key, isCallers: false, branches: new Set<string>() };
    known.branches?.add(branch);
    this.#known.set(callId, known);
  }

  /**
   * Whose Call-ID that is.
   *
   * @returns `isSure`: false for a request that begins something new under the Call-ID of something old. A server may use one
   *   Call-ID for all that it tells a phone.
   */
  callOf(message: WireMessage): { readonly key: CallKey; readonly isSure: boolean } | null {
    const known = this.#known.get(message.callId);
    if (known === undefined) return null;
    const { key, isCallers, branches } = known;
    const { method, toTag, branch } = message;
    const isOld = method === null || method === 'ACK' || toTag !== null || branches?.has(branch) === true;
    return { key, isSure: isCallers || isOld };
  }

  /** Of callers, by what a text mentions. */
  callsOf({
    branches,
    callIds,
  }: {
    readonly branches: readonly string[];
    readonly callIds: readonly string[];
  }): CallKey[] {
    return [
      ...branches.flatMap((branch) => this.#branches.get(branch) ?? []),
      ...callIds.flatMap((callId) => this.#known.get(callId)?.key ?? []),
    ];
  }
}
