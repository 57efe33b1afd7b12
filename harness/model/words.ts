/**
 * The vocabulary: every word that scenarios, results, options and reports share, once. Types follow from the lists, and
 * so do checks, tables and the JSON Schema of results.
 */

/** A named, complete statement of how a server treats the headers. */
export const POLICIES = ['ms-sipre', 'blog-2012', 'comment-2013', 'ucma-doc', 'rgs-2009', 'plain'] as const;

/** Of a server of which nobody says what it does with the headers: all that it may do is reported, and nothing is expected. */
export const UNKNOWN_POLICY = 'unknown';

/** What a cell may be called under. */
export const CELL_POLICIES = [...POLICIES, UNKNOWN_POLICY] as const;
export type PolicyId = (typeof CELL_POLICIES)[number];
/** One that is a statement. */
export type Statement = (typeof POLICIES)[number];

/** The domain of its subscribers, by which a server that plays several knows which is meant. */
export function domainOf(policy: PolicyId): string {
  return `${policy}.test`;
}

/** Whose statement each is. */
export const POLICY_TITLES: Readonly<Record<Statement, string>> = {
  'ms-sipre': "Microsoft's specification, [MS-SIPRE]",
  'blog-2012': 'a developer on Lync, December 2012',
  'comment-2013': 'the comment under that post, January 2013',
  'ucma-doc': 'the UCMA 2.0 documentation',
  'rgs-2009': 'the Response Group team, 2009',
  plain: 'a server that knows none of the headers',
};

export const FEATURES = [
  'voicemail',
  'forwarding',
  'simultaneous-ring',
  'team-ring',
  'delegate-ring',
  'missed-call-notification',
] as const;
export type Feature = (typeof FEATURES)[number];

/** What a call is kept out of, as one says it. */
export const FEATURE_NAMES: Readonly<Record<Feature, string>> = {
  voicemail: 'voice mail',
  forwarding: 'forwarding',
  'simultaneous-ring': 'simultaneous ring',
  'team-ring': 'team ring',
  'delegate-ring': 'delegates',
  'missed-call-notification': 'missed-call notifications',
};

/** An endpoint that must or must not be reached. `missed-call-inbox` is the mailbox's list of notifications. */
export const TRAPS = [
  'voicemail',
  'forward-target',
  'simultaneous-ring',
  'team',
  'delegate',
  'missed-call-inbox',
] as const;
export type Trap = (typeof TRAPS)[number];

/** Those that a leg reaches. */
export const LEG_TRAPS = TRAPS.filter((trap) => trap !== 'missed-call-inbox');

/** What people call them, within a sentence. */
export const TRAP_NAMES: Readonly<Record<Trap, string>> = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};

/**
 * What shows that voice mail inside of a server took a call, the strongest first: the mailbox was looked into, its count of
 * messages rose by what phones are told (RFC 3842), the answer looks like that of a call that went there on purpose.
 */
export const INNER_EVIDENCE = ['mailbox', 'message-waiting', 'fingerprint'] as const;
export type InnerEvidence = (typeof INNER_EVIDENCE)[number];

/** Endpoints of the lab that are phones. `phone`: the callee's own. */
export const PHONE_ROLES = ['phone', 'simultaneous-ring', 'team', 'delegate', 'forward-target'] as const;
export type PhoneRole = (typeof PHONE_ROLES)[number];

/** Endpoints of the lab that calls arrive at, from the caller's side to the far side. */
export const LEG_ROLES = [...PHONE_ROLES, 'voicemail'] as const;
export type LegRole = (typeof LEG_ROLES)[number];

/** Everybody in the lab who is an application with a SIP server of its own. `canary` places the canary calls. */
export const ENDPOINT_ROLES = [...LEG_ROLES, 'canary'] as const;
export type EndpointRole = (typeof ENDPOINT_ROLES)[number];

/** The same, and who stands between caller and server where a call goes through somebody. */
export const APPLICATION_ROLES = [...ENDPOINT_ROLES, 'b2bua'] as const;
export type ApplicationRole = (typeof APPLICATION_ROLES)[number];

/** Where a message can be on record: at the caller, or at an endpoint that calls arrive at. */
export const PLACES = ['caller', ...LEG_ROLES] as const;

/** Who speaks. `server` is the SIP server under test; `b2bua` is in the path of some calls, between caller and server. */
export const ROLES = ['caller', 'b2bua', 'server', ...LEG_ROLES] as const;
export type Role = (typeof ROLES)[number];

/** Flags of the `clientflags` element, MS-SIPRE 3.9.5.1.2. */
export const ROUTING_FLAGS = [
  'block',
  'forward_immediate',
  'simultaneous_ring',
  'enablecf',
  'delegate_ring',
  'team_ring',
  'skip_primary',
] as const;
export type RoutingFlag = (typeof ROUTING_FLAGS)[number];

/** Lists of the preamble, MS-SIPRE 3.9.5.1.4. The lab fills each with the address of the trap of that name. */
export const ROUTING_LISTS = ['forwardto', 'simultaneous_ring', 'team', 'delegates'] as const;
export type RoutingList = (typeof ROUTING_LISTS)[number];

/** What a phone must be able to do. `answer`: after some milliseconds, which may be none. */
export const PLAYS = ['ring', 'answer', 'busy', 'decline', 'decline-everywhere', 'do-not-disturb'] as const;
export type Play = (typeof PLAYS)[number];

/** What a phone's own call log has of a call; `elsewhere`: somebody else took it. */
export const LOGGED_AS = ['missed', 'answered', 'declined', 'elsewhere', 'other'] as const;
export type LoggedAs = (typeof LOGGED_AS)[number];

/** What the callee's phone does in a situation; `unregistered`: it is not there. */
export const CALLEES = [...PLAYS, 'unregistered'] as const;

/**
 * What the caller does. `patient`: waits out the whole window, then CANCELs; answered, it talks past the greeting and
 * leaves a message. `hang-up-while-ringing`: CANCELs soon after the first ringing. `hang-up-in-greeting`: BYE as soon
 * as it is answered.
 */
export const CALLERS = ['patient', 'hang-up-while-ringing', 'hang-up-in-greeting'] as const;
export type CallerBehaviour = (typeof CALLERS)[number];

/** From the last ringing to the CANCEL of a caller who hangs up while it rings. */
export const HANG_UP_AFTER_RINGING_MS = 200;

/** What the caller asks for. */
export const DIALLED = ['aor', 'voice-mail-gruu'] as const;
export type Dialled = (typeof DIALLED)[number];

/**
 * `diversion`: the control must reach the trap. `over-blocking`: the control must be answered by the callee's own
 * phone, and so must every variant. `not-a-diversion`: the caller asks for the trap; every variant must reach it.
 */
export const SCENARIO_KINDS = ['diversion', 'over-blocking', 'not-a-diversion'] as const;
export type ScenarioKind = (typeof SCENARIO_KINDS)[number];

/**
 * `control`: no header at all. `inhibitor`: some source says it keeps calls out of something. `decoy`: no source says
 * so; a server that reacts to it guesses. `malformed`: breaks the header's own syntax.
 */
export const VARIANT_KINDS = ['control', 'inhibitor', 'decoy', 'malformed'] as const;
/** `as-sent`: none of ours, the user's application decides. `asked`: of the command line. No file has such a row. */
export type VariantKind = (typeof VARIANT_KINDS)[number] | 'as-sent' | 'asked';

/** `folded`: the value on a continuation line. `padded`: blanks before and after the value (RFC 3261 7.3.1). */
export const SPELLINGS = ['folded', 'padded'] as const;
export type Spelling = (typeof SPELLINGS)[number];

/** `documented`: vendor document or RFC. `observed`: somebody's own test. `reported`: a comment or field note. `inferred`: our best reading. */
export const EVIDENCE = ['documented', 'observed', 'reported', 'inferred'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/**
 * What a caller may know voice mail by: `automata` in the Contact of its answer (RFC 3840 10.11), its `Server`, 181 on the way, a
 * History-Info that names voice mail (MS-SIPRE 3.9.6.1).
 */
export const VOICEMAIL_SIGNS = ['automata', 'server', 'forwarded', 'history-info'] as const;
export type VoicemailSign = (typeof VOICEMAIL_SIGNS)[number];

export const TRANSPORTS = ['udp', 'tcp', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * How the call goes to the server. `b2bua-...`: through a B2BUA, whose second leg is another call. `set`: the caller sends no
 * header, the B2BUA puts it on its leg; `copy`: it copies the caller's; `drop`: the caller's is lost there.
 */
export const PATHS = ['direct', 'b2bua-set', 'b2bua-copy', 'b2bua-drop'] as const;
export type Path = (typeof PATHS)[number];

/** What a reader of a report cannot guess. */
export const GLOSSARY: readonly (readonly [word: string, means: string])[] = [
  ['control', 'the same call without the header. It must be diverted, or the header has shown nothing'],
  ['trap', 'the endpoint that a feature leads to, voice mail for example: a call that gets there was not kept out'],
  ['canary', 'a call of our own that must reach the trap, before and after: it shows that the trap was listening'],
  ['window', 'how long it is watched that nothing comes to the trap: longer than all waits of the server'],
];

/** What people read for an outcome, demanded or seen: everywhere the same words. */
export const OUTCOME_WORDS = {
  engaged: 'not kept out',
  suppressed: 'kept out',
  unknown: 'not known',
  unspecified: 'unspecified',
} as const;

/** Whether a feature took the call, where that is known. */
export const KNOWN_OUTCOMES = ['engaged', 'suppressed'] as const;
export type KnownOutcome = (typeof KNOWN_OUTCOMES)[number];

/** What was seen; `unknown`: the call was not placed, or did not end. */
export const OUTCOMES = [...KNOWN_OUTCOMES, 'unknown'] as const;

export const VERDICTS = ['pass', 'fail', 'inconclusive', 'unsupported', 'unspecified'] as const;
/** What is said of a cell in the end. `inconclusive`: nothing was proven; `unspecified`: no source says what ought to be. */
export type Verdict = (typeof VERDICTS)[number];

/** From worse to better: of several that a cell has had, the worst counts. */
export const WORST_FIRST: readonly Verdict[] = ['fail', 'inconclusive', 'unsupported', 'unspecified', 'pass'];

/** Where a lab stands: processes on this machine's loopback, or containers. */
export const RUNTIMES = ['process', 'docker'] as const;
export type RuntimeId = (typeof RUNTIMES)[number];

/** The format of results.json. */
export const RESULTS_VERSION = 'ringfence-results/2';
