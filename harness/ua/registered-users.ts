import { parseAddress, parseUri, tryParse } from '../sip/index.ts';
import type { WireRecord } from '../sip/wire.ts';

/**
 * Which accounts have a 200 to their REGISTER on record. That a user agent says it is ready is no evidence: a call to a
 * phone that is not there looks much like a call to one that is not answered.
 */
export class RegisteredUsers {
  readonly #users = new Set<string>();
  #waiting: { readonly users: readonly string[]; readonly resolve: () => void }[] = [];

  /** Takes a message that was on the wire between the user agent's edge and the server. */
  see({ direction, bytes }: WireRecord): void {
    // Most messages are calls, and need no parsing for this.
    if (direction !== 'in' || !bytes.toString('latin1', 0, 11).startsWith('SIP/2.0 200')) return;
    if (!/^CSeq\s*:\s*\d+\s+REGISTER\s*$/im.test(bytes.toString('latin1'))) return;
    const response = tryParse(bytes);
    if (response === null) return;
    const user = parseUri(parseAddress(response.header('To') ?? '')?.uri ?? '')?.user;
    if (user === undefined) return;
    // RFC 3261 10.3 step 8: the 200 lists what is registered now.
    if (response.header('Contact') === undefined) this.#users.delete(user);
    else this.#users.add(user);
    this.#waiting = this.#waiting.filter(({ users, resolve }) => {
      const done = this.missing(users).length === 0;
      if (done) resolve();
      return !done;
    });
  }

  missing(users: readonly string[]): string[] {
    return users.filter((user) => !this.#users.has(user));
  }

  /** Settles once all of them are registered; at once when they are. */
  all(users: readonly string[]): Promise<void> {
    if (this.missing(users).length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ users, resolve }));
  }
}
