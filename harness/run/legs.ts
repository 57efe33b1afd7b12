import type { Leg } from '../model/observation.ts';
import type { WireMessage } from './wire-log.ts';

/**
 * The legs of a call: every INVITE that reached an endpoint of the lab, and how it ended, read from what was on the
 * wire. `messages` are those of one call in order of time; leg times are milliseconds since `startEpochMs`.
 */
export function legsOf(messages: readonly WireMessage[], startEpochMs: number): Leg[] {
  const dialogs = new Map<string, WireMessage[]>();
  for (const message of messages) {
    const role = message.from === 'server' ? message.to : message.from;
    if (role === 'caller') continue;
    const id = `${role} ${message.callId}`;
    const dialog = dialogs.get(id);
    if (dialog === undefined) dialogs.set(id, [message]);
    else dialog.push(message);
  }
  return [...dialogs.values()]
    .flatMap((dialog) => legOf(dialog, startEpochMs) ?? [])
    .toSorted((a, b) => a.startMs - b.startMs);
}

function legOf(dialog: readonly WireMessage[], startEpochMs: number): Leg | null {
  const invite = dialog.find((message) => message.method === 'INVITE' && message.from === 'server');
  if (invite === undefined) return null;
  const sent = dialog.filter((message) => message.to === 'server' && message.cseqMethod === 'INVITE');
  const statuses = sent.flatMap((message) => message.status ?? []);
  const final = sent.find((message) => (message.status ?? 0) >= 200);
  const status = final?.status ?? null;
  const answered = status !== null && status < 300;
  const cancel = dialog.find((message) => message.method === 'CANCEL');
  const bye = dialog.find((message) => message.method === 'BYE');
  // A server that keeps its own answers from us passes a CANCEL on only when it has ended the INVITE by it.
  const cancelledUnseen = invite.source === 'control' && final === undefined ? cancel : undefined;
  const end = answered ? bye : (final ?? cancelledUnseen);
  return {
    role: invite.to as Leg['role'],
    user: invite.requestUser,
    callId: invite.callId,
    startMs: invite.atEpochMs - startEpochMs,
    endMs: end === undefined ? null : end.atEpochMs - startEpochMs,
    rang: statuses.some((each) => each > 100 && each < 200),
    answered,
    result: cancelledUnseen ? 'cancelled' : resultOf(answered, cancel !== undefined, status),
    status,
  };
}

function resultOf(answered: boolean, cancelled: boolean, status: number | null): Leg['result'] {
  if (answered) return 'answered';
  if (status === null) return 'open';
  return cancelled && status === 487 ? 'cancelled' : 'refused';
}
