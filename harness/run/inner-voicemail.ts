/**
 * Did a voice mail take the call that is inside of the server, where no leg shows it? By what was counted of a message, and by how
 * the caller was answered. Pure.
 */
import type { MessageCount } from '../endpoints/message-counts.ts';
import type { Answer, Arrival, InnerVoicemail, Leg } from '../model/observation.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { INNER_EVIDENCE, type InnerEvidence } from '../model/words.ts';
import { answersToCaller } from './answers.ts';
import type { CanaryAnswer } from './canary-caller.ts';
import { commonTo, differing, FIELDS, type Fingerprint, fingerprintOf, NAMES } from './fingerprint.ts';
import type { SeenCanary } from './near-canaries.ts';
import type { WireMessage } from './wire-log.ts';

export interface InnerCall {
  readonly word: InnerVoicemailWord;
  /** The caller is ours, and could be heard: of another it is not known whether there was anything to record. */
  readonly speaks: boolean;
  /** User that was called. */
  readonly callee: string;
  /** Of the call, in order of time; so are the legs. */
  readonly messages: readonly WireMessage[];
  readonly startEpochMs: number;
  readonly legs: readonly Leg[];
  readonly answers: readonly Answer[];
  /** Of the callee's mailbox, while the account was this call's. */
  readonly counts: readonly MessageCount[];
  /** Canaries to voice mail on both sides of the window, and all of this policy to a phone. */
  readonly before: SeenCanary | undefined;
  readonly after: SeenCanary | undefined;
  readonly toVoicemail: readonly SeenCanary[];
  readonly toPhones: readonly SeenCanary[];
}

/** @returns what shows that voice mail took the call, and the answers with those of voice mail known */
export function innerVoicemail(call: InnerCall): {
  readonly seen: InnerVoicemail;
  readonly answers: readonly Answer[];
} {
  const facts = factsOf(call);
  const answers = call.answers.map((answer) => (isLikeVoicemailAlone(answer, facts) ? nobodys(answer) : answer));
  const shown = INNER_EVIDENCE.filter((by) => isShown(by, facts));
  const open = answers.filter(({ by }) => by === null);
  const [first] = open;
  const doubts = [
    heardBeforeAnswer(facts),
    ...answers.map((answer) => mayBeVoicemails(answer, facts)),
    first === undefined ? counted(facts) : null,
  ];
  const [doubt = null] = doubts.filter((each) => each !== null);
  if (first === undefined) return { seen: { arrivals: [], shown, doubt }, answers };
  const rises = risesSince(call, first.atMs);
  const early = answeredFirst(first, facts);
  const like = early === null ? open.find((answer) => differencesFrom(answer, facts)?.length === 0) : undefined;
  const unmet = rises.length > 0 || like === undefined ? null : missingMessage(facts);
  const arrivals: Arrival[] = [
    ...rises.map((rise) => ({ by: rise.by, atMs: rise.atEpochMs - call.startEpochMs, seen: riseText(rise, call) })),
    ...(like === undefined || unmet !== null
      ? []
      : [{ by: 'fingerprint' as const, atMs: like.atMs, seen: likenessText(facts) }]),
  ];
  if (arrivals.length === 0)
    return { seen: { arrivals, shown, doubt: early ?? unmet ?? unlike(first, facts) ?? doubt }, answers };
  const taken = like ?? first;
  return {
    seen: { arrivals, shown, doubt },
    answers: answers.map((answer) => (answer === taken ? { ...answer, by: 'voicemail', knownBy: 'arrival' } : answer)),
  };
}

interface Facts extends InnerCall {
  /** Of the canaries' answers; null: they do not show one. */
  readonly print: Fingerprint | null;
  /** In which canaries to voice mail agree. */
  readonly fields: readonly (keyof Fingerprint)[];
  /** A phone's answer looks the same, or none was seen. */
  readonly alike: boolean;
  /** Caller's BYE, or the server's to the caller. */
  readonly bye: WireMessage | undefined;
}

/** That the caller hung up, and what tags look like, is true of anybody. */
const TELLING: readonly (keyof Fingerprint)[] = ['contact', 'product', 'origin'];

function factsOf(call: InnerCall): Facts {
  const { word, before, after, toPhones, messages } = call;
  const prints = [before, after].flatMap((each) => shownAnswer(each)?.fingerprint ?? []);
  const fields = commonTo(prints);
  const [print = null] =
    word.evidence.includes('fingerprint') && fields.some((each) => TELLING.includes(each)) ? prints : [];
  const ofPhones = toPhones.flatMap(({ call: { answer } }) => answer?.fingerprint ?? []);
  const besides = fields.filter((field) => field !== 'hungUpBy');
  const alike =
    print === null || ofPhones.length === 0 || ofPhones.some((each) => differing(besides, print, each).length === 0);
  const bye = messages.find(({ method, from, to }) => method === 'BYE' && (from === 'caller' || to === 'caller'));
  return { ...call, print, fields, alike, bye };
}

function shownAnswer(seen: SeenCanary | undefined): CanaryAnswer | null {
  return seen?.reachedEpochMs == null ? null : (seen.call.answer ?? null);
}

/**
 * Canaries on both sides have shown that this appears here, and it was looked for in this call: for a count, it must have been known
 * before the call, and watched after it for as long as the slowest canary's took.
 */
function isShown(by: InnerEvidence, facts: Facts): boolean {
  const { before, after, toVoicemail, counts, startEpochMs, bye } = facts;
  const evidence = [before, after].map((each) => each?.by ?? []);
  if (!evidence.every((each) => each.includes(by))) return false;
  if (by === 'fingerprint') return facts.print !== null;
  const known = counts.findLast((count) => count.by === by && count.atEpochMs <= startEpochMs);
  if (known === undefined || !Number.isFinite(known.messages)) return false;
  const tookMs = toVoicemail.flatMap(({ call: { answer } }) =>
    (answer?.rises ?? []).filter((rise) => rise.by === by).map((rise) => rise.atEpochMs - (answer?.endedEpochMs ?? 0)),
  );
  const watchedMs = (after?.call.doneEpochMs ?? 0) - (bye?.atEpochMs ?? startEpochMs);
  if (watchedMs < Math.max(0, ...tookMs)) return false;
  return (
    by !== 'mailbox' || counts.some((count) => count.by === by && count.atEpochMs > (bye?.atEpochMs ?? startEpochMs))
  );
}

function risesSince({ counts, startEpochMs }: InnerCall, atMs: number): MessageCount[] {
  const rises = counts.filter(
    ({ before, messages, atEpochMs }) => before !== null && messages > before && atEpochMs >= startEpochMs + atMs,
  );
  return INNER_EVIDENCE.flatMap((by) => rises.find((each) => each.by === by) ?? []);
}

function riseText({ by, before, messages, atEpochMs }: MessageCount, { startEpochMs }: InnerCall): string {
  const counter = by === 'mailbox' ? 'the mailbox, which was looked into,' : by;
  const to = Number.isFinite(messages) ? String(messages) : 'some';
  return `${counter} rose from ${before} to ${to}, ${Math.round(atEpochMs - startEpochMs)} ms after the INVITE`;
}

function likenessText({ print, fields, alike }: Facts): string {
  const same = fields.filter((field) => field !== 'hungUpBy').map((field) => `${NAMES[field]} ${print?.[field]}`);
  const apart = alike
    ? 'a phone that answers looks the same here, so it is only known that none of ours did'
    : 'a phone that answers looks otherwise';
  return `no phone of ours answered, and the fingerprint of the answer is equal to the canary's: ${same.join(', ')}; ${apart}`;
}

/** null: it cannot be compared. */
function differencesFrom({ atMs }: Answer, facts: Facts): string[] | null {
  const { print, fields } = facts;
  const own = printOf(atMs, facts);
  return print === null || own === null ? null : differing(fields, print, own);
}

/** Of the one that came at that moment. */
function printOf(atMs: number, { messages, startEpochMs, callee, bye }: Facts): Fingerprint | null {
  const answer = answersToCaller(messages).find(({ atEpochMs }) => atEpochMs - startEpochMs === atMs);
  const hungUpBy = bye === undefined ? '' : bye.from === 'caller' ? 'caller' : 'server';
  return answer === undefined ? null : fingerprintOf(answer.bytes, callee, hungUpBy);
}

const nobodys = (answer: Answer): Answer => ({ ...answer, by: null, knownBy: null });

/** By its time it is a leg's; by its looks it is voice mail's and no phone's. */
function isLikeVoicemailAlone(answer: Answer, facts: Facts): boolean {
  return answer.knownBy === 'time' && !facts.alike && differencesFrom(answer, facts)?.length === 0;
}

const SAME_MOMENT_MS = 50;

/** An answer that only its time connects with a leg: that leg lasts as long as the call, or voice mail took the call from it. */
function mayBeVoicemails({ by, knownBy, atMs }: Answer, { legs, bye, startEpochMs }: Facts): string | null {
  if (knownBy !== 'time') return null;
  const byeMs = bye === undefined ? null : bye.atEpochMs - startEpochMs;
  const lasts = legs.some(
    ({ role, answered, endMs }) =>
      role === by && answered && endMs !== null && byeMs !== null && endMs >= byeMs - SAME_MOMENT_MS,
  );
  return lasts
    ? null
    : `the caller was answered ${Math.round(atMs)} ms after the INVITE, and the leg that had answered did not last until the caller hung up: voice mail may have taken the call`;
}

/** A voice mail that speaks in early media (RFC 3960) need not answer. Where calls to phones have them too, they say nothing. */
function heardBeforeAnswer({ messages, toPhones, startEpochMs }: Facts): string | null {
  const isEarly = ({ status, bytes }: WireMessage): boolean =>
    status !== null && status < 200 && bytes.includes('\nm=audio ');
  const told = messages.find((message) => message.to === 'caller' && isEarly(message));
  if (told === undefined || messages.some((message) => message.to === 'server' && isEarly(message))) return null;
  if (toPhones.some(({ call }) => call.earlyMedia === true)) return null;
  return `somebody could be heard before any answer (${told.status} with SDP, ${Math.round(told.atEpochMs - startEpochMs)} ms after the INVITE), and no phone of ours: it may have been voice mail`;
}

/** A message was counted, and nobody had answered. */
function counted(facts: Facts): string | null {
  const [rise] = risesSince(facts, 0);
  return rise === undefined
    ? null
    : `${riseText(rise, facts)}, and nobody unknown had answered the caller: it is a message of an earlier call, or voice mail took one without answering`;
}

/** Answered as voice mail answers, by a caller who spoke long enough: then a message is counted, where one of any canary was. */
function missingMessage({ answers, word, speaks, counts, toVoicemail, bye, startEpochMs }: Facts): string | null {
  const counting = new Set(toVoicemail.flatMap((each) => each.by ?? []));
  const counter = INNER_EVIDENCE.find((kind) => counting.has(kind) && counts.some(({ by }) => by === kind));
  const [answer] = answers.filter(({ by }) => by === null);
  if (!speaks || counter === undefined || answer === undefined || bye === undefined) return null;
  const talkedMs = bye.atEpochMs - startEpochMs - answer.atMs;
  return talkedMs < word.talkMs - SAME_MOMENT_MS
    ? null
    : `it looks like voice mail's, but ${counter} did not rise as it does for canaries, though the caller spoke for ${Math.round(talkedMs)} ms: no message was left, or it was somebody else`;
}

/** A server that answers first and then calls somebody: whoever took the call, it is the server's answer. */
function answeredFirst({ atMs }: Answer, { legs }: Facts): string | null {
  const called = legs.find(({ startMs }) => startMs > atMs);
  return called === undefined
    ? null
    : `the server itself answered before it called anybody (${called.role}, ${Math.round(called.startMs)} ms after the INVITE), so that the look of its answer says nothing of who took the call`;
}

function unlike(answer: Answer, facts: Facts): string | null {
  const differences = differencesFrom(answer, facts);
  return differences === null || differences.length === 0
    ? null
    : `the answer is not like a canary's to voice mail: ${differences.join(', ')}`;
}

/** What showed that a canary reached voice mail, by its own evidence and the legs that answered. */
export function evidenceOf(
  { answer, outcome }: { readonly answer?: CanaryAnswer | undefined; readonly outcome: string },
  {
    word,
    answeredElsewhere,
  }: {
    readonly word: InnerVoicemailWord;
    /** A phone of ours took it. */
    readonly answeredElsewhere: boolean;
  },
): InnerEvidence[] {
  if (outcome !== 'answered' || answer === undefined || answeredElsewhere) return [];
  const says = FIELDS.some((field) => TELLING.includes(field) && answer.fingerprint[field] !== '');
  return INNER_EVIDENCE.filter((by) =>
    by === 'fingerprint'
      ? says && word.evidence.includes(by)
      : answer.rises.some((rise) => rise.by === by) && word.evidence.includes(by),
  );
}
