/** Calls of a lab as its server tells of them: the latest, each with its first messages. */
import { isInviteRequest, type Message, methodOf, statusOf } from '../ladder/message.ts';
import { visible } from '../report/visible.ts';
import { tryParse } from '../sip/index.ts';
import type { HepAddress, HepMessage } from './hep.ts';
import type { LabState } from './told.ts';

/** Whoever keeps a lab up for a day keeps no more than these. */
const CALLS_KEPT = 20;
const MESSAGES_KEPT = 300;
/** A voice mail's note of a missed call is a call of its own here. */
const BEGINS = ['INVITE', 'MESSAGE'];

interface Call {
  readonly number: number;
  readonly callId: string;
  readonly began: Message;
  readonly startedAtEpochMs: number;
  /** Who placed it: nobody of the lab. */
  readonly caller: string;
  readonly messages: Message[];
  left: number;
  status: number | null;
}

export class LabSight {
  readonly #roleOf: (address: HepAddress) => string | null;
  readonly #calls = new Map<string, Call>();
  #count = 0;

  /** @param roleOf null: nobody of the lab */
  constructor(roleOf: (address: HepAddress) => string | null) {
    this.#roleOf = roleOf;
  }

  /** What is of no call is passed over: registrations, subscriptions, what keeps a connection open. */
  take({ atEpochMs, from, to, bytes }: HepMessage): void {
    const parsed = tryParse(bytes);
    const callId = parsed?.header('Call-ID');
    if (parsed === null || callId === undefined) return;
    const raw = {
      startLine: visible(parsed.startLine),
      cseq: visible(parsed.header('CSeq') ?? ''),
      callId: visible(callId),
      raw: bytes.toString('latin1'),
    };
    const known = this.#calls.get(callId);
    const placed = (call: Pick<Call, 'caller' | 'startedAtEpochMs'>): Message => ({
      ...raw,
      atMs: atEpochMs - call.startedAtEpochMs,
      from: this.#name(from, call.caller),
      to: this.#name(to, call.caller),
    });
    if (known !== undefined) add(known, placed(known));
    else this.#begin(callId, placed, { caller: text(from), startedAtEpochMs: atEpochMs });
  }

  /** @param look the number of a call; null, or one that is not kept: the latest */
  stateFor(look: string | null): LabState {
    const calls = [...this.#calls.values()].toReversed();
    const call = calls.find(({ number }) => String(number) === look) ?? calls[0];
    return {
      calls: calls.map(({ number, callId, began, startedAtEpochMs, status, messages, left }) => ({
        number,
        callId: visible(callId),
        began: began.startLine,
        startedAt: new Date(startedAtEpochMs).toISOString(),
        status,
        messages: messages.length + left,
      })),
      messages: call?.messages ?? [],
      left: call?.left ?? 0,
      call: call?.number ?? null,
    };
  }

  #begin(
    callId: string,
    placed: (call: Pick<Call, 'caller' | 'startedAtEpochMs'>) => Message,
    of: Pick<Call, 'caller' | 'startedAtEpochMs'>,
  ): void {
    const began = placed(of);
    if (statusOf(began) !== null || !BEGINS.includes(methodOf(began))) return;
    this.#count += 1;
    this.#calls.set(callId, { ...of, number: this.#count, callId, began, messages: [began], left: 0, status: null });
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > CALLS_KEPT && oldest !== undefined) this.#calls.delete(oldest);
  }

  /** Somebody's own softphone is told by where it is, unless it placed the call. */
  #name(address: HepAddress, caller: string): string {
    return this.#roleOf(address) ?? (text(address) === caller ? 'caller' : text(address));
  }
}

function add(call: Call, message: Message): void {
  const status = statusOf(message);
  const toCaller = message.to === call.began.from && methodOf(message) === methodOf(call.began);
  if (toCaller && status !== null && status >= 200) call.status ??= status;
  // Asked who it is, it calls once more (RFC 3261 22.2, 22.3).
  if (isInviteRequest(message) && message.from === 'caller') call.status = null;
  // Several processes of the server tell of them, each at its own pace.
  const before = call.messages.findLastIndex(({ atMs }) => atMs <= message.atMs);
  if (call.messages.length < MESSAGES_KEPT) call.messages.splice(before + 1, 0, message);
  else call.left += 1;
}

function text({ host, port }: HepAddress): string {
  return `${host}:${port}`;
}
