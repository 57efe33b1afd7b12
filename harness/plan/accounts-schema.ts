/**
 * The contract of the accounts file of a live server: what its owner says of the accounts that are there. `reports/schema/accounts.schema.json`
 * follows from here, for editors: `npx vitest run test/plan/accounts-file.test.ts -u` writes it.
 */
import * as v from 'valibot';
import { boolean, type DataOf, described, matching, optional } from '../model/shapes.ts';
import { INNER_EVIDENCE, POLICIES, ROUTING_FLAGS, ROUTING_LISTS } from '../model/words.ts';
import { exactly, listOf, milliseconds, oneOf, setOf } from './user-shapes.ts';

/** A secret is named and never written down, so that the file may be committed, and errors may show it. */
export const SECRET = 'the name of an environment variable that has the password, in capitals, like BOB_SECRET';

const user = described(
  pattern(/^[\w.!~*'()&=+$%-]+$/, 'the user part of a SIP address, like bob or +442079460123'),
  'User part of the address of record, and user name for digest authentication.',
);
const domain = described(pattern(/^[\w.-]+$/, 'a domain, like example.org'), 'Domain of the address of record.');
const secret = described(pattern(/^[A-Z][A-Z0-9_]*$/, SECRET), `Digest password: ${SECRET}.`);
const account = exactly({ user, domain: optional(domain), secret });

/** A live server may wait for long: [MS-SIPRE] 2.2.9.5 recommends up to 1200 s. */
const wait = milliseconds(1_200_000);
const waits = described(
  exactly({
    totalMs: described(wait, 'How long the phones of the callee ring until the call goes elsewhere.'),
    userMs: described(wait, 'How long they ring alone until team or delegates join; 0 without such rules.'),
    team2Ms: described(wait, 'How long team or delegates ring then; 0 without such rules.'),
  }),
  'How long the server waits, in milliseconds.',
);

const claimed = described(
  oneOf(POLICIES),
  'What the server claims to do with the headers; left out: nobody says. --expect takes its place.',
);

const set = exactly({
  for: optional(
    described(
      oneOf(['call', 'canary']),
      'call, the default: cells are called there, one after the other. canary: for calls that show that a trap is alive; there must be one for each way to a trap, and one more without rules for the phone.',
    ),
  ),
  policy: optional(claimed),
  callee: described(account, 'Who is called.'),
  flags: optional(
    described(setOf(ROUTING_FLAGS), "The callee's rules as they are set up on the server, in the words of scenarios."),
  ),
  lists: optional(
    described(
      exactly(v.entriesFromList(ROUTING_LISTS, optional(account))),
      'Whom these rules name. A phone of ours registers as each.',
    ),
  ),
  waits: optional(waits),
  voicemail: optional(described(boolean, 'Unanswered calls go to voice mail. Default: true.')),
  doNotDisturb: optional(described(boolean, 'The callee does not want to be disturbed. Default: false.')),
});

/** A mailbox of somebody else's cannot be looked into. */
export const SHOWN_BY = INNER_EVIDENCE.filter((each) => each !== 'mailbox');
const inside = described(
  exactly({
    shownBy: optional(
      described(
        v.pipe(setOf(SHOWN_BY), v.nonEmpty(`one of ${SHOWN_BY.join(', ')}, or both`)),
        'What shows that it took a call: the count of messages that phones are told (RFC 3842), or that its answers all look alike. Default: both are looked for, and what canaries show counts.',
      ),
    ),
    talkMs: optional(
      described(
        milliseconds(60_000),
        'How long a caller speaks: longer than its greeting, and the shortest message that it keeps, together. Default: 10000.',
      ),
    ),
    countedWithinMs: optional(
      described(milliseconds(60_000), 'How long it may take until phones are told of a message. Default: 10000.'),
    ),
  }),
  'Voice mail is inside of the server: no call comes to one of ours.',
);

const AN_ADDRESS = '192.0.2.7:5070, an IPv4 address and port of this machine';
const voicemail = described(
  exactly({
    address: optional(
      described(
        matching(/^\d+(\.\d+){3}:\d+$/, AN_ADDRESS),
        'Where the server sends unanswered calls: our voice mail listens there.',
      ),
    ),
    account: optional(
      described(account, 'The account that the server sends unanswered calls to: our voice mail registers as it.'),
    ),
    inside: optional(inside),
    missedCalls: optional(described(boolean, 'The server notifies it of missed calls as well. Default: false.')),
    dialled: optional(
      described(boolean, '`;opaque=app:voicemail` behind an address of record reaches it. Default: false.'),
    ),
  }),
  'How unanswered calls come to a voice mail of ours, by an address or an account; or that voice mail is inside of the server. Left out: nothing is known of it, and it cannot be asked about.',
);

const file = (what: string) =>
  optional(described(pattern(/^\S.*$/, 'the name of a file'), `${what} PEM; the path is relative to this file.`));
const tls = described(
  exactly({
    ca: file("Certificates of the authorities that vouch for the server's. Left out: those that Node.js knows."),
    name: optional(
      described(domain, "Whom the server's certificate must name, where that is not the HOST of --server."),
    ),
    certificate: file('Our own certificate, for a server that asks who calls, with those that vouch for it behind it.'),
    key: file('Its private key, without a passphrase.'),
  }),
  'What TLS to the server takes (--transport tls).',
);

export const accountsFile = v.pipe(
  exactly({
    domain: described(domain, 'Of accounts that name none.'),
    waits,
    tls: optional(tls),
    policy: optional(described(claimed, 'Of sets that name none.')),
    caller: described(
      exactly({ user, domain: optional(domain), secret: optional(secret) }),
      'Who calls. Without a secret, no challenge is answered.',
    ),
    voicemail: optional(voicemail),
    sets: described(listOf(set), 'Accounts that belong together: a callee, and whoever its rules name.'),
  }),
  v.title('Accounts of a live server'),
);

export type AccountsText = DataOf<typeof accountsFile>;
export type AccountText = DataOf<typeof account>;

function pattern(regex: RegExp, wanted: string) {
  return v.pipe(v.string(wanted), v.regex(regex, wanted));
}
