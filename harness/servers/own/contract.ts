/**
 * What a server of the user's is told and what it says: docs/own-server.md in types. It describes itself once; then it is started
 * with its surroundings in the environment, and a file of the accounts that it has.
 */
import type { Waits } from '../../model/scenario.ts';
import type { SipAddress } from '../../model/server.ts';
import { POLICIES, type RoutingFlag, type RoutingList, type Statement } from '../../model/words.ts';
import { countOf, DescriptionFault, shortText, wordsOf, yesOrNo } from '../../processes/description.ts';
import type { ListedSet } from '../lending.ts';
import { SERVER_FEATURES, type ServerFeature } from './features.ts';

/** The page with the contract. */
export const OWN_SERVER_PAGE = 'docs/own-server.md';

/** What a server says of itself. */
export interface ServerDescription {
  readonly name: string;
  readonly version: string;
  readonly features: ReadonlySet<ServerFeature>;
  /** How long it waits, whatever the file of accounts says; null: as that says. */
  readonly waits: Waits | null;
  /** What it claims to do with the headers; null: nobody says. */
  readonly policy: Statement | null;
  /** It answers an INVITE of a caller with a challenge. */
  readonly asksCallers: boolean;
  readonly callsPerSecond: number;
  /** It prints {@link READY} when it has its accounts; otherwise it has them when it answers. */
  readonly saysReady: boolean;
}

/** A line of its output that is this word alone. */
export const READY = 'ready';

/** A server of which nothing is known is not hurried. */
const CALLS_PER_SECOND = 50;
/** As long as [MS-SIPRE] 2.2.9.5 recommends at most. */
const LONGEST_WAIT_MS = 1_200_000;
const FIELDS = ['name', 'version', 'features', 'waits', 'policy', 'asksCallers', 'callsPerSecond', 'saysReady'];

/** @throws {DescriptionFault} that names the field */
export function serverDescription(said: Readonly<Record<string, unknown>>): ServerDescription {
  const { name, version, features, waits = null, policy = null, asksCallers = false, callsPerSecond } = said;
  const surplus = Object.keys(said).find((field) => !FIELDS.includes(field));
  // A slip of the pen would be taken for "cannot".
  if (surplus !== undefined)
    throw new DescriptionFault(`has ${JSON.stringify(surplus.slice(0, 100))}; there is ${FIELDS.join(', ')}`);
  return {
    name: shortText('name', name),
    version: shortText('version', version),
    features: wordsOf('features', features, SERVER_FEATURES),
    waits: waits === null ? null : waitsOf(waits),
    policy: policy === null ? null : policyOf(policy),
    asksCallers: yesOrNo('asksCallers', asksCallers),
    saysReady: yesOrNo('saysReady', said.saysReady ?? false),
    callsPerSecond: countOf('callsPerSecond', callsPerSecond ?? CALLS_PER_SECOND),
  };
}

function waitsOf(value: unknown): Waits {
  const { totalMs, userMs = 0, team2Ms = 0 } = Object(value) as Record<string, unknown>;
  const all = { totalMs, userMs, team2Ms };
  if (Object.values(all).every(isWait)) return all as unknown as Waits;
  throw new DescriptionFault(
    `needs "waits", {"totalMs": ..., "userMs": ..., "team2Ms": ...}, milliseconds from 0 to ${LONGEST_WAIT_MS}, or none`,
  );
}

function isWait(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LONGEST_WAIT_MS;
}

function policyOf(value: unknown): Statement {
  const found = POLICIES.find((each) => each === value);
  if (found !== undefined) return found;
  throw new DescriptionFault(`needs "policy", one of ${POLICIES.join(', ')}, or none`);
}

/** The environment of a server that is to serve, but for the file of accounts. */
export function serveEnvironment({
  listen,
  voicemail,
  domain,
}: {
  readonly listen: SipAddress;
  readonly voicemail: SipAddress;
  readonly domain: string;
}): Record<string, string> {
  return {
    RINGFENCE_ACTION: 'serve',
    RINGFENCE_LISTEN: `${listen.host}:${listen.port}`,
    RINGFENCE_VOICEMAIL: `${voicemail.host}:${voicemail.port}`,
    RINGFENCE_DOMAIN: domain,
  };
}

/** Whom it asks for a password, if it asks callers. */
export interface CallerAccount {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

/** An account as the file has it. */
interface AccountEntry {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  readonly flags: readonly RoutingFlag[];
  readonly lists: Readonly<Partial<Record<RoutingList, string>>>;
  readonly waits: Waits;
  readonly voicemail: boolean;
  readonly doNotDisturb: boolean;
  readonly heedsReason?: true;
}

/** The file: all accounts, each on a line of its own, so that line-oriented programs can read it as well. */
export function accountsText(sets: readonly ListedSet[], caller: CallerAccount): string {
  const entries = sets.flatMap(entriesOf).map((entry) => JSON.stringify(entry));
  return `{"caller":${JSON.stringify(caller)},\n"accounts":[\n${entries.join(',\n')}\n]}\n`;
}

/** The callee, and whoever the rules name: somebody without rules or a mailbox. */
function entriesOf({ callee, members, settings, waits }: ListedSet): AccountEntry[] {
  const { flags, voicemail, doNotDisturb, heedsReason } = settings;
  const named = Object.entries(members);
  const lists = Object.fromEntries(named.map(([list, { user, domain }]) => [list, `sip:${user}@${domain}`]));
  const { user, domain, password } = callee;
  return [
    { user, domain, password, flags, lists, waits, voicemail, doNotDisturb, ...(heedsReason && { heedsReason }) },
    ...named.map(([, member]) => ({
      user: member.user,
      domain: member.domain ?? domain,
      password: member.password ?? '',
      flags: [],
      lists: {},
      waits,
      voicemail: false,
      doNotDisturb: false,
    })),
  ];
}
