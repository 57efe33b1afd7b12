import type { MailboxEntry } from '../endpoints/voicemail.ts';
import { linesNamed } from '../model/header-lines.ts';
import type { HeaderCanary, HeadersAtPhone, Leg, Observation, Stray } from '../model/observation.ts';
import type { Waits } from '../model/scenario.ts';
import { domainOf, type LoggedAs, POLICIES } from '../model/words.ts';
import type { Cell } from '../plan/plan.ts';
import { headerKey } from '../sip/index.ts';
import { answersOf, redirectionsOf, tagsGiven, withUnheard } from './answers.ts';
import type { StrayItem } from './attribution.ts';
import { challengeTrouble, placedInvite, responsesTo } from './challenge.ts';
import { causesFirst, causeTroubles, LATE_STAMP_MS } from './clocks.ts';
import type { Directory } from './directory.ts';
import { callBefore, type Facing, facing, withBoth } from './facing.ts';
import { withHops } from './hops.ts';
import type { CallKey } from './identity.ts';
import { type InnerCall, innerVoicemail } from './inner-voicemail.ts';
import { latenessOf } from './lateness.ts';
import { cancelReasons, legsOf } from './legs.ts';
import { failedBetween, howFailed, nearestCanaries, phoneCanary, type SeenCanary } from './near-canaries.ts';
import { isFor, trapsNeeded } from './needed-canaries.ts';
import { notificationsOf } from './notices.ts';
import type { Beat } from './pulse.ts';
import type { Stall } from './stall-watch.ts';
import { headerKeysOf, toSeenMessage, type WireMessage } from './wire-log.ts';

/** All that the lab knows of one call when it is over. */
export interface CallRecord {
  readonly cell: Cell;
  readonly key: CallKey;
  readonly directory: Directory;
  /** Messages at the caller and at every endpoint, in order of time. */
  readonly messages: readonly WireMessage[];
  /** What reached endpoints and names nobody's call, or several. */
  readonly strays: readonly StrayItem[];
  /** What voice mail filed of this call, under whatever name. */
  readonly mailbox: readonly MailboxEntry[];
  /** Where voice mail is inside of the server. @default it is ours */
  readonly inner?: Pick<InnerCall, 'word' | 'callee' | 'counts'> | null;
  readonly canaries: readonly SeenCanary[];
  /** The canary that carried this cell's header; null where there was none. */
  readonly headerCanary: HeaderCanary | null;
  /** Names, long and in lower case, of header fields that the server adds to every call. */
  readonly serverHeaders: ReadonlySet<string>;
  /** How many 181 every call of this server gets. @default 0 */
  readonly usualForwardings?: number;
  /** Names, in lower case, of the header fields that variants use. */
  readonly headerNames: ReadonlySet<string>;
  /** Users that did not get a 200 to REGISTER, with what they got. */
  readonly unregistered: readonly string[];
  /** The callee's phone is not ours. */
  readonly phoneUnderTest: boolean;
  /** What it has in its call log, by Call-ID; null: it keeps none. @default null */
  readonly callLog?: ReadonlyMap<string, LoggedAs> | null;
  /** Who placed the call is not ours. @default false */
  readonly callerUnderTest?: boolean;
  /** When this process could not run for longer than the slack. */
  readonly stalls: readonly Stall[];
  /** When the server was to answer a question, and when it did. */
  readonly beats: readonly Beat[];
  readonly troubles: readonly Trouble[];
  /** The run was cancelled before this was read. @default false */
  readonly cancelled?: boolean;
  /** Slack after the server's own timers, and after the last event of the call. */
  readonly slackMs: number;
}

/** Something went wrong on our side at that moment, and stayed wrong. */
export interface Trouble {
  readonly text: string;
  readonly atEpochMs: number;
  /** Whom it concerns, by any account of a call; left out: everybody. */
  readonly users?: ReadonlySet<string> | undefined;
}

/** Puts together what was seen of one call. No opinion: that is the judge's. */
export function observe(record: CallRecord): Observation {
  const { cell } = record;
  const faced = facing(
    record.messages.filter(({ source }) => source !== 'hop'),
    cell.path,
  );
  const { messages, lateMs: stampLateMs } = causesFirst(faced.messages);
  const invite = placedInvite(messages);
  const atB2bua = cell.path === 'direct' ? undefined : callBefore(faced);
  const start = (invite ?? atB2bua?.invite)?.atEpochMs ?? 0;
  const atCaller = messages.filter((message) => message.from === 'caller' || message.to === 'caller');
  const responses = responsesTo(invite, messages);
  const final = responses.find((message) => (message.status ?? 0) >= 200);
  const cancel = atCaller.find((message) => message.method === 'CANCEL' && message.from === 'caller');
  const since = (message: WireMessage | undefined): number | null =>
    message === undefined ? null : message.atEpochMs - start;
  // A call is over when its caller says so: by that the end of the window was told, too, before a B2BUA had passed it on.
  const atEnd = cell.path === 'direct' ? atCaller : faced.before;
  const callEndMs = Math.max(0, ...atEnd.map((message) => message.atEpochMs - start));
  const endMs = Math.max(serverTimersMs(cell.scenario.subscriber.waits), callEndMs) + record.slackMs;
  const sightings = nearestCanaries(record, trapsNeeded(cell), start, start + endMs);
  const deadBetween = failedBetween(record, trapsNeeded(cell), start, start + endMs);
  const given = tagsGiven(messages);
  const [own, misdirected] = ownAndMisdirected(
    legsOf(messages, start).map((leg) => withHops(leg, record.messages, invite)),
    start,
    record,
  );
  const inner = innerOf(record, { messages, startEpochMs: start, endEpochMs: start + endMs, legs: own });
  const notifications = invite === undefined ? [] : notificationsOf(messages, record.mailbox, start, inner !== null);
  const others = legsOf(faced.others, start);
  const answers = inner?.answers ?? answersOf(messages, start);
  return {
    cell: cell.id,
    ...(record.phoneUnderTest && { phoneUnderTest: true as const }),
    ...(record.callerUnderTest === true && { callerUnderTest: true as const }),
    startedAtEpochMs: invite === undefined ? null : start,
    ...(atB2bua !== undefined && {
      b2bua: {
        ...b2buaSeen(atB2bua, record.headerNames),
        ...cancelReasons(faced.before.find(({ method }) => method === 'CANCEL')),
        others,
      },
    }),
    caller: {
      headersSent: invite === undefined ? [] : linesNamed(invite.bytes.toString('latin1'), record.headerNames),
      ...headersLater(atCaller, invite, record.headerNames),
      provisionals: responses.flatMap(({ status, atEpochMs, toTag }) =>
        status !== null && status < 200
          ? [{ status, atMs: atEpochMs - start, known: toTag !== null && given.has(toTag) }]
          : [],
      ),
      usualForwardings: record.usualForwardings ?? 0,
      finalStatus: final?.status ?? null,
      finalMs: since(final),
      answers,
      redirections: redirectionsOf(messages, start),
      cancelledMs: since(cancel),
      ...cancelReasons(cancel),
      byeMs: since(atCaller.find((message) => message.method === 'BYE')),
    },
    legs: own.map((leg) =>
      withLogged(withUnheard(leg, answers, { messages, startEpochMs: start }), record.callLog ?? null),
    ),
    misdirected,
    // One that stands before its call is no notice of it: the troubles tell of it.
    notifications: notifications.filter(({ atMs }) => atMs >= -LATE_STAMP_MS),
    ...(inner !== null && { innerVoicemail: inner.seen }),
    strays: invite === undefined ? [] : straysOf(record, start, endMs),
    headersAtPhone: headersAtPhone(messages, invite, record),
    window: {
      endMs,
      closedMs: sightings.after?.reachedMs ?? null,
      slackMs: record.slackMs,
      ...(record.cancelled === true && sightings.after?.reachedMs == null && { cutShort: true }),
    },
    lateMs: Math.max(
      stampLateMs,
      latenessOf(record, { messages, startEpochMs: start, callEndMs: final === undefined ? endMs : callEndMs, endMs }),
    ),
    canary: { trap: cell.scenario.trap, ...sightings },
    phoneCanary: phoneCanary(record, start, start + endMs),
    headerCanary: record.headerCanary,
    unregistered: record.unregistered,
    unplayable: null,
    troubles: [
      // What broke after the window says nothing of this call: a canary has closed it before, or none ever does.
      ...record.troubles.flatMap(({ text, atEpochMs }) => (atEpochMs <= start + endMs ? [text] : [])),
      ...deadBetween.map(({ call }) => `a canary to ${call.canary.trap} failed during the call: ${howFailed(call)}`),
      ...(invite === undefined ? [] : causeTroubles({ messages, legs: [...own, ...misdirected], notifications })),
      ...unseenMessages(record.mailbox, [...own, ...others]),
      ...unknownLegs(faced, own),
      ...[challengeTrouble(invite, final) ?? []].flat(),
    ],
    messages: withBoth({ ...faced, messages }, cell.path).map((message) => toSeenMessage(message, start)),
  };
}

function withLogged(leg: Leg, callLog: CallRecord['callLog']): Leg {
  if (leg.role !== 'phone' || !callLog) return leg;
  return { ...leg, loggedAs: callLog.get(leg.callId) ?? 'nothing' };
}

function b2buaSeen(
  { invite, final }: ReturnType<typeof callBefore>,
  headerNames: ReadonlySet<string>,
): Omit<NonNullable<Observation['b2bua']>, 'others'> {
  return {
    got: invite === undefined ? null : linesNamed(invite.bytes.toString('latin1'), headerNames),
    finalStatus: final?.status ?? null,
  };
}

/** null: voice mail is ours, and its legs say all. */
function innerOf(
  record: CallRecord,
  { endEpochMs, ...call }: Pick<InnerCall, 'messages' | 'startEpochMs' | 'legs'> & { readonly endEpochMs: number },
): ReturnType<typeof innerVoicemail> | null {
  const { inner = null, cell, canaries } = record;
  if (inner === null) return null;
  const toVoicemail = canaries.filter((each) => isFor(cell, ['voicemail'], each.call));
  return innerVoicemail({
    ...inner,
    ...call,
    speaks: record.callerUnderTest !== true,
    answers: answersOf(call.messages, call.startEpochMs),
    toVoicemail,
    before: toVoicemail.findLast(({ call: { doneEpochMs } }) => doneEpochMs <= call.startEpochMs),
    after: toVoicemail.find(({ call: { sentEpochMs } }) => sentEpochMs >= endEpochMs),
    toPhones: canaries.filter((each) => isFor(cell, ['phone'], each.call)),
  });
}

/** A phone is somebody's: a leg to another callee's is not one to this one's. */
function ownAndMisdirected(
  legs: readonly Leg[],
  startEpochMs: number,
  { key, directory }: CallRecord,
): [own: Leg[], misdirected: Leg[]] {
  const isForOther = ({ role, user, startMs }: Leg): boolean => {
    const named = directory.ofUser(user, startEpochMs + startMs);
    return role === 'phone' && named.length > 0 && named.every((party) => party.key !== key);
  };
  return [legs.filter((leg) => !isForOther(leg)), legs.filter(isForOther)];
}

/** Which of an application's calls a leg is of, the Call-ID says: a server that gives legs new ones leaves it open. */
function unknownLegs({ messages, others }: Facing, legs: readonly Leg[]): string[] {
  if (others.length === 0) return [];
  const own = new Set(
    messages.flatMap(({ from, to, callId }) => (from === 'caller' || to === 'caller' ? [callId] : [])),
  );
  const unknown = legs.find(({ callId }) => !own.has(callId));
  return unknown === undefined
    ? []
    : [
        `the server gives the leg to ${unknown.role} a Call-ID of its own: which of the application's calls it is of is not known`,
      ];
}

/** What voice mail filed of a call must have come of a leg; where none is on record, the record has a hole. */
function unseenMessages(mailbox: readonly MailboxEntry[], legs: readonly Leg[]): string[] {
  const taken = mailbox.find(({ by }) => by === 'voicemail');
  if (taken === undefined || legs.some(({ role }) => role === 'voicemail')) return [];
  return [`voice mail filed a ${taken.kind} of this call, and no leg to it is on record`];
}

function straysOf({ strays, key, cell, slackMs, directory }: CallRecord, start: number, endMs: number): Stray[] {
  return strays.flatMap(({ item, kind, candidates }): Stray[] => {
    const atMs = item.atEpochMs - start;
    if (atMs < -Math.min(LATE_STAMP_MS, slackMs) || atMs > endMs) return [];
    if (item.role === 'server' || (candidates !== null && !candidates.has(key))) return [];
    if (!directory.lends && !mayBeOfPolicy(item.bytes, cell)) return [];
    const text = item.message?.startLine ?? `${item.bytes.length} bytes that are no SIP message`;
    // What came to a B2BUA is no less of the caller's side.
    return [{ atMs, at: item.role === 'b2bua' ? 'caller' : item.role, kind, text: text.replace(/\p{Cc}/gu, '\ufffd') }];
  });
}

/** Where accounts are made, every policy has a domain of its own: what names another one's, and not this one's, is not of this call. */
function mayBeOfPolicy(bytes: Buffer, { policy }: Cell): boolean {
  const domains =
    bytes
      .toString('latin1')
      .toLowerCase()
      .match(/[a-z0-9-]+\.test\b/g) ?? [];
  const ofPolicies = domains.filter((domain) => POLICIES.some((each) => domainOf(each) === domain));
  return ofPolicies.length === 0 || ofPolicies.includes(domainOf(policy));
}

function headersAtPhone(
  messages: readonly WireMessage[],
  sent: WireMessage | undefined,
  { headerNames, serverHeaders }: CallRecord,
): HeadersAtPhone | null {
  const arrived = messages.find(({ to, method }) => to === 'phone' && method === 'INVITE');
  if (sent === undefined || arrived === undefined) return null;
  const keys = new Set([...headerNames].map(headerKey));
  const [before, after] = [headerKeysOf(sent), headerKeysOf(arrived)];
  return {
    lost: [...keys].filter((name) => before.has(name) && !after.has(name)),
    added: [...keys].filter((name) => after.has(name) && !before.has(name) && !serverHeaders.has(name)),
  };
}

/** How long the server may take to divert: all its waits, one after the other. */
export function serverTimersMs({ totalMs, userMs, team2Ms }: Waits): number {
  return totalMs + userMs + team2Ms;
}

/** A header on a CANCEL or a re-INVITE comes too late to keep a call out of anything; it explains what its author meant. */
function headersLater(
  atCaller: readonly WireMessage[],
  invite: WireMessage | undefined,
  names: ReadonlySet<string>,
): { headersLater?: readonly string[] } {
  const methods = atCaller.flatMap(({ from, method, bytes, cseq, atEpochMs }) => {
    const isLater = from === 'caller' && cseq !== invite?.cseq && atEpochMs >= (invite?.atEpochMs ?? Infinity);
    if (method === null || !isLater || linesNamed(bytes.toString('latin1'), names).length === 0) return [];
    return [method === 'INVITE' ? 're-INVITE' : method];
  });
  return methods.length === 0 ? {} : { headersLater: [...new Set(methods)] };
}
