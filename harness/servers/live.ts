/** A server that somebody else set up and runs: it is only addressed, and called with the accounts that its owner names. */
import type { AccountSet, Credentials, Lender } from '../model/accounts.ts';
import type { PolicyId, Scenario, SubscriberSettings, Trap } from '../model/scenario.ts';
import type { InnerVoicemailWord, Manners, ServerAddress, ServerTls, SipAddress } from '../model/server.ts';
import { UNKNOWN_POLICY } from '../model/words.ts';
import { type ListedSet, lenderOf } from './lending.ts';
import { type AskedServer, asAsked, type WayToTrap } from './server.ts';

/** What `--server` takes for one. */
export const LIVE_FORM = 'sip:HOST:PORT';

/** What its owner says of it, as the accounts file has it. */
export interface OwnersWord {
  /** @default the authorities that Node.js knows, the name that is addressed, no certificate of ours */
  readonly tls?: ServerTls;
  readonly caller: { readonly user: string; readonly domain: string; readonly password: string | null };
  /** Inside of it; null: it is not, or nobody says. @default null */
  readonly innerVoicemail?: (InnerVoicemailWord & { readonly dialled: boolean }) | null;
  /** null: none of ours. `at`: where it sends unanswered calls, an address or an account. */
  readonly voicemail: {
    readonly at: SipAddress | AccountSet['callee'];
    /** It notifies it of missed calls. */
    readonly missedCalls: boolean;
    /** `;opaque=app:voicemail` reaches it. */
    readonly dialled: boolean;
  } | null;
  readonly sets: readonly (Omit<ListedSet, 'policy'> & { readonly policy: PolicyId | null })[];
}

export interface LiveServer extends AskedServer {
  readonly address: ServerAddress;
  /** Where it is spoken to over TLS: whom its certificate must name is said in any case. */
  readonly tls: (ServerTls & { readonly name: string }) | null;
  readonly lender: Lender;
  readonly callers: Credentials | undefined;
  readonly manners: Manners;
  /** Where our voice mail must stand; null: anywhere, or there is none. */
  readonly voicemailAt: SipAddress | null;
}

export interface LiveServerOptions {
  readonly address: ServerAddress;
  /** Its name, where it was found by one. @default its address */
  readonly host?: string;
  readonly word: OwnersWord;
  /** What it is to do, whatever its owner claims; null: what he claims. */
  readonly expect: PolicyId | null;
  readonly callsPerSecond: number;
}

/** @throws {LabError} as {@link lenderOf} */
export function liveServer({
  address,
  host = address.host,
  word,
  expect,
  callsPerSecond,
}: LiveServerOptions): LiveServer {
  const { caller, voicemail, innerVoicemail = null } = word;
  const name = `sip:${address.host}:${address.port}`;
  const sets = word.sets.map((set): ListedSet => ({ ...set, policy: expect ?? set.policy ?? UNKNOWN_POLICY }));
  const at = voicemail?.at ?? null;
  return {
    id: name,
    title: 'a server that somebody else runs',
    name,
    isLive: true,
    isForeign: true,
    policies: [...new Set(sets.map(({ policy }) => policy))],
    waits: asAsked, // those of the accounts count
    innerVoicemail: innerVoicemail ?? undefined,
    lacks: (scenario) => lackOf(scenario, voicemail, innerVoicemail),
    wayTo: (trap) => wayTo(trap, sets),
    address,
    tls: address.transport === 'tls' ? { ca: null, own: null, ...word.tls, name: word.tls?.name ?? host } : null,
    lender: lenderOf(sets),
    callers: caller.password === null ? undefined : { username: caller.user, password: caller.password },
    manners: {
      caller: `sip:${caller.user}@${caller.domain}`,
      voicemail: at !== null && 'user' in at ? at : null,
      accounts: sets,
      callsPerSecond,
    },
    voicemailAt: at !== null && 'host' in at ? at : null,
  };
}

function lackOf(
  { trap, dials }: Scenario,
  voicemail: OwnersWord['voicemail'],
  inner: OwnersWord['innerVoicemail'],
): string | null {
  const isAboutVoicemail = trap === 'voicemail' || trap === 'missed-call-inbox' || dials === 'voice-mail-gruu';
  if (!isAboutVoicemail) return null;
  const word = voicemail ?? inner;
  if (word == null) return 'nobody says where its voice mail is (`voicemail` in the accounts file)';
  if (trap === 'missed-call-inbox' && voicemail === null)
    return 'its voice mail is inside it: no note of a missed call comes to an endpoint of ours';
  if (trap === 'missed-call-inbox' && !voicemail?.missedCalls)
    return 'nobody says that it notifies a voice mail of ours of missed calls (`missedCalls` in the accounts file)';
  if (dials === 'voice-mail-gruu' && !word.dialled)
    return 'nobody says that an address of it reaches voice mail directly (`dialled` in the accounts file)';
  return null;
}

const RING = 'ring';
const AT_ONCE = 'forward_immediate';

/** The straight ways first; the last takes as long as the server waits. */
const WAYS: Readonly<Record<Trap | 'phone', readonly [WayToTrap, ...WayToTrap[]]>> = {
  voicemail: [
    { rules: { flags: [AT_ONCE], lists: [] }, phone: RING },
    { rules: { flags: [], lists: [] }, phone: RING },
  ],
  'forward-target': [
    { rules: { flags: [AT_ONCE, 'enablecf'], lists: ['forwardto'] }, phone: RING },
    { rules: { flags: ['enablecf'], lists: ['forwardto'] }, phone: RING },
  ],
  'simultaneous-ring': [{ rules: { flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] }, phone: RING }],
  team: [{ rules: { flags: ['team_ring'], lists: ['team'] }, phone: RING }],
  delegate: [{ rules: { flags: ['delegate_ring'], lists: ['delegates'] }, phone: RING }],
  'missed-call-inbox': [{ rules: { flags: [], lists: [] }, phone: RING }],
  phone: [{ rules: { flags: [], lists: [] }, phone: 'answer' }],
};

/** As its accounts for canaries have it; where none has, the one that asks least, for whoever wants to know what is lacking. */
function wayTo(trap: Trap | 'phone', sets: readonly ListedSet[]): WayToTrap {
  const ways = WAYS[trap];
  const isThere = ({ rules }: WayToTrap): boolean =>
    sets.some(({ for: use, settings }) => use === 'canary' && hasRules(settings, rules));
  return ways.find(isThere) ?? ways.at(-1) ?? ways[0];
}

function hasRules(settings: Pick<SubscriberSettings, 'flags' | 'lists'>, rules: WayToTrap['rules']): boolean {
  const words = ({ flags, lists }: WayToTrap['rules']): string => [...flags, '', ...lists].toSorted().join(' ');
  return words(settings) === words(rules);
}
