import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { isAlias, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { complaintAbout } from '../complaint.ts';
import { UsageError } from '../errors.ts';
import type { AccountSet } from '../model/accounts.ts';
import type { PolicyId, RoutingFlag, RoutingList, SubscriberSettings } from '../model/scenario.ts';
import type { InnerVoicemailWord, ServerTls, SipAddress } from '../model/server.ts';
import { plainUser } from '../model/user-name.ts';
import { ROUTING_LISTS } from '../model/words.ts';
import { type AccountsText, type AccountText, accountsFile, SECRET, SHOWN_BY } from './accounts-schema.ts';
import { readTls } from './accounts-tls.ts';

/** An account with its password, which is in nobody's results, logs or arguments. */
export type FileAccount = AccountSet['callee'];

export interface FileSet extends AccountSet {
  readonly for: 'call' | 'canary';
  /** null: nobody says what the server does for this callee. */
  readonly policy: PolicyId | null;
  readonly settings: Omit<SubscriberSettings, 'waits'>;
}

/** What an accounts file says, with everything that it leaves out. */
export interface FileAccounts {
  readonly tls: ServerTls;
  /** `password` null: no challenge is answered. */
  readonly caller: { readonly user: string; readonly domain: string; readonly password: string | null };
  /** Inside of the server; null: it is not, or nobody says. */
  readonly innerVoicemail: (InnerVoicemailWord & { readonly dialled: boolean }) | null;
  /** null: none of ours. */
  readonly voicemail: {
    readonly at: SipAddress | FileAccount;
    readonly missedCalls: boolean;
    readonly dialled: boolean;
  } | null;
  readonly sets: readonly FileSet[];
}

type Path = readonly (string | number)[];

/** Whom a flag is about. */
const LIST_OF_FLAG: Readonly<Partial<Record<RoutingFlag, RoutingList>>> = {
  enablecf: 'forwardto',
  simultaneous_ring: 'simultaneous_ring',
  team_ring: 'team',
  delegate_ring: 'delegates',
};

/**
 * Reads the accounts of a live server, and their passwords from the environment.
 *
 * @throws {UsageError} naming file and line: for what is not YAML, data of the wrong shape, a variable that is not set, a flag
 * without its list, and a user whom two accounts share
 */
export async function readAccounts(file: string, environment: NodeJS.ProcessEnv): Promise<FileAccounts> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    throw new UsageError(`--accounts ${file}: cannot be read (${cause.message})`, { cause });
  });
  const source = new Source(file, text);
  const { domain, waits, policy = null, caller, voicemail, sets } = source.data;
  const passwords = source.passwords(environment);
  const accountOf = (each: AccountText): FileAccount => ({
    user: each.user,
    domain: each.domain ?? domain,
    password: passwords(each.secret),
  });
  source.requireSound();
  const tls = await readTls({
    text: source.data.tls ?? {},
    dir: dirname(file),
    complaint: (key, said) => source.error(['tls', key], said),
    nowEpochMs: Date.now(),
  });
  const [host = '', port = ''] = voicemail?.address?.split(':') ?? [];
  const at = voicemail?.account === undefined ? { host, port: Number(port) } : accountOf(voicemail.account);
  return {
    tls,
    caller: {
      user: caller.user,
      domain: caller.domain ?? domain,
      password: caller.secret === undefined ? null : passwords(caller.secret),
    },
    innerVoicemail: innerVoicemailOf(voicemail),
    voicemail:
      (voicemail &&
        voicemail.inside === undefined && {
          at,
          missedCalls: voicemail.missedCalls ?? false,
          dialled: voicemail.dialled ?? false,
        }) ||
      null,
    sets: sets.map((set) => {
      const lists = ROUTING_LISTS.filter((list) => set.lists?.[list] !== undefined);
      return {
        for: set.for ?? 'call',
        policy: set.policy ?? policy,
        callee: accountOf(set.callee),
        members: Object.fromEntries(Object.entries(set.lists ?? {}).map(([list, each]) => [list, accountOf(each)])),
        waits: set.waits ?? waits,
        settings: {
          flags: set.flags ?? [],
          lists,
          voicemail: set.voicemail ?? true,
          doNotDisturb: set.doNotDisturb ?? false,
        },
      };
    }),
  };
}

function innerVoicemailOf(voicemail: AccountsText['voicemail']): FileAccounts['innerVoicemail'] {
  if (voicemail?.inside === undefined) return null;
  const { shownBy = SHOWN_BY, talkMs = 10_000, countedWithinMs = 10_000 } = voicemail.inside;
  return { evidence: shownBy, talkMs, countedWithinMs, dialled: voicemail.dialled ?? false };
}

/** The file's text, its data, and where in the text they stand. */
class Source {
  readonly data: AccountsText;
  readonly #file: string;
  readonly #document: ReturnType<typeof parseDocument>;
  readonly #lines = new LineCounter();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines });
    const [error] = this.#document.errors;
    if (error !== undefined) {
      const { line } = this.#lines.linePos(error.pos[0]);
      throw new UsageError(`${file}:${line}: is not YAML: ${error.message.split('\n', 1)[0]}`);
    }
    visit(this.#document, {
      // An extension (1001, +44...) is a number to YAML, and a name to SIP: as it is written.
      Pair: (_key, { key, value }) => {
        if (isScalar(key) && key.value === 'user' && isScalar(value)) value.value = value.source ?? value.value;
      },
    });
    const data: unknown = this.#document.toJS();
    if (!v.is(accountsFile, data)) throw this.#complaint(data);
    this.data = data;
  }

  /** What a name stands for. @throws {UsageError} naming every variable that is not set */
  passwords(environment: NodeJS.ProcessEnv): (name: string) => string {
    const named = this.#accounts().flatMap(([path, { secret }]) =>
      secret === undefined ? [] : [{ path: [...path, 'secret'], secret }],
    );
    const [first, ...more] = named.filter(({ secret }) => (environment[secret] ?? '') === '');
    if (first !== undefined) {
      const names = [...new Set([first, ...more].map(({ secret }) => secret))].join(', ');
      throw this.error(first.path, `not set in the environment: ${names}; export the password of each account`);
    }
    return (name) => environment[name] ?? '';
  }

  /** @throws {UsageError} for what no shape tells */
  requireSound(): void {
    const { sets, voicemail } = this.data;
    const ways = [voicemail?.address, voicemail?.account, voicemail?.inside].filter((each) => each !== undefined);
    if (voicemail !== undefined && ways.length !== 1) {
      throw this.error(
        ['voicemail'],
        `voicemail: found ${ways.length === 0 ? 'none' : 'several'} of address, account and inside; allowed: one of them`,
      );
    }
    for (const [index, { flags = [], lists = {} }] of sets.entries()) {
      const flag = flags.find((each) => {
        const list = LIST_OF_FLAG[each];
        return list !== undefined && lists[list] === undefined;
      });
      if (flag === undefined) continue;
      throw this.error(
        ['sets', index, 'flags'],
        `sets[${index}].flags: found ${flag} without an account for it; allowed: with lists.${LIST_OF_FLAG[flag]}`,
      );
    }
    const taken = new Map<string, string>();
    for (const [path, { user }] of this.#accounts()) {
      const plain = plainUser(user);
      const other = taken.get(plain);
      if (other !== undefined) {
        throw this.error(
          [...path, 'user'],
          `${place(path)}.user: found ${user}, whom ${other} is as well; allowed: each user once`,
        );
      }
      taken.set(plain, place(path));
    }
  }

  /** Every account, by where it stands. */
  #accounts(): [Path, { readonly user: string; readonly secret?: string }][] {
    const { caller, voicemail, sets } = this.data;
    return [
      [['caller'], caller],
      ...(voicemail?.account === undefined
        ? []
        : [[['voicemail', 'account'], voicemail.account] as [Path, AccountText]]),
      ...sets.flatMap((set, index) => [
        [['sets', index, 'callee'], set.callee] as [Path, AccountText],
        ...Object.entries(set.lists ?? {}).map(([list, each]): [Path, AccountText] => [
          ['sets', index, 'lists', list],
          each,
        ]),
      ]),
    ];
  }

  #complaint(data: unknown): UsageError {
    const { path, place: where, kind, expected, found } = complaintAbout(accountsFile, data);
    const allowed = kind === 'surplus' ? `no such key, but ${expected}` : expected;
    // Somebody may have written the password itself, behind `secret` or another word.
    const isTold = kind === 'missing' || (kind === 'value' && expected !== SECRET);
    const shown = isTold ? found : kind === 'surplus' ? 'another key' : 'something else';
    return this.error(path, `${where === '' ? '' : `${where}: `}found ${shown}; allowed: ${allowed}`);
  }

  error(path: Path, said: string): UsageError {
    return new UsageError(`${this.#file}:${this.#lineOf(path)}: ${said}`);
  }

  /** Of the nearest that is there. */
  #lineOf(path: Path): number {
    for (let length = path.length; length > 0; length -= 1) {
      const inside = path.slice(0, length);
      // What an alias stands for is written elsewhere.
      const isBehindAlias = inside.some((_key, index) => isAlias(this.#document.getIn(inside.slice(0, index), true)));
      const node = isBehindAlias ? undefined : this.#document.getIn(inside, true);
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line;
    }
    return 1;
  }
}

function place(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
