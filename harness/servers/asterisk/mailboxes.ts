/** Mailboxes of Asterisk's own voice mail, app_voicemail. It reads them when it starts, so they are there beforehand. */
import { LabError } from '../../errors.ts';

const CONTEXT = 'lab';
/** More than the largest run calls on one policy. */
const MOST = 9_000;
const FIRST = 1_000;

/** One after the other, to whoever needs one. */
export class Mailboxes {
  readonly #ofUsers = new Map<string, string>();
  readonly #count: number;

  /**
   * @param count No more than are wanted: Asterisk looks for each among all before it as it starts, and counts the messages of all
   *   whenever it is asked. With 9,000 of them a start takes 0.6 s of processor time and a look 0.1; with 500 both are nothing.
   */
  constructor(count = MOST) {
    this.#count = Math.min(count, MOST);
  }

  /** `voicemail.conf`. */
  configuration(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    return {
      general: {
        format: 'ulaw', // as it is spoken
        minsecs: '1', // who hangs up at once leaves nothing
        maxmsg: '100',
        maxlogins: '3',
        pollmailboxes: 'no', // it says by itself what it has taken
      },
      [CONTEXT]: Object.fromEntries(
        Array.from({ length: this.#count }, (_, index) => [String(FIRST + index), `> ${FIRST + index}`]),
      ),
    };
  }

  /** `1017@lab`, the same for the same user. @throws {LabError} when there is none left */
  of(user: string): string {
    const known = this.#ofUsers.get(user);
    if (known !== undefined) return known;
    if (this.#ofUsers.size === this.#count) {
      throw new LabError(
        `All ${this.#count} mailboxes are somebody's: call fewer cells (--situation, --variant, --shard)`,
      );
    }
    const mailbox = `${FIRST + this.#ofUsers.size}@${CONTEXT}`;
    this.#ofUsers.set(user, mailbox);
    return mailbox;
  }

  /** @param shown what {@link SHOW_MAILBOXES} printed. @throws {LabError} when a mailbox is not in it */
  messages(users: readonly string[], shown: string): Map<string, number> {
    const counts = new Map(
      Array.from(shown.matchAll(/^lab +(\d+) .* (\d+) *$/gm), ([, box, count]) => [box, Number(count)]),
    );
    return new Map(
      users.flatMap((user) => {
        const mailbox = this.#ofUsers.get(user);
        if (mailbox === undefined) return [];
        const count = counts.get(mailbox.split('@')[0]);
        if (count !== undefined) return [[user, count] as const];
        const end = shown.trim().split('\n').at(-1);
        throw new LabError(`Asterisk does not show the mailbox ${mailbox} of ${user}; what it shows ends: ${end}`);
      }),
    );
  }
}

/** For its console. */
export const SHOW_MAILBOXES = `voicemail show users for ${CONTEXT}`;
