/** Mailboxes of Asterisk's own voice mail, app_voicemail. It reads them when it starts, so they are there beforehand. */
import { LabError } from '../../errors.ts';

const CONTEXT = 'lab';
/** More than the largest run calls on one policy. */
const MAILBOXES = 9_000;
const FIRST = 1_000;

/** One after the other, to whoever needs one. */
export class Mailboxes {
  readonly #ofUsers = new Map<string, string>();

  /** `1017@lab`, the same for the same user. @throws {LabError} when there is none left */
  of(user: string): string {
    const known = this.#ofUsers.get(user);
    if (known !== undefined) return known;
    if (this.#ofUsers.size === MAILBOXES) {
      throw new LabError(
        `All ${MAILBOXES} mailboxes are somebody's: call fewer cells (--situation, --variant, --shard)`,
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

/** `voicemail.conf`. */
export function voicemailConf(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    general: {
      format: 'ulaw', // as it is spoken
      minsecs: '1', // who hangs up at once leaves nothing
      maxmsg: '100',
      maxlogins: '3',
      pollmailboxes: 'no', // it says by itself what it has taken
    },
    [CONTEXT]: Object.fromEntries(
      Array.from({ length: MAILBOXES }, (_, index) => [String(FIRST + index), `> ${FIRST + index}`]),
    ),
  };
}
