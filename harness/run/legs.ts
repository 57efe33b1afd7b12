import { linesNamed } from '../model/header-lines.ts';
import type { Leg } from '../model/observation.ts';
import { CALL_METHODS } from '../sip/index.ts';
import type { WireMessage } from './wire-log.ts';

/**
 * The legs of a call: every INVITE that reached an endpoint of the lab, and how it ended, read from what was on the
 * wire. `messages` are those of one call in order of time; leg times are milliseconds since `startEpochMs`.
 *
 * Messages of a call whose INVITE is not on record are a leg as well: nobody answers or acknowledges what never came.
 */
export function legsOf(messages: readonly WireMessage[], startEpochMs: number): Leg[] {
  return transactionsOf(messages)
    .map((leg) => legOf(leg, startEpochMs))
    .toSorted((a, b) => a.startMs - b.startMs);
}

/** The messages of one leg, the INVITE that began it among them where it is on record. */
interface LegMessages {
  readonly role: Leg['role'];
  readonly callId: string;
  readonly branch: string;
  readonly messages: WireMessage[];
  /** To tags that the endpoint has given itself. */
  readonly tags: Set<string | null>;
}

/** One for each INVITE transaction at an endpoint (RFC 3261 17.2.3), with what follows in its dialog. */
function transactionsOf(messages: readonly WireMessage[]): LegMessages[] {
  const legs: LegMessages[] = [];
  const byDialog = new Map<string, LegMessages[]>();
  for (const message of messages) {
    const role = message.from === 'server' ? message.to : message.from;
    if (role === 'caller' || role === 'b2bua' || role === 'server' || !CALL_METHODS.has(message.cseqMethod)) continue;
    const dialog = `${role} ${message.callId}`;
    const own = byDialog.get(dialog) ?? [];
    const leg =
      own.find(({ branch }) => branch === message.branch) ??
      (beginsLeg(message) ? undefined : (own.find(({ tags }) => tags.has(message.toTag)) ?? own.at(-1)));
    if (leg === undefined) {
      const { callId, branch } = message;
      const begun = { role, callId, branch, messages: [message], tags: new Set<string | null>() };
      addTag(begun, message);
      legs.push(begun);
      byDialog.set(dialog, [...own, begun]);
    } else {
      leg.messages.push(message);
      addTag(leg, message);
    }
  }
  return legs;
}

function addTag({ tags }: LegMessages, { status, toTag, to }: WireMessage): void {
  if (status !== null && to === 'server' && toTag !== null) tags.add(toTag);
}

/** RFC 3261 12.2.2: an INVITE with a To tag is one inside a dialog. */
function beginsLeg({ method, from, toTag }: WireMessage): boolean {
  return method === 'INVITE' && from === 'server' && toTag === null;
}

function legOf({ role, callId, messages }: LegMessages, startEpochMs: number): Leg {
  const [first] = messages as [WireMessage, ...WireMessage[]];
  const invite = messages.find(beginsLeg);
  const sent = messages.filter((message) => message.to === 'server' && message.cseqMethod === 'INVITE');
  const final = sent.find((message) => (message.status ?? 0) >= 200);
  const status = final?.status ?? null;
  const answered = status !== null && status < 300;
  const cancel = messages.find((message) => message.method === 'CANCEL');
  const bye = messages.find((message) => message.method === 'BYE');
  // A server that keeps its own answers from us passes a CANCEL on only when it has ended the INVITE by it.
  const cancelledUnseen = invite?.source === 'control' && final === undefined ? cancel : undefined;
  const end = answered ? bye : (final ?? cancelledUnseen);
  return {
    role,
    user: invite?.requestUser ?? '',
    callId,
    startMs: (invite ?? first).atEpochMs - startEpochMs,
    endMs: end === undefined ? null : end.atEpochMs - startEpochMs,
    rang: sent.some((message) => (message.status ?? 0) > 100 && (message.status ?? 0) < 200),
    answered,
    ...cancelReasons(cancel),
    result: cancelledUnseen ? 'cancelled' : resultOf(answered, cancel !== undefined, status),
    status,
  };
}

function resultOf(answered: boolean, cancelled: boolean, status: number | null): Leg['result'] {
  if (answered) return 'answered';
  if (status === null) return 'open';
  return cancelled && status === 487 ? 'cancelled' : 'refused';
}

const REASON: ReadonlySet<string> = new Set(['reason']);

/** What its CANCEL says of why, as it stood. */
export function cancelReasons(cancel: WireMessage | undefined): Pick<Leg, 'cancelReasons'> {
  const lines = cancel === undefined ? [] : linesNamed(cancel.bytes.toString('latin1'), REASON);
  return lines.length === 0 ? {} : { cancelReasons: lines };
}
